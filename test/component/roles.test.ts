import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { commandHandler } from '../../src/component/decorate-class.ts'
import { applies, handles, stateFactory } from '../../src/component/decorate-method.ts'
import {
  definitionOf,
  type ComponentOrClass,
  readDefinition,
} from '../../src/component/definition-of.ts'
import { create } from '../../src/component/known-messages.ts'
import {
  CancelOrderSchema,
  CompleteOrderSchema,
  type CreateOrder,
  CreateOrderSchema,
  OrderCompletedSchema,
  type OrderCreated,
  OrderCreatedSchema,
  type OrderState,
  OrderStateSchema,
} from '../fixtures/gen/orders_pb.ts'
import { commandRequest, make, outline } from './envelopes.ts'
import { aggregates } from './routers.ts'

const options = { domain: 'order', state: OrderStateSchema }

/** Role and method of each entry, in order. */
function rolesOf(component: ComponentOrClass): readonly string[] {
  return readDefinition(component).entries.map(({ role, name }) => `${role} ${name}`)
}

const log: string[] = []

/** Puts another function in the place of a method. */
function logged<This, Args extends unknown[], Result>(
  value: (this: This, ...args: Args) => Result,
  context: ClassMethodDecoratorContext<This>,
): (this: This, ...args: Args) => Result {
  return function (...args) {
    log.push(String(context.name))
    return value.apply(this, args)
  }
}

/** Leaves the method as it is. */
function noted(_value: unknown, _context: ClassMethodDecoratorContext): void {}

async function eventsOf(component: ComponentOrClass): Promise<readonly string[]> {
  const { result } = await aggregates(component).dispatch(
    commandRequest('order', make(CreateOrderSchema)),
  )
  assert.equal(result.case, 'events')
  return outline('pages' in result.value ? result.value.pages : []).map(([name]) => name)
}

