import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import {
  commandHandler,
  processManager,
  projector,
  saga,
  upcaster,
} from '../../src/component/decorate-class.ts'
import {
  applies,
  handles,
  handlesFact,
  rejected,
  stateFactory,
  undoes,
  upcasts,
} from '../../src/component/decorate-method.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { definitionOf, handlerConfig } from '../../src/component/definition-of.ts'
import { create } from '../../src/component/known-messages.ts'
import {
  OrderCreatedSchema,
  OrderStateSchema,
  CreateOrderSchema,
} from '../fixtures/gen/orders_pb.ts'
import { PriceSetV1Schema, type PriceSetV1, PriceSetV2Schema } from '../fixtures/gen/versions_pb.ts'
import { coded } from './has-code.ts'

/** Calls a function as a program without types does. */
function untyped(call: unknown, ...args: readonly unknown[]): unknown {
  assert.ok(typeof call === 'function')
  return Reflect.apply(call, undefined, args)
}

const process = {
  name: 'flow',
  pmDomain: 'flow',
  sources: ['order'],
  targets: ['inventory'],
  state: OrderStateSchema,
}

describe('a declaration', () => {
  const missing = [
    ['an aggregate without state [client-C-0070]', commandHandler, { domain: 'order' }, 'state'],
    ['an aggregate without domain', commandHandler, { state: OrderStateSchema }, 'domain'],
    ['a saga without target [client-C-0071]', saga, { name: 's', source: 'order' }, 'target'],
    [
      'a process manager without its domain [client-C-0072]',
      processManager,
      { ...process, pmDomain: undefined },
      'pm_domain',
    ],
    [
      'a process manager without sources [client-C-0073]',
      processManager,
      { ...process, sources: undefined },
      'sources',
    ],
    [
      'a process manager without targets [client-C-0074]',
      processManager,
      { ...process, targets: undefined },
      'targets',
    ],
    ['a projector without domains [client-C-0075]', projector, { name: 'p' }, 'domains'],
    ['an upcaster without name', upcaster, { domain: 'price' }, 'name'],
  ] as const
  for (const [title, decorator, options, field] of missing) {
    test(`refuses ${title}`, () => {
      assert.throws(
        () => untyped(decorator, options),
        (error) => {
          assert.ok(coded('COMPONENT_OPTION_INVALID')(error))
          assert.ok(error instanceof Error && 'details' in error)
          assert.equal(Reflect.get(Object(error.details), 'field'), field)
          return true
        },
      )
    })
  }

  test('refuses a class of two kinds, and one whose base is a component [client-C-0076]', () => {
    const asSaga = () => saga({ name: 's', source: 'order', target: 'inventory' })
    assert.throws(
      () => {
        @asSaga()
        @commandHandler({ domain: 'order', state: OrderStateSchema })
        class Both {}
        return Both
      },
      coded('DECORATOR_KIND_TAKEN', { handler_class: 'Both', handler_kind: 'saga' }),
    )
    assert.throws(
      () => {
        @asSaga()
        class Base {}
        @asSaga()
        class Derived extends Base {}
        return Derived
      },
      coded('DECORATOR_KIND_TAKEN', { handler_class: 'Derived', handler_kind: 'saga' }),
    )
  })

  test('refuses a method of two roles [client-C-0077]', () => {
    assert.throws(
      () => {
        class Twice {
          @handles(CreateOrderSchema) @applies(OrderCreatedSchema) both() {}
        }
        return Twice
      },
      coded('DECORATOR_ROLE_TAKEN', { field: 'both' }),
    )
  })

  test('refuses sync targets that are no targets', () => {
    const options = { ...process, syncTargets: ['mail'] }
    const expected = coded('COMPONENT_OPTION_INVALID', {
      handler_kind: 'process_manager',
      field: 'sync_targets',
      input: 'mail',
    })
    assert.throws(() => processManager(options), expected)
    assert.throws(() => defineProcessManager(options), expected)
  })

  test('refuses a cadence of snapshots that is no count', () => {
    for (const snapshotEvery of [-1, 0.5, Number.NaN]) {
      const options = { domain: 'order', state: OrderStateSchema, snapshotEvery }
      assert.throws(() => defineAggregate(options), { code: 'COMPONENT_OPTION_INVALID' })
    }
  })

  test('of functions refuses a missing option, too', () => {
    assert.throws(() => untyped(defineAggregate, { domain: 'order' }), {
      code: 'COMPONENT_OPTION_INVALID',
    })
  })
})

