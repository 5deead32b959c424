/** The rows that say which events refer to a payload; grouped by its hash. */
import type { Sequence } from '../../identity.ts'
import {
  type Ledger,
  type Row,
  type RowChange,
  type StreamKey,
  streamText,
} from '../../ledger/ledger.ts'
import { AngzarrDeferredSequenceSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../../wire/message-codec.ts'
import { create } from '@bufbuild/protobuf'
import { allRows } from '../all-rows.ts'
import { coverOf, streamOf } from '../cover-of.ts'
import { PAYLOADS } from '../spaces.ts'
import { hexOf, referenceIn } from './payload-reference.ts'

// A cover and a sequence: the contract has a message for that.
const places = messageCodec(AngzarrDeferredSequenceSchema)

/** Where an event stands. */
export type EventPlace = { readonly key: StreamKey; readonly sequence: Sequence }

/** A reference to a payload as it was written down. */
export type PayloadUse = EventPlace & { readonly hash: string; readonly row: Row }

/** Written in the commit that stores a reference. */
export function payloadRow(hash: string, { key, sequence }: EventPlace): RowChange {
  const value = places.encode(
    create(AngzarrDeferredSequenceSchema, { source: coverOf(key, ''), sourceSeq: sequence }),
  )
  return {
    kind: 'put',
    space: PAYLOADS,
    key: `${hash}/${streamText(key)}/${sequence}`,
    value,
    expected: 'any',
    group: hash,
  }
}

/** All that was written down about one payload, or about all of them. */
export async function* payloadUses(ledger: Ledger, hash?: string): AsyncGenerator<PayloadUse> {
  for await (const row of allRows(ledger, PAYLOADS, hash === undefined ? '' : `${hash}/`)) {
    const { source, sourceSeq } = places.decode(row.value)
    yield { hash: row.group ?? '', key: streamOf(source), sequence: sourceSeq, row }
  }
}

/** Whether the event is still there, and still refers to the payload. */
export async function isInUse(ledger: Ledger, use: Omit<PayloadUse, 'row'>): Promise<boolean> {
  const { key, sequence, hash } = use
  for await (const chunk of ledger.stream(key, { from: sequence, to: sequence })) {
    for (const { page } of chunk) {
      const reference = referenceIn(page)
      if (reference !== undefined && hexOf(reference.contentHash) === hash) return true
    }
  }
  return false
}
