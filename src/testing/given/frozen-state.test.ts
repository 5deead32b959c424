import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { defineAggregate } from '../../component/define-aggregate.ts'
import { defineProcessManager } from '../../component/define-process-manager.ts'
import { create } from '../../component/known-messages.ts'
import { command } from '../../component/outgoing-books.ts'
import * as inventory from '../../../test/fixtures/gen/inventory_pb.ts'
import * as order from '../../../test/fixtures/gen/orders_pb.ts'
import * as workflow from '../../../test/fixtures/gen/workflow_pb.ts'
import { givenAggregate } from './given-aggregate.ts'
import { givenProcessManager } from './given-process-manager.ts'

const refused = command('inventory', 'tea', inventory.ReserveStockSchema, {})
const note = create(order.OrderNoteAddedSchema, { note: 'x' })

const meddling = defineAggregate({ domain: 'order', state: order.OrderStateSchema })
  .handles(order.CreateOrderSchema, (_, state) => {
    state.created = true
  })
  .handles(order.AddOrderNoteSchema, (_, state) => {
    state.notes.push('y')
  })
  .handlesFact(order.OrderCompletedSchema, (_, state) => {
    state.completed = true
  })
  .rejected('inventory', inventory.ReserveStockSchema, (_, state) => {
    state.itemCount++
  })
  .undoes(order.CreateOrderSchema, (_, state) => {
    state.created = false
  })
  .applies(order.OrderNoteAddedSchema, (state, event) => {
    state.notes.push(event.note)
  })

const meddlingProcess = defineProcessManager({
  name: 'flow',
  pmDomain: 'flow',
  sources: ['order'],
  targets: ['inventory'],
  state: workflow.WorkflowStateSchema,
})
  .handles(order.OrderCreatedSchema, (_, state) => {
    state.completed++
  })
  .rejected('inventory', inventory.ReserveStockSchema, (_, state) => {
    state.failure = 'x'
  })

describe('a handler that changes the state it is given', () => {
  it('fails in every role, also deep inside', async () => {
    const given = givenAggregate(meddling).events(note)
    const flow = givenProcessManager(meddlingProcess)
    const outcomes = [
      () => given.when(create(order.CreateOrderSchema)),
      () => given.when(create(order.AddOrderNoteSchema)),
      () => given.whenFact(create(order.OrderCompletedSchema)),
      () => given.whenRejected(refused, 'no'),
      () => given.whenUndone(order.CreateOrderSchema),
      () => flow.when(create(order.OrderCreatedSchema)),
      () => flow.whenRejected(refused, 'no'),
    ]
    for (const outcome of outcomes) await assert.rejects(async () => outcome(), TypeError)
  })

  it('fails when the state is an object of a class with bytes and lists', async () => {
    class State {
      bytes = new Uint8Array(2)
      readonly list: { n: number }[] = [{ n: 1 }]
    }
    const classy = defineAggregate({ domain: 'order', state: State })
      .handles(order.CreateOrderSchema, (_, { list: [first] }) => {
        if (first !== undefined) first.n = 2
      })
      .handles(order.AddOrderNoteSchema, (_, { list, bytes }) =>
        create(order.OrderNoteAddedSchema, { note: `${list.length} ${bytes.length}` }),
      )
    const given = givenAggregate(classy)
    await assert.rejects(async () => given.when(create(order.CreateOrderSchema)), TypeError)
    await given
      .when(create(order.AddOrderNoteSchema))
      .thenEvents(create(order.OrderNoteAddedSchema, { note: '1 2' }))
  })
})
