/** What a command on `tally` may bring about: a row of a projection, and a command to another domain. */
import { create } from '@bufbuild/protobuf'
import { command } from '../src/component/outgoing-books.ts'
import { defineAggregate } from '../src/component/define-aggregate.ts'
import { defineSaga } from '../src/component/define-saga.ts'
import { protoUuidToText } from '../src/wire/uuid.ts'
import { AddedSchema, AddSchema, CounterStateSchema } from '../test/fixtures/gen/counter_pb.ts'

/** The same aggregate again, in a domain of its own. */
export const mirror = defineAggregate({
  domain: 'mirror',
  state: CounterStateSchema,
  snapshotEvery: 0,
})
  .handles(AddSchema, ({ n }) => create(AddedSchema, { n }))
  .applies(AddedSchema, (state, event) => {
    state.count += event.n
  })

/** Has the other domain count along. */
export const mirroring = defineSaga({
  name: 'mirroring',
  source: 'tally',
  target: 'mirror',
}).handles(AddedSchema, ({ n }, _, { sourceCover }) =>
  command('mirror', protoUuidToText(sourceCover?.root), AddSchema, { n }),
)