describe('a decorator called the legacy way', () => {
  const method = { value: () => undefined }
  const calls: readonly [string, () => unknown][] = [
    ['handles', () => untyped(handles(CreateOrderSchema), {}, 'place', method)],
    ['handlesFact', () => untyped(handlesFact(OrderCreatedSchema), {}, 'place', method)],
    ['applies', () => untyped(applies(OrderCreatedSchema), {}, 'place', method)],
    ['rejected', () => untyped(rejected('stock', 'Reserve'), {}, 'place', method)],
    ['undoes', () => untyped(undoes(CreateOrderSchema), {}, 'place', method)],
    ['upcasts', () => untyped(upcasts(PriceSetV1Schema, PriceSetV2Schema), {}, 'place', method)],
    ['stateFactory', () => untyped(stateFactory, {}, 'place', method)],
    [
      'commandHandler',
      () => untyped(commandHandler({ domain: 'o', state: OrderStateSchema }), Object),
    ],
    ['saga', () => untyped(saga({ name: 's', source: 'a', target: 'b' }), Object)],
    ['processManager', () => untyped(processManager(process), Object)],
    ['projector', () => untyped(projector({ name: 'p', domains: ['*'] }), Object)],
    ['upcaster', () => untyped(upcaster({ name: 'u', domain: 'a' }), Object)],
  ]
  for (const [name, call] of calls) {
    test(`says what to change: ${name}`, () => {
      assert.throws(call, (error) => {
        assert.ok(coded('DECORATOR_LEGACY')(error))
        assert.match(String(Reflect.get(Object(error), 'hint')), /experimentalDecorators/)
        return true
      })
    })
  }
})

describe('a misplaced decorator', () => {
  const context = { kind: 'method', name: 'place', static: false, private: false }
  const places = [
    { ...context, kind: 'getter' },
    { ...context, kind: 'class' },
    { ...context, static: true },
    { ...context, private: true },
  ]
  for (const place of places) {
    test(`is refused on ${place.static ? 'static ' : ''}${place.private ? 'private ' : ''}${place.kind}`, () => {
      const call = () => untyped(handles(CreateOrderSchema), () => undefined, place)
      assert.throws(call, coded('DECORATOR_MISPLACED'))
    })
  }
})

describe('handlerConfig', () => {
  test('reads back kind and domain of an aggregate [client-C-0121]', () => {
    @commandHandler({ domain: 'order', state: OrderStateSchema, snapshotEvery: 5 })
    class Order {}
    const expected = {
      kind: 'command_handler',
      domain: 'order',
      state: OrderStateSchema,
      supportsReplay: false,
      snapshotEvery: 5,
    }
    assert.deepEqual(handlerConfig(Order), expected)
    const functions = defineAggregate({
      domain: 'order',
      state: OrderStateSchema,
      snapshotEvery: 5,
    })
    assert.deepEqual(handlerConfig(functions), expected)
  })

  test('reads back name, source and target of a saga [client-C-0122]', () => {
    @saga({ name: 'stock', source: 'order', target: 'inventory' })
    class Stock {}
    const expected = {
      kind: 'saga',
      name: 'stock',
      source: 'order',
      target: 'inventory',
      sync: false,
    }
    assert.deepEqual(handlerConfig(Stock), expected)
  })

  test('accepts an upcaster with name and domain [client-C-0123] [client-C-0126]', () => {
    @upcaster({ name: 'prices', domain: 'price' })
    class Prices {}
    assert.deepEqual(handlerConfig(Prices), { kind: 'upcaster', name: 'prices', domain: 'price' })
  })

  test('reads back the defaults of process managers and projectors', () => {
    @processManager(process)
    class Flow {}
    @projector({ name: 'p', domains: ['order'] })
    class Shown {}
    assert.deepEqual(handlerConfig(Flow), { kind: 'process_manager', ...process, syncTargets: [] })
    const expected = { kind: 'projector', name: 'p', domains: ['order'], editions: [] }
    assert.deepEqual(handlerConfig(Shown), expected)
  })

  test('refuses a class without a kind', () => {
    assert.throws(() => handlerConfig(class Plain {}), { code: 'HANDLER_UNKNOWN_KIND' })
  })
})

describe('an upcaster', () => {
  test('declares a rule from one type to another [client-C-0124]', () => {
    @upcaster({ name: 'prices', domain: 'price' })
    class Prices {
      @upcasts(PriceSetV1Schema, PriceSetV2Schema) second({ sku }: PriceSetV1) {
        return create(PriceSetV2Schema, { sku })
      }
    }
    const [entry, ...rest] = definitionOf(Prices).entries
    assert.ok(entry?.role === 'upcasts')
    assert.deepEqual([entry.from, entry.to, rest], [PriceSetV1Schema, PriceSetV2Schema, []])
  })

  test('may have a state factory [client-C-0125]', () => {
    @upcaster({ name: 'prices', domain: 'price' })
    class Prices {
      @stateFactory fresh() {
        return {}
      }
    }
    assert.deepEqual(
      definitionOf(Prices).entries.map(({ role }) => role),
      ['stateFactory'],
    )
  })
})
