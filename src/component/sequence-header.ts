/** Headers with an explicit sequence. */
import { create } from '@bufbuild/protobuf'
import type { Sequence } from '../identity.ts'
import {
  type EventPage,
  type PageHeader,
  PageHeaderSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'

/** A header with an explicit sequence. */
export function sequenceHeader(sequence: Sequence): PageHeader {
  return create(PageHeaderSchema, { sequenceType: { case: 'sequence', value: sequence } })
}

/** The same header with another sequence; whatever else stood in its place is gone. */
export function stampedHeader(header: PageHeader | undefined, sequence: Sequence): PageHeader {
  if (header === undefined) return sequenceHeader(sequence)
  return { ...header, sequenceType: { case: 'sequence', value: sequence } }
}

/** The explicit sequence of a page; `undefined` when it has none, or a deferred one. */
export function explicitSequence(page: EventPage): Sequence | undefined {
  const place = page.header?.sequenceType
  return place?.case === 'sequence' ? place.value : undefined
}
