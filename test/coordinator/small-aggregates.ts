/** Aggregates that show one thing each. */
import { create } from '@bufbuild/protobuf'
import { type Aggregate, defineAggregate } from '../../src/component/define-aggregate.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import * as baskets from '../fixtures/gen/baskets_pb.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'

/** Told whenever a handler of a counter runs; may throw in its place. */
export type Witness = (command: string, sequence: number) => void

/** Counts; refuses an increase by nothing; does nothing when it is touched. */
export function counting(seen: Witness = () => undefined): Aggregate<counters.CounterState> {
  return defineAggregate({ domain: 'counter', state: counters.CounterStateSchema })
    .handles(counters.AddSchema, ({ n }, _, sequence) => {
      seen('Add', sequence)
      return create(counters.AddedSchema, { n })
    })
    .handles(counters.IncreaseBySchema, ({ n }, _, sequence) => {
      seen('IncreaseBy', sequence)
      if (n === 0) throw CommandRejectedError.invalidArgument('NOTHING', 'nothing to increase by')
      return Array.from({ length: n }, () => create(counters.IncreasedSchema))
    })
    .handles(counters.TouchSchema, (_, __, sequence) => {
      seen('Touch', sequence)
      return undefined
    })
    .handles(counters.FailHardSchema, ({ text }, _, sequence) => {
      seen('FailHard', sequence)
      throw new Error(text)
    })
    .applies(counters.AddedSchema, (state, { n }) => {
      state.count += n
    })
    .applies(counters.IncreasedSchema, (state) => {
      state.count += 1
    })
}

/** A counter nobody watches. */
export const counter: Aggregate<counters.CounterState> = counting()

/** A set of fruits: what is there already is not added again. */
export const basket: Aggregate<baskets.BasketState> = defineAggregate({
  domain: 'basket',
  state: baskets.BasketStateSchema,
})
  .handles(baskets.AddFruitSchema, ({ name }, { fruits }) =>
    fruits.includes(name) ? undefined : create(baskets.FruitAddedSchema, { name }),
  )
  .applies(baskets.FruitAddedSchema, (state, { name }) => {
    state.fruits.push(name)
  })
