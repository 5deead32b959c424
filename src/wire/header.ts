/** Page headers: where a page stands, or where it comes from and will get its place later. */
import { create } from '@bufbuild/protobuf'
import type { Sequence } from '../identity.ts'
import {
  type AngzarrDeferredSequence,
  type Cover,
  type PageHeader,
  PageHeaderSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { protoUuidToHex } from './uuid.ts'

/** The header of a page with a place: its own, or on a command the one it expects. */
export function sequenceHeader(sequence: Sequence): PageHeader {
  return create(PageHeaderSchema, { sequenceType: { case: 'sequence', value: sequence } })
}

/** The same header with another sequence; whatever else stood in its place is gone. */
export function stampedHeader(header: PageHeader | undefined, sequence: Sequence): PageHeader {
  if (header === undefined) return sequenceHeader(sequence)
  return { ...header, sequenceType: { case: 'sequence', value: sequence } }
}

/** The header of a fact from outside. `externalId` is the outside system's idempotency key. */
export function externalHeader(externalId: string, description = ''): PageHeader {
  const value = { externalId, description }
  return create(PageHeaderSchema, { sequenceType: { case: 'externalDeferred', value } })
}

/** The header of what a saga or process manager emits: the event that triggered it. */
export function angzarrHeader(source: Cover, sourceSeq: Sequence): PageHeader {
  const value = { source, sourceSeq }
  return create(PageHeaderSchema, { sequenceType: { case: 'angzarrDeferred', value } })
}

/** The place a header names; `undefined` when it defers that, or there is no header. */
export function sequenceOf(header: PageHeader | undefined): Sequence | undefined {
  return header?.sequenceType.case === 'sequence' ? header.sequenceType.value : undefined
}

/** Whether the place is given later. */
export function isDeferred(header: PageHeader | undefined): boolean {
  const kind = header?.sequenceType.case
  return kind === 'externalDeferred' || kind === 'angzarrDeferred'
}

/**
 * The key by which peers of generation A recognise a repeated command of a saga or process manager
 * (Angzarr client: `idempotency_key`): `{edition}:{domain}:{root in hexadecimal}:{source sequence}`.
 * `undefined` without a source. Two commands of one trigger share it, so the engine's own keys say
 * more.
 */
export function deferredKey(deferred: AngzarrDeferredSequence): string | undefined {
  const { source, sourceSeq } = deferred
  if (source === undefined) return undefined
  const edition = source.edition?.name ?? ''
  return `${edition}:${source.domain}:${protoUuidToHex(source.root)}:${sourceSeq}`
}
