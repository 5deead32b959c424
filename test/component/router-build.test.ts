import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { CommandHandlerRouter } from '../../src/component/command-handler-router.ts'
import { commandHandler, saga } from '../../src/component/decorate-class.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { defineUpcaster } from '../../src/component/define-upcaster.ts'
import { definitionOf } from '../../src/component/definition-of.ts'
import { BuildError } from '../../src/component/errors.ts'
import { ProcessManagerRouter } from '../../src/component/process-manager-router.ts'
import { ProjectorRouter } from '../../src/component/projector-router.ts'
import { Router } from '../../src/component/router.ts'
import { SagaRouter } from '../../src/component/saga-router.ts'
import { UpcasterRouter } from '../../src/component/upcaster-router.ts'
import { ClientError } from '../../src/errors/client-error.ts'
import {
  CreateOrderSchema,
  OrderCreatedSchema,
  OrderStateSchema,
} from '../fixtures/gen/orders_pb.ts'
import { orderAsClass, orderAsFunctions, orderOf } from './order.ts'
import {
  aggregates,
  processRouter,
  projectorRouter,
  sagaRouter,
  upcasterRouter,
} from './routers.ts'

function builds(code: string, text: RegExp, details: Readonly<Record<string, string>>) {
  return (error: unknown): true => {
    assert.ok(error instanceof BuildError && !(error instanceof ClientError), String(error))
    assert.equal(error.code, code)
    assert.match(error.message, text)
    assert.deepEqual({ ...error.details }, details)
    return true
  }
}

const process = {
  name: 'flow',
  pmDomain: 'flow',
  sources: ['order'],
  targets: ['inventory', 'fulfillment'],
  state: OrderStateSchema,
}
const sagaTo = (target: string, sync = false) =>
  defineSaga({ name: `to-${target}`, source: 'order', target, sync })

describe('Router', () => {
  test('refuses two claims on one command of one domain [client-C-0010] [client-C-0064]', () => {
    const router = new Router('shop').withHandler(orderAsClass()).withHandler(orderAsFunctions())
    const details = {
      domain: 'order',
      type_url: 'type.googleapis.com/orders.CreateOrder',
      router_name: 'shop',
    }
    assert.throws(
      () => router.build(),
      builds('DUPLICATE_COMMAND_HANDLER', /duplicate command handler/, details),
    )
  })

  test('refuses two claims within one class', () => {
    const twice = defineAggregate({ domain: 'order', state: OrderStateSchema })
      .handles(CreateOrderSchema, () => undefined)
      .handles(CreateOrderSchema, () => undefined)
    const isDuplicate = { code: 'DUPLICATE_COMMAND_HANDLER' }
    assert.throws(() => new Router('shop').withHandler(twice).build(), isDuplicate)
    assert.throws(() => definitionOf(twice), isDuplicate)
  })

  test('accepts one command in two domains [client-C-0011]', () => {
    assert.equal(aggregates(orderOf('order'), orderOf('archive')).handlerCount(), 2)
  })

  test('accepts one handler of two commands [client-C-0012]', () => {
    assert.equal(aggregates(orderOf('order')).handlerCount(), 1)
  })

  test('refuses to build nothing [client-C-0060]', () => {
    assert.throws(
      () => new Router('shop').build(),
      builds('ROUTER_NO_HANDLERS', /no handlers/, { router_name: 'shop' }),
    )
  })

  test('refuses a class without a kind by its name [client-C-0061]', () => {
    class Plain {}
    assert.throws(
      () => new Router('shop').withHandler(Plain),
      builds('HANDLER_UNKNOWN_KIND', /unknown handler kind/, {
        handler_class: 'Plain',
        handler_kind: '<undecorated>',
      }),
    )
  })

  test('makes a router of aggregates [client-C-0062]', () => {
    const router = new Router('shop').withHandler(orderOf('order')).withHandler(orderOf('archive'))
    const built = router.build()
    assert.ok(built instanceof CommandHandlerRouter)
    assert.deepEqual([built.kind, built.name, built.length], ['command_handler', 'order', 2])
  })

  test('refuses to mix kinds [client-C-0063]', () => {
    const mixed = new Router('shop').withHandler(sagaTo('inventory')).withHandler(orderOf('order'))
    assert.throws(
      () => mixed.build(),
      builds('MIXED_HANDLER_KINDS', /cannot mix/, {
        router_name: 'shop',
        handler_kind: 'command_handler',
        other_kind: 'saga',
      }),
    )
  })

  test('calls the factory of an aggregate once [client-C-0065]', () => {
    let calls = 0
    const Order = orderAsClass()
    const router = new Router('shop').withHandler(Order, () => {
      calls++
      return {}
    })
    assert.equal(calls, 0)
    router.build()
    assert.equal(calls, 1)
  })

  test('calls no factory of other kinds', () => {
    @saga({ name: 's', source: 'order', target: 'inventory' })
    class Saga {
      constructor() {
        throw new Error('made too early')
      }
    }
    assert.equal(new Router('shop').withHandler(Saga).build().length, 1)
  })

  test('makes a router of sagas of a single saga [client-C-0088]', () => {
    assert.ok(new Router('shop').withHandler(sagaTo('inventory')).build() instanceof SagaRouter)
  })

  test('makes a router of each other kind, named after its first component', () => {
    const routers = [
      processRouter(defineProcessManager(process)),
      projectorRouter(defineProjector({ name: 'orders', domains: ['*'] })),
      upcasterRouter(defineUpcaster({ name: 'prices', domain: 'price' })),
    ] as const
    assert.ok(routers[0] instanceof ProcessManagerRouter)
    assert.ok(routers[1] instanceof ProjectorRouter)
    assert.ok(routers[2] instanceof UpcasterRouter)
    const names = routers.map(({ name, kind }) => [name, kind])
    const expected = [
      ['flow', 'process_manager'],
      ['orders', 'projector'],
      ['prices', 'upcaster'],
    ]
    assert.deepEqual(names, expected)
  })

  test('refuses two appliers of one event', () => {
    const twice = defineAggregate({ domain: 'order', state: OrderStateSchema })
      .applies(OrderCreatedSchema, () => undefined)
      .applies(OrderCreatedSchema, () => undefined)
    const isDuplicate = { code: 'COMPONENT_ROLE_DUPLICATE' }
    assert.throws(() => new Router('shop').withHandler(twice).build(), isDuplicate)
    assert.throws(() => definitionOf(twice), isDuplicate)
  })
})

