/** Covers on the wire, and the stream keys behind them. */
import { create } from '@bufbuild/protobuf'
import { codedError } from '../errors.ts'
import { bytesOfRoot, rootOfBytes } from '../identity.ts'
import type { StreamKey } from '../ledger/ledger.ts'
import { type Cover, CoverSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { checkEdition } from './plan-names.ts'

/** The cover of a stream. */
export function coverOf(key: StreamKey, correlationId: string): Cover {
  const root = { value: bytesOfRoot(key.root) }
  const { domain, edition } = key
  return edition === ''
    ? create(CoverSchema, { domain, root, correlationId })
    : create(CoverSchema, { domain, root, correlationId, edition: { name: edition } })
}

/**
 * The stream a cover names.
 *
 * @throws CodedError `REQUEST_INCOMPLETE` without cover or root, `ROOT_INVALID`, `EDITION_INVALID`
 */
export function streamOf(cover: Cover | undefined): StreamKey {
  if (cover === undefined) throw codedError('REQUEST_INCOMPLETE', { details: { field: 'cover' } })
  if (cover.root === undefined) {
    throw codedError('REQUEST_INCOMPLETE', { details: { field: 'cover.root' } })
  }
  return {
    domain: cover.domain,
    edition: checkEdition(cover.edition?.name ?? ''),
    root: rootOfBytes(cover.root.value),
  }
}
