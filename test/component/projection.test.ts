import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { projector } from '../../src/component/decorate-class.ts'
import { handles } from '../../src/component/decorate-method.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import type { ProjectionContext } from '../../src/component/handler-context.ts'
import { type ProjectionStore, typedRows } from '../../src/component/projection-store.ts'
import { ProjectorRouter } from '../../src/component/projector-router.ts'
import { Router } from '../../src/component/router.ts'
import {
  EventBookSchema,
  ProjectionSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as counter from '../fixtures/gen/counter_pb.ts'
import {
  OrderCompletedSchema,
  type OrderCreated,
  OrderCreatedSchema,
  OrderStateSchema,
} from '../fixtures/gen/orders_pb.ts'
import { projectors } from './counter.ts'
import { bookOf, corruptPage, make, pagesOf } from './envelopes.ts'
import { coded } from './has-code.ts'
import { projectorRouter, requireRouter } from './routers.ts'

const created = (orderId = 'o-1') => make(OrderCreatedSchema, { orderId })

/** A projector that writes down what it is told. */
function telling(name: string, domains: readonly string[], told: string[]) {
  return defineProjector({ name, domains }).handles(OrderCreatedSchema, async ({ orderId }) => {
    await Promise.resolve()
    told.push(`${name} ${orderId}`)
  })
}

for (const index of [0, 1]) {
  const tally = { count: 0 }
  const { spelling, component } = projectors(tally)[index] ?? assert.fail()
  describe(`the counter projector ${spelling}`, () => {
    const router = projectorRouter(component)
    const increased = (n: number) => Array.from({ length: n }, () => make(counter.IncreasedSchema))

    test('folds every event [client-R-PROJ-1]', async () => {
      for (const n of [1, 3, 5]) {
        tally.count = 0
        await router.dispatch(bookOf('counter', increased(n)))
        assert.equal(tally.count, n)
      }
    })

    test('folds nothing of another domain [client-R-PROJ-2]', async () => {
      tally.count = 0
      await router.dispatch(bookOf('billing', increased(2)))
      assert.equal(tally.count, 0)
    })

    test('folds nothing of a book without a cover, which only wildcards follow [client-R-PROJ-3]', async () => {
      tally.count = 0
      const told: string[] = []
      const pages = [...pagesOf(increased(1)), ...pagesOf([created()])]
      await projectorRouter(component, telling('all', ['*'], told)).dispatch(
        create(EventBookSchema, { pages }),
      )
      assert.deepEqual([tally.count, told], [0, ['all o-1']])
    })
  })
}

describe('projector dispatch', () => {
  test('runs both projectors of a domain once per event [client-C-0015]', async () => {
    const told: string[] = []
    const router = projectorRouter(telling('a', ['order'], told), telling('b', ['order'], told))
    await router.dispatch(bookOf('order', [created('1'), created('2')]))
    assert.deepEqual(told, ['a 1', 'b 1', 'a 2', 'b 2'])
  })

  test('calls the handler for each of three events [client-C-0030]', async () => {
    const told: string[] = []
    await projectorRouter(telling('a', ['order'], told)).dispatch(
      bookOf('order', [created('1'), created('2'), created('3')]),
    )
    assert.deepEqual(told, ['a 1', 'a 2', 'a 3'])
  })

  test('skips unknown types and goes on [client-C-0031]', async () => {
    const told: string[] = []
    const book = bookOf('order', [created('1'), make(OrderCompletedSchema), created('2')])
    book.pages.splice(1, 0, corruptPage('unknown.Type'))
    await projectorRouter(telling('a', ['order'], told)).dispatch(book)
    assert.deepEqual(told, ['a 1', 'a 2'])
  })

  test('calls nothing for a domain nobody declared [client-C-0032]', async () => {
    const told: string[] = []
    await projectorRouter(telling('a', ['order'], told)).dispatch(bookOf('stock', [created()]))
    assert.deepEqual(told, [])
  })

  test('shows all events of a dispatch to one instance [client-C-0086]', async () => {
    const instances = new Set<object>()
    let calls = 0
    let made = 0
    @projector({ name: 'orders', domains: ['order'] })
    class Orders {
      constructor() {
        made++
      }
      @handles(OrderCreatedSchema) created(_event: OrderCreated) {
        instances.add(this)
        calls++
      }
    }
    @projector({ name: 'idle', domains: ['order'] })
    class Idle {
      constructor() {
        made++
      }
    }
    const router = projectorRouter(Orders, Idle)
    const five = Array.from({ length: 5 }, () => created())
    await router.dispatch(bookOf('order', five))
    assert.deepEqual([calls, instances.size, made], [5, 1, 1])
    await router.dispatch(bookOf('order', five))
    assert.deepEqual([calls, instances.size, made], [10, 2, 2])
  })

  test('answers with a copy of the cover and the next sequence', async () => {
    const book = bookOf('order', [created()], 4)
    const answer = await projectorRouter(telling('a', ['stock'], [])).dispatch(book)
    assert.ok(book.cover)
    const expected = create(ProjectionSchema, { cover: book.cover, sequence: 5 })
    assert.deepEqual(answer, expected)
    assert.notEqual(answer.cover, book.cover)
  })

  test('tells the handler where the event stands and whether it is a try', async () => {
    const told: ProjectionContext[] = []
    const watching = defineProjector({ name: 'a', domains: ['order'] }).handles(
      OrderCreatedSchema,
      (_event, context) => {
        told.push(context)
      },
    )
    const router = projectorRouter(watching)
    const book = bookOf('order', [created()], 3)
    const [page] = book.pages
    if (page !== undefined)
      page.createdAt = { $typeName: 'google.protobuf.Timestamp', seconds: 2n, nanos: 5 }
    await router.dispatch(book)
    await router.dispatchSpeculative(book)
    assert.deepEqual(
      told.map(({ sequence, correlationId, createdAt, speculative, cover }) => [
        sequence,
        correlationId,
        createdAt,
        speculative,
        cover === book.cover,
      ]),
      [
        [3, 'corr-1', 2_000_000_005n, false, true],
        [3, 'corr-1', 2_000_000_005n, true, true],
      ],
    )
  })

  test('refuses malformed bytes of a type it knows', async () => {
    const book = bookOf('order', [])
    book.pages.push(corruptPage('orders.OrderCreated'))
    await assert.rejects(
      projectorRouter(telling('a', ['order'], [])).dispatch(book),
      coded('ANY_DECODE_FAILED'),
    )
  })
})

describe('rows of a projector', () => {
  const counting = defineProjector({ name: 'a', domains: ['order'] }).handles(
    OrderCreatedSchema,
    async ({ orderId }, { projection }) => {
      await projection.rows(OrderStateSchema).update(orderId, (row) => {
        row.itemCount++
      })
    },
  )

  test('are refused where there is no store', async () => {
    await assert.rejects(
      projectorRouter(counting).dispatch(bookOf('order', [created()])),
      coded('PROJECTION_UNAVAILABLE'),
    )
  })

  test('are read and written as messages', async () => {
    const bytes = new Map<string, Uint8Array>()
    const projection: ProjectionStore = {
      get: async (key) => Promise.resolve(bytes.get(key)),
      put: (key, value) => void bytes.set(key, value),
      delete: (key) => void bytes.delete(key),
      rows: (schema) => typedRows(projection, schema),
    }
    const router = requireRouter(
      ProjectorRouter,
      new Router('test', { projection }).withHandler(counting).build(),
    )
    await router.dispatch(bookOf('order', [created('1'), created('2'), created('1')]))
    const rows = projection.rows(OrderStateSchema)
    assert.equal((await rows.get('1'))?.itemCount, 2)
    assert.equal((await rows.get('2'))?.itemCount, 1)
    await rows.update('2', () => make(OrderStateSchema, { itemCount: 9 }))
    assert.equal((await rows.get('2'))?.itemCount, 9)
    rows.delete('2')
    assert.equal(await rows.get('2'), undefined)
  })
})
