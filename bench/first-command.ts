/** A program as a user writes it: opens a coordinator, sends one command, and leaves at once. */
import { create, defineAggregate } from 'amends'
import { openCoordinator } from 'amends/coordinator'
import { AddedSchema, AddSchema, CounterStateSchema } from '../test/fixtures/gen/counter_pb.ts'

const counter = defineAggregate({ domain: 'counter', state: CounterStateSchema })
  .handles(AddSchema, ({ n }) => create(AddedSchema, { n }))
  .applies(AddedSchema, (state, event) => {
    state.count += event.n
  })

const coordinator = await openCoordinator({ ledger: process.argv[2] ?? '', components: [counter] })
await coordinator.client('counter').command('a').withMessage(AddSchema, { n: 1 }).execute()
process.exit(0)
