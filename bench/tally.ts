/** The smallest honest load: a counter in an aggregate, kept by this bench alone. */
import { create } from '@bufbuild/protobuf'
import { defineAggregate } from '../src/component/define-aggregate.ts'
import { defineProjector } from '../src/component/define-projector.ts'
import {
  type Add,
  AddedSchema,
  AddSchema,
  CounterStateSchema,
} from '../test/fixtures/gen/counter_pb.ts'

/** Adds, and counts what was added. */
export const tally = defineAggregate({
  domain: 'tally',
  state: CounterStateSchema,
  snapshotEvery: 0,
})
  .handles(AddSchema, ({ n }: Add) => create(AddedSchema, { n }))
  .applies(AddedSchema, (state, event) => {
    state.count += event.n
  })

/** Reads along; keeps nothing but one row. */
export const total = defineProjector({ name: 'total', domains: ['tally'] }).handles(
  AddedSchema,
  async (event, { projection }) => {
    await projection.rows(CounterStateSchema).update('total', (row) => {
      row.count += event.n
    })
  },
)

export { AddedSchema, AddSchema }
