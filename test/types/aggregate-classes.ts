// Command handlers written as classes.
import { create } from '../../src/component/known-messages.ts'
import { commandHandler } from '../../src/component/decorate-class.ts'
import {
  applies,
  handles,
  handlesFact,
  rejected,
  stateFactory,
  undoes,
} from '../../src/component/decorate-method.ts'
import type {
  CommandContext,
  FactContext,
  Rejection,
  Undo,
} from '../../src/component/handler-context.ts'
import { command } from '../../src/component/outgoing-books.ts'
import type { Notification } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as order from '../fixtures/gen/orders_pb.ts'

const created = { orderId: 'o-1' }

@commandHandler({ domain: 'order', state: order.OrderStateSchema, supportsReplay: true })
export class Good {
  helper(text: string, count: number) {
    return text.length + count
  }
  @handles(order.CreateOrderSchema)
  place(
    cmd: order.CreateOrder,
    state: order.OrderState,
    sequence: number,
    context: CommandContext,
  ) {
    if (state.created) throw new Error(`${context.correlationId} at ${sequence}`)
    return create(order.OrderCreatedSchema, { orderId: cmd.orderId })
  }
  @handles(order.CompleteOrderSchema)
  async complete(cmd: order.CompleteOrder) {
    await Promise.resolve()
    return [
      create(order.OrderCompletedSchema, { orderId: cmd.orderId }),
      create(order.OrderCancelledSchema),
    ]
  }
  @handles(order.CancelOrderSchema) cancel(cmd: order.CancelOrder) {
    if (cmd.reason === '') throw new Error('no')
  }
  @handlesFact(order.OrderCancelledSchema)
  cancelled(event: order.OrderCancelled, _state: order.OrderState, context: FactContext) {
    return context.sequence > 0 ? event : undefined
  }
  @applies(order.OrderCreatedSchema)
  created(state: order.OrderState, _event: order.OrderCreated) {
    state.created = true
  }
  @applies(order.OrderCompletedSchema)
  completed(state: order.OrderState, _event: order.OrderCompleted): order.OrderState {
    return { ...state, completed: true }
  }
  @rejected('inventory', inventory.ReserveStockSchema)
  soldOut(
    _: Notification,
    _state: order.OrderState,
    rejection: Rejection<typeof inventory.ReserveStockSchema>,
  ) {
    return create(order.OrderCancelledSchema, { reason: rejection.command.sku })
  }
  @rejected('inventory', 'ReleaseStock')
  kept(_: Notification, _state: order.OrderState, { reason }: Rejection) {
    return reason === '' ? undefined : []
  }
  @undoes(order.CreateOrderSchema)
  undo(_: Notification, _state: order.OrderState, { reason }: Undo) {
    return create(order.OrderCancelledSchema, { reason })
  }
}

class Tally {
  count = 0
}

@commandHandler({ domain: 'order', state: Tally })
export class GoodWithClass {
  @stateFactory fresh() {
    return new Tally()
  }
  @handles(order.CreateOrderSchema)
  place(cmd: order.CreateOrder, state: Tally) {
    return state.count > 0 ? undefined : create(order.OrderCreatedSchema, { orderId: cmd.orderId })
  }
  @applies(order.OrderCreatedSchema) created(state: Tally, _event: order.OrderCreated) {
    state.count++
  }
}

export class WrongMessage {
  @handles(order.CreateOrderSchema) // error TS1241
  place(cmd: order.CancelOrder) {
    return create(order.OrderCreatedSchema, { orderId: cmd.reason })
  }
}

@commandHandler({ domain: 'order', state: order.OrderStateSchema }) // error TS1238
export class WrongState {
  @handles(order.CreateOrderSchema)
  place(_cmd: order.CreateOrder, _state: inventory.StockState) {
    return create(order.OrderCreatedSchema, created)
  }
}

@commandHandler({ domain: 'order', state: order.OrderStateSchema }) // error TS1238
export class WrongResult {
  @handles(order.CreateOrderSchema) place(_cmd: order.CreateOrder) {
    return created
  }
}

