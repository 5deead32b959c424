/** A component's progress as a row of the ledger. */
import { create } from '@bufbuild/protobuf'
import type { Row, RowChange } from '../ledger/ledger.ts'
import { ProgressSchema } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import type { ProgressRecord } from './progress.ts'
import { PROGRESS } from './spaces.ts'

const codec = messageCodec(ProgressSchema)

/** The change that writes it down. */
export function putProgress(component: string, record: ProgressRecord): RowChange {
  const message = create(ProgressSchema, {
    low: BigInt(record.low),
    doneFrom: record.done.map(({ from }) => BigInt(from)),
    doneTo: record.done.map(({ to }) => BigInt(to)),
  })
  return {
    kind: 'put',
    space: PROGRESS,
    key: component,
    value: codec.encode(message),
    expected: 'any',
  }
}

/** Reads it back. */
export function progressOf(row: Row): ProgressRecord {
  const { low, doneFrom, doneTo } = codec.decode(row.value)
  return {
    low: Number(low),
    done: doneFrom.map((from, index) => ({
      from: Number(from),
      to: Number(doneTo[index] ?? from),
    })),
  }
}
