/** Places in a stream: on pages, and behind the last one. */
import { create } from '@bufbuild/protobuf'
import type { Sequence } from '../identity.ts'
import {
  type EventBook,
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

/**
 * The sequence behind a book: as its sender says, or else behind its last numbered page, or else
 * behind its snapshot, or else 0.
 */
export function nextSequenceOf(book: EventBook | undefined): Sequence {
  if (book === undefined) return 0
  if (book.nextSequence !== 0) return book.nextSequence
  const last = book.pages.findLast((page) => explicitSequence(page) !== undefined)
  const known = last === undefined ? book.snapshot?.sequence : explicitSequence(last)
  return known === undefined ? 0 : known + 1
}