@commandHandler({ domain: 'order', state: order.OrderStateSchema }) // error TS1238
export class CommandInsteadOfEvent {
  @handles(order.CreateOrderSchema) place(_cmd: order.CreateOrder) {
    return command('inventory', 'tea', inventory.ReserveStockSchema, {})
  }
}

@commandHandler({ domain: 'order', state: order.OrderStateSchema }) // error TS1238
export class WrongApplierState {
  @applies(order.OrderCreatedSchema)
  created(_state: inventory.StockState, _event: order.OrderCreated) {}
}

@commandHandler({ domain: 'order', state: Tally }) // error TS1238
export class WrongApplierClass {
  @applies(order.OrderCreatedSchema) created(_state: Date, _event: order.OrderCreated) {}
}

@commandHandler({ domain: 'order', state: order.OrderStateSchema }) // error TS1238
export class AsynchronousApplier {
  @applies(order.OrderCreatedSchema)
  async created(state: order.OrderState, _event: order.OrderCreated) {
    await Promise.resolve()
    state.created = true
  }
}

@commandHandler({ domain: 'order', state: order.OrderStateSchema }) // error TS1238
export class WrongSequence {
  @handles(order.CreateOrderSchema)
  place(_cmd: order.CreateOrder, _state: order.OrderState, _sequence: string) {}
}

@commandHandler({ domain: 'order', state: order.OrderStateSchema }) // error TS1238
export class WrongContext {
  @handles(order.CreateOrderSchema)
  place(_cmd: order.CreateOrder, _state: order.OrderState, _seq: number, _context: Date) {}
}

@commandHandler({ domain: 'order', state: order.OrderStateSchema }) // error TS1238
export class TooManyParameters {
  @handles(order.CreateOrderSchema)
  place(
    _cmd: order.CreateOrder,
    _state: order.OrderState,
    _sequence: number,
    _context: CommandContext,
    _more: number,
  ) {}
}

export class WrongApplierEvent {
  @applies(order.OrderCreatedSchema) // error TS1241
  created(_state: order.OrderState, _event: order.OrderCompleted) {}
}

export class WrongFactContext {
  @handlesFact(order.OrderCancelledSchema) // error TS1241
  cancelled(_event: order.OrderCancelled, _state: order.OrderState, _context: number) {}
}

export class Hidden {
  @handles(order.CreateOrderSchema) #place(_cmd: order.CreateOrder) {} // error TS1241
  @handles(order.CancelOrderSchema) private cancel(_cmd: order.CancelOrder) {} // error TS1241
  @handles(order.CompleteOrderSchema) static complete(_cmd: order.CompleteOrder) {} // error TS1241
  use() {
    this.#place(create(order.CreateOrderSchema))
    this.cancel(create(order.CancelOrderSchema))
  }
}

export class WrongInit {
  @handles(order.OrderCreatedSchema) reserve(_event: order.OrderCreated) {
    return command('inventory', 'tea', inventory.ReserveStockSchema, { skew: 'tea' }) // error TS2353
  }
}

export class WrongRejection {
  @rejected('inventory', inventory.ReserveStockSchema) // error TS1241
  no(_n: Notification, _s: order.OrderState, _r: { command: order.CreateOrder }) {}
}

@commandHandler({ domain: 'order', state: order.OrderStateSchema }) // error TS1238
export class WrongRejectionState {
  @rejected('inventory', inventory.ReserveStockSchema)
  no(_n: Notification, _s: inventory.StockState) {}
}

@commandHandler({ domain: 'order', state: order.OrderStateSchema }) // error TS1238
export class WrongRejectionResult {
  @rejected('inventory', inventory.ReserveStockSchema)
  no(_n: Notification, _s: order.OrderState) {
    return 'no'
  }
}

@commandHandler({ domain: 'order', state: order.CreateOrderSchema.typeName }) // error TS2322
export class StateByName {}

@commandHandler({ domain: 'order' }) // error TS2741
export class NoState {}

@commandHandler({ domain: 'order', state: Tally, replay: true }) // error TS2353
export class UnknownOption {}

export class OnAField {
  @handles(order.CreateOrderSchema) place = 1 // error TS1240
}
