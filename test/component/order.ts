// The order of the contract's scenarios.
import type { ComponentOrClass } from '../../src/component/definition-of.ts'
import { commandHandler } from '../../src/component/decorate-class.ts'
import { applies, handles, stateFactory } from '../../src/component/decorate-method.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { create } from '../../src/component/known-messages.ts'
import {
  CompleteOrderSchema,
  type CreateOrder,
  CreateOrderSchema,
  type OrderCreated,
  OrderCreatedSchema,
  type OrderState,
  OrderStateSchema,
} from '../fixtures/gen/orders_pb.ts'

/** The states that handlers saw, oldest first. */
export type Seen = OrderState[]

/** An order that handles `CreateOrder` and remembers the state it saw. */
export function orderAsClass(seen: Seen = []): ComponentOrClass {
  @commandHandler({ domain: 'order', state: OrderStateSchema })
  class Order {
    @handles(CreateOrderSchema) place({ orderId }: CreateOrder, state: OrderState) {
      seen.push({ ...state })
      return create(OrderCreatedSchema, { orderId })
    }
    @applies(OrderCreatedSchema) created(state: OrderState, _event: OrderCreated) {
      state.created = true
    }
  }
  return Order
}

/** The same as functions. */
export function orderAsFunctions(seen: Seen = []): ComponentOrClass {
  return defineAggregate({ domain: 'order', state: OrderStateSchema })
    .handles(CreateOrderSchema, ({ orderId }, state) => {
      seen.push({ ...state })
      return create(OrderCreatedSchema, { orderId })
    })
    .applies(OrderCreatedSchema, (state) => {
      state.created = true
    })
}

/** An order whose state factory says that it exists already. */
export function orderWithFactory(seen: Seen): ComponentOrClass {
  class Base {
    @stateFactory fresh() {
      return create(OrderStateSchema, { created: true })
    }
  }
  @commandHandler({ domain: 'order', state: OrderStateSchema })
  class Order extends Base {
    @handles(CreateOrderSchema) place(_command: CreateOrder, state: OrderState) {
      seen.push({ ...state })
    }
  }
  return Order
}

/** An aggregate of any domain that handles both commands. */
export function orderOf(domain: string): ComponentOrClass {
  return defineAggregate({ domain, state: OrderStateSchema })
    .handles(CreateOrderSchema, () => undefined)
    .handles(CompleteOrderSchema, () => undefined)
}