describe('an empty field', () => {
  const empty = [
    [defineAggregate({ domain: '', state: OrderStateSchema }), 'STRING', 'aggregate ', 'domain'],
    [defineSaga({ name: '', source: 'a', target: 'b' }), 'STRING', '', 'name'],
    [defineSaga({ name: 's', source: '', target: 'b' }), 'STRING', 's', 'source'],
    [defineSaga({ name: 's', source: 'a', target: '' }), 'STRING', 's', 'target'],
    [defineProcessManager({ ...process, name: '' }), 'STRING', '', 'name'],
    [defineProcessManager({ ...process, pmDomain: '' }), 'STRING', 'flow', 'pm_domain'],
    [defineProcessManager({ ...process, sources: [] }), 'LIST', 'flow', 'sources'],
    [defineProcessManager({ ...process, targets: [] }), 'LIST', 'flow', 'targets'],
    [defineProjector({ name: '', domains: ['*'] }), 'STRING', '', 'name'],
    [defineProjector({ name: 'p', domains: [] }), 'LIST', 'p', 'domains'],
    [defineUpcaster({ name: '', domain: 'a' }), 'STRING', '', 'name'],
    [defineUpcaster({ name: 'u', domain: '' }), 'STRING', 'u', 'domain'],
  ] as const
  for (const [component, what, label, field] of empty) {
    test(`fails the build: ${component.definition.kind} without ${field}`, () => {
      const details = { handler_class: label, field }
      const expected = builds(`HANDLER_FIELD_EMPTY_${what}`, /must be a non-empty/, details)
      assert.throws(() => new Router('shop').withHandler(component).build(), expected)
      assert.throws(() => definitionOf(component), expected)
    })
  }

  test('fails the build: a state that is no type', () => {
    const state = 'orders.OrderState' as unknown as typeof OrderStateSchema // as without types
    const components = [
      defineAggregate({ domain: 'order', state }),
      defineProcessManager({ ...process, state }),
    ]
    for (const component of components) {
      const details = { handler_class: component.definition.label, field: 'state' }
      assert.throws(
        () => new Router('shop').withHandler(component).build(),
        builds('HANDLER_STATE_NOT_TYPE', /must be a type/, details),
      )
    }
  })

  test('is reported with the class', () => {
    @commandHandler({ domain: '', state: OrderStateSchema })
    class Nameless {}
    assert.throws(
      () => definitionOf(Nameless),
      builds('HANDLER_FIELD_EMPTY_STRING', /non-empty/, {
        handler_class: 'Nameless',
        field: 'domain',
      }),
    )
  })
})

describe('the outputs of a router', () => {
  test('are the targets of its sagas, each once', () => {
    const router = sagaRouter(sagaTo('inventory', true), sagaTo('mail'), sagaTo('inventory'))
    assert.deepEqual(router.outputDomains(), ['inventory', 'mail'])
    assert.deepEqual(router.syncOutputDomains(), ['inventory'])
    assert.equal(router.hasAsyncOutputs(), true)
    assert.equal(sagaRouter(sagaTo('inventory', true)).hasAsyncOutputs(), false)
  })

  test('are the targets of its process managers', () => {
    const router = processRouter(defineProcessManager({ ...process, syncTargets: ['fulfillment'] }))
    assert.deepEqual(router.outputDomains(), ['inventory', 'fulfillment'])
    assert.deepEqual(router.syncOutputDomains(), ['fulfillment'])
    assert.equal(router.hasAsyncOutputs(), true)
    const reachable = defineProcessManager({ ...process, syncTargets: process.targets })
    assert.equal(processRouter(reachable).hasAsyncOutputs(), false)
  })

  test('are none for the other kinds', () => {
    const routers = [
      aggregates(orderOf('order')),
      projectorRouter(defineProjector({ name: 'p', domains: ['*'] })),
      upcasterRouter(defineUpcaster({ name: 'u', domain: 'a' })),
    ]
    for (const router of routers) {
      assert.deepEqual([router.outputDomains(), router.syncOutputDomains()], [[], []])
      assert.equal(router.hasAsyncOutputs(), false)
    }
  })
})