describe('roles', () => {
  test('stand in the order of declaration', () => {
    @commandHandler(options)
    class Order {
      @handles(CompleteOrderSchema) zebra() {}
      @applies(OrderCreatedSchema) created(_state: OrderState, _event: OrderCreated) {}
      helper() {}
      @handles(CreateOrderSchema) alpha() {}
    }
    assert.deepEqual(rolesOf(Order), ['handles zebra', 'applies created', 'handles alpha'])
  })

  test('survive a decorator inside that replaces the method', async () => {
    log.length = 0
    @commandHandler(options)
    class Order {
      @handles(CreateOrderSchema)
      @logged
      place(_command: CreateOrder) {
        return create(OrderCreatedSchema)
      }
    }
    assert.deepEqual(await eventsOf(Order), ['orders.OrderCreated'])
    assert.deepEqual(log, ['place'])
  })

  test('survive a decorator outside that replaces the method', async () => {
    log.length = 0
    @commandHandler(options)
    class Order {
      @logged
      @handles(CreateOrderSchema)
      place(_command: CreateOrder) {
        return create(OrderCreatedSchema)
      }
    }
    assert.deepEqual(await eventsOf(Order), ['orders.OrderCreated'])
    assert.deepEqual(log, ['place'])
  })

  test('survive replacements on both sides of every method', () => {
    @commandHandler(options)
    class Order {
      @logged @handles(CreateOrderSchema) @logged place() {}
      @noted @logged @handles(CompleteOrderSchema) complete() {}
      @logged @stateFactory fresh() {
        return create(OrderStateSchema)
      }
    }
    assert.deepEqual(rolesOf(Order), ['handles place', 'handles complete', 'stateFactory fresh'])
  })

  test('survive replacements in a base class that is no component', () => {
    class Base {
      @logged @handles(CreateOrderSchema) place() {}
      @logged @handles(CompleteOrderSchema) complete() {}
    }
    class Stranger {
      place() {}
      complete() {}
    }
    @commandHandler(options)
    class Order extends Base {}
    @commandHandler(options)
    class Other extends Stranger {}
    assert.deepEqual(rolesOf(Other), [])
    assert.deepEqual(rolesOf(Order), ['handles place', 'handles complete'])
  })

  test('survive when only some methods of a base class are replaced', () => {
    class Base {
      @handles(CreateOrderSchema) place() {}
      @logged @handles(CompleteOrderSchema) complete() {}
    }
    class Sibling {
      @handles(CreateOrderSchema) complete() {}
      @logged @handles(CancelOrderSchema) place() {}
    }
    @commandHandler(options)
    class Order extends Base {}
    @commandHandler(options)
    class Other extends Sibling {}
    const typesOf = (component: ComponentOrClass) =>
      readDefinition(component).entries.map((entry) => 'schema' in entry && entry.schema.name)
    assert.deepEqual(typesOf(Order), ['CreateOrder', 'CompleteOrder'])
    assert.deepEqual(typesOf(Other), ['CreateOrder', 'CancelOrder'])
  })

  test('of a class do not leak to the next one', () => {
    class Base {
      @logged @handles(CreateOrderSchema) place() {}
    }
    @commandHandler(options)
    class Order {
      @handles(CompleteOrderSchema) complete() {}
      place() {}
    }
    @commandHandler(options)
    class Derived extends Base {}
    assert.deepEqual(rolesOf(Order), ['handles complete'])
    assert.deepEqual(rolesOf(Derived), ['handles place'])
  })

  test('are kept apart when one decorator serves two classes', () => {
    const placing = handles(CreateOrderSchema)
    const order = commandHandler(options)
    @order
    class One {
      @placing place() {}
    }
    @order
    class Two {
      place() {}
      @placing start() {}
    }
    assert.deepEqual(rolesOf(One), ['handles place'])
    assert.deepEqual(rolesOf(Two), ['handles start'])
  })

  test('are refused twice on a method even with a replacement between them', () => {
    const twice = () => {
      class Order {
        @handles(CreateOrderSchema)
        @logged
        @applies(OrderCreatedSchema)
        place() {}
      }
      return Order
    }
    assert.throws(twice, { code: 'DECORATOR_ROLE_TAKEN' })
  })

  test('are inherited, the base class first', () => {
    class Base {
      @handles(CreateOrderSchema) place() {}
    }
    @commandHandler(options)
    class Order extends Base {
      @handles(CompleteOrderSchema) complete() {}
    }
    assert.deepEqual(rolesOf(Order), ['handles place', 'handles complete'])
  })

  test('of a base are hidden by a method of the subclass', () => {
    class Base {
      @handles(CreateOrderSchema) place() {}
      @handles(CompleteOrderSchema) complete() {}
    }
    @commandHandler(options)
    class Order extends Base {
      override place() {}
      @handles(CancelOrderSchema) override complete() {}
    }
    const [entry, ...rest] = definitionOf(Order).entries
    assert.ok(entry?.role === 'handles')
    assert.deepEqual([entry.name, entry.schema.name, rest], ['complete', 'CancelOrder', []])
  })

  test('of a component are those of its subclasses', () => {
    @commandHandler(options)
    class Order {
      @handles(CreateOrderSchema) place() {}
    }
    class Special extends Order {
      @handles(CompleteOrderSchema) complete() {}
    }
    assert.deepEqual(rolesOf(Special), ['handles place', 'handles complete'])
    assert.deepEqual(rolesOf(Order), ['handles place'])
  })

  test('call the method of the instance that a factory made', async () => {
    @commandHandler(options)
    class Order {
      @handles(CreateOrderSchema) place(_command: CreateOrder) {
        return create(OrderCreatedSchema)
      }
    }
    class Double extends Order {
      // What a test puts in the place of the real thing.
      override place = () => create(OrderCompletedSchema) as unknown as OrderCreated
    }
    const definition = { ...definitionOf(Order), create: () => new Double() }
    assert.deepEqual(await eventsOf(definition), ['orders.OrderCompleted'])
  })

  test('may stand in a class without any other', () => {
    @commandHandler(options)
    class Order {}
    assert.deepEqual(rolesOf(Order), [])
  })
})
