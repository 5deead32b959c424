/** Components of every kind for the tests of the scenarios. */
import { delegateToFramework } from '../../component/compensation.ts'
import {
  commandHandler,
  processManager,
  projector,
  saga,
  upcaster,
} from '../../component/decorate-class.ts'
import { applies, handles, rejected, upcasts } from '../../component/decorate-method.ts'
import { defineAggregate } from '../../component/define-aggregate.ts'
import { defineProcessManager } from '../../component/define-process-manager.ts'
import { defineProjector } from '../../component/define-projector.ts'
import { defineSaga } from '../../component/define-saga.ts'
import { defineUpcaster } from '../../component/define-upcaster.ts'
import type { Destinations } from '../../component/destinations.ts'
import type { ProjectionContext, Rejection } from '../../component/handler-context.ts'
import {
  ProcessManagerResponse,
  RejectionHandlerResponse,
  SagaHandlerResponse,
} from '../../component/handler-responses.ts'
import { create } from '../../component/known-messages.ts'
import { command, fact } from '../../component/outgoing-books.ts'
import { CommandRejectedError } from '../../errors/client-error.ts'
import {
  type Notification,
  NotificationSchema,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as inventory from '../../../test/fixtures/gen/inventory_pb.ts'
import * as order from '../../../test/fixtures/gen/orders_pb.ts'
import * as versions from '../../../test/fixtures/gen/versions_pb.ts'
import * as workflow from '../../../test/fixtures/gen/workflow_pb.ts'

const refuseSecond = () =>
  CommandRejectedError.preconditionFailed('ORDER_EXISTS', 'there is one already', { tries: 2 })

/** An order as functions. */
export const orders = defineAggregate({ domain: 'order', state: order.OrderStateSchema })
  .handles(order.CreateOrderSchema, ({ orderId, itemCount }, state, sequence, { time }) => {
    if (state.created) throw refuseSecond()
    if (itemCount === 99) throw new TypeError('a mistake in the handler')
    const customerId = `${sequence} at ${time}`
    return create(order.OrderCreatedSchema, { orderId, itemCount, customerId })
  })
  .handles(order.CompleteOrderSchema, () => undefined)
  .handlesFact(order.OrderCompletedSchema, ({ orderId }, state, { sequence, externalId }) =>
    create(order.OrderNoteAddedSchema, {
      note: `${orderId} ${state.created} ${sequence} ${externalId}`,
    }),
  )
  .applies(order.OrderCreatedSchema, (state, { itemCount }) => {
    state.created = true
    state.itemCount = itemCount
  })
  .applies(order.OrderNoteAddedSchema, (state, { note }) => {
    state.notes.push(note)
  })
  .rejected('inventory', inventory.ReserveStockSchema, (_, state, { reason, code, command: no }) =>
    create(order.OrderCancelledSchema, {
      reason: `${no.sku}: ${reason} (${code}) ${state.created}`,
    }),
  )
  .rejected('inventory', inventory.AddStockSchema, () =>
    delegateToFramework('nobody knows', { escalate: true }),
  )
  .undoes(order.CreateOrderSchema, (_, state, { reason, sequences }) =>
    create(order.OrderCancelledSchema, {
      reason: `${reason} ${sequences.join()} of ${state.itemCount}`,
    }),
  )

/** The same as a class, in part. */
@commandHandler({ domain: 'order', state: order.OrderStateSchema })
export class Order {
  @handles(order.CreateOrderSchema) place(
    { orderId, itemCount }: order.CreateOrder,
    state: order.OrderState,
  ) {
    if (state.created) throw refuseSecond()
    return create(order.OrderCreatedSchema, { orderId, itemCount })
  }
  @applies(order.OrderCreatedSchema) placed(state: order.OrderState, event: order.OrderCreated) {
    state.created = true
    state.itemCount = event.itemCount
  }
}

const reserve = (orderId: string) =>
  command('inventory', 'tea', inventory.ReserveStockSchema, { orderId, sku: 'tea' })
const added = (quantity: number) =>
  fact('inventory', 'tea', inventory.StockAddedSchema, { sku: 'tea', quantity })

/** A saga as functions. */
export const reserving = defineSaga({ name: 'reserving', source: 'order', target: 'inventory' })
  .handles(order.OrderCreatedSchema, ({ orderId, itemCount }, to, { sourceEvents }) => {
    if (itemCount === 0) return undefined
    const earlier = sourceEvents.pages.length - 1
    return new SagaHandlerResponse({
      commands: [to.stampCommand(reserve(orderId), 'inventory')],
      events: earlier === 0 ? [] : [added(earlier)],
    })
  })
  .handles(order.OrderCompletedSchema, () => {
    throw CommandRejectedError.notFound('NO_STOCK', 'there is no stock')
  })
  .rejected('inventory', inventory.ReserveStockSchema, (_, { reason, command: no }) =>
    fact('order', no.orderId, order.OrderCancelledSchema, { reason }),
  )

/** The same as a class, in part. */
@saga({ name: 'reserving', source: 'order', target: 'inventory' })
export class Reserving {
  @handles(order.OrderCreatedSchema) reserve({ orderId }: order.OrderCreated, to: Destinations) {
    return to.stampCommand(reserve(orderId), 'inventory')
  }
}

const flow = {
  name: 'flow',
  pmDomain: 'flow',
  sources: ['order', 'inventory'],
  targets: ['inventory'],
  state: workflow.WorkflowStateSchema,
}

/** A process manager as functions. */
export const fulfilment = defineProcessManager(flow)
  .handles(order.OrderCreatedSchema, ({ orderId }, { completed }, to, { sourceSeq }) => {
    const stepped = create(workflow.StepCompletedSchema, { step: `${completed}/${sourceSeq}` })
    return new ProcessManagerResponse({
      processEvents: [stepped],
      commands: [to.stampCommand(reserve(orderId), 'inventory')],
      facts: [added(completed)],
    })
  })
  .handles(inventory.StockAddedSchema, () => undefined)
  .applies(workflow.StepCompletedSchema, (state, { step }) => {
    state.completed++
    state.steps.push(step)
  })
  .rejected('inventory', inventory.ReserveStockSchema, (_, state, { reason }) =>
    state.completed === 0
      ? new RejectionHandlerResponse({ notification: create(NotificationSchema) })
      : create(workflow.WorkflowFailedSchema, { reason }),
  )

/** The same as a class, in part. */
@processManager(flow)
export class Fulfilment {
  @handles(order.OrderCreatedSchema) start(_: order.OrderCreated, state: workflow.WorkflowState) {
    const step = `${state.completed}`
    return new ProcessManagerResponse({
      processEvents: [create(workflow.StepCompletedSchema, { step })],
    })
  }
  @applies(workflow.StepCompletedSchema)
  completed(state: workflow.WorkflowState, _event: workflow.StepCompleted) {
    state.completed++
  }
  @rejected('inventory', inventory.ReserveStockSchema)
  soldOut(_: Notification, __: workflow.WorkflowState, { reason }: Rejection) {
    return create(workflow.WorkflowFailedSchema, { reason })
  }
}

/** A projector as functions: a row per order, and one that goes away. */
export const overview = defineProjector({ name: 'overview', domains: ['order'] })
  .handles(order.OrderCreatedSchema, async ({ orderId }, { projection, sequence }) => {
    await projection.rows(order.OrderStateSchema).update(orderId, (row) => {
      row.created = true
      row.itemCount = sequence
    })
  })
  .handles(order.OrderCancelledSchema, ({ reason }, { projection }) => projection.delete(reason))

/** The same as a class, in part. */
@projector({ name: 'overview', domains: ['*'] })
export class Overview {
  @handles(order.OrderCreatedSchema)
  created({ orderId }: order.OrderCreated, { projection }: ProjectionContext) {
    projection.rows(order.OrderStateSchema).put(orderId, create(order.OrderStateSchema))
  }
}

/** An upcaster as functions, of two types. */
export const prices = defineUpcaster({ name: 'prices', domain: 'price' })
  .upcasts(versions.PriceSetV1Schema, versions.PriceSetV2Schema, ({ sku, price }) =>
    create(versions.PriceSetV2Schema, { sku, priceCents: price * 100 }),
  )
  .upcasts(versions.PriceSetV2Schema, versions.PriceSetV3Schema, ({ sku, priceCents }) =>
    create(versions.PriceSetV3Schema, { sku, priceCents, currency: 'EUR' }),
  )

/** The same as a class, in part. */
@upcaster({ name: 'prices', domain: 'price' })
export class Prices {
  @upcasts(versions.PriceSetV1Schema, versions.PriceSetV2Schema)
  second({ sku, price }: versions.PriceSetV1) {
    return create(versions.PriceSetV2Schema, { sku, priceCents: price * 100 })
  }
}
