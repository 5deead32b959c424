import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { create, isMessage } from '@bufbuild/protobuf'
import { defineProjector } from '../../src/component/define-projector.ts'
import { fact } from '../../src/component/outgoing-books.ts'
import { CommandRejectedError, GRPCError } from '../../src/errors/client-error.ts'
import { codeOf } from '../../src/errors.ts'
import { SpeculateCommandHandlerRequestSchema } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { SpeculateSagaRequestSchema } from '../../src/proto/angzarr_client/proto/angzarr/saga_pb.ts'
import { EventRequestSchema } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { bookOf } from '../component/envelopes.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openShop } from '../coordinator/open-shop.ts'
import {
  compensatingOrder,
  fulfillment,
  orderAggregate,
  reserveStock,
  stock,
} from '../coordinator/shop.ts'
import { PLACES, reach } from './reached-components.ts'

for (const place of PLACES) {
  describe(`components [${place}]`, () => {
    it('decide commands on their history, and refuse with their code', async () => {
      await using reached = await reach(place, [stock])
      await using shop = await openShop(reached.components)
      const client = shop.client('inventory')
      const add = client.command('sku-1').withMessage(inventory.AddStockSchema, { quantity: 2 })
      await add.execute()
      const reserve = (orderId: string) =>
        client
          .command('sku-1')
          .withMessage(inventory.ReserveStockSchema, { orderId, quantity: 2 })
          .execute()
      await reserve('one')
      await assert.rejects(reserve('two'), (error: unknown) => {
        assert.equal(codeOf(error), 'OUT_OF_STOCK')
        assert.ok(error instanceof CommandRejectedError || error instanceof GRPCError)
        return error.isPreconditionFailed()
      })
      assert.equal((await client.query('sku-1').getPages()).length, 2)
    })

    it('answer a command once for its key', async () => {
      await using reached = await reach(place, [stock])
      await using shop = await openShop(reached.components)
      const client = shop.client('inventory')
      const add = client.command('sku-1').withMessage(inventory.AddStockSchema, { quantity: 2 })
      await add.execute()
      await add.execute()
      assert.equal((await client.query('sku-1').getPages()).length, 1)
    })

    it('react: a saga whose command is refused is compensated at its source', async () => {
      await using reached = await reach(place, [compensatingOrder(), stock, reserveStock])
      await using shop = await openShop(reached.components)
      const client = shop.client('order')
      const created = { orderId: 'order-1', itemCount: 5 }
      await client.command('order-1').withMessage(orders.CreateOrderSchema, created).execute()
      await shop.settled()
      const events = await client
        .query('order-1')
        .events(orders.OrderCreatedSchema, orders.OrderCancelledSchema)
      const cancelled = events.at(-1)?.message
      assert.ok(isMessage(cancelled, orders.OrderCancelledSchema))
      assert.equal(cancelled.reason, 'OUT_OF_STOCK|out of stock')
      assert.deepEqual(await shop.deadLetters.list(), [])
    })

    it('react: a process manager keeps a state of its own and hears of rejections', async () => {
      await using reached = await reach(place, [orderAggregate(), stock, fulfillment])
      await using shop = await openShop(reached.components)
      const client = shop.client('order')
      const created = { orderId: 'order-1', itemCount: 5 }
      await client.command('order-1').withMessage(orders.CreateOrderSchema, created).execute()
      await shop.settled()
      const notes = await client.query('order-1').events(orders.OrderNoteAddedSchema)
      assert.deepEqual(
        notes.map(({ message }) => message.note),
        ['no: out of stock'],
      )
    })

    it('project every event once and in order', async () => {
      const seen: string[] = []
      const list = defineProjector({ name: 'list', domains: ['order'] }).handles(
        orders.OrderCreatedSchema,
        ({ orderId }, { sequence }) => void seen.push(`${orderId}@${sequence}`),
      )
      await using reached = await reach(place, [orderAggregate(), list])
      await using shop = await openShop(reached.components)
      const client = shop.client('order')
      for (const orderId of ['a', 'b', 'c']) {
        await client.command(orderId).withMessage(orders.CreateOrderSchema, { orderId }).execute()
      }
      await shop.settled()
      assert.deepEqual(seen.toSorted(), ['a@0', 'b@0', 'c@0'])
    })

    if (place !== 'in process') {
      it('project the events of different streams at once, and those of one in order', async () => {
        const seen: string[] = []
        const [stored, together] = [Promise.withResolvers(), Promise.withResolvers()]
        let inside = 0
        const list = defineProjector({ name: 'list', domains: ['order'] }).handles(
          orders.OrderCreatedSchema,
          async ({ orderId }, { sequence }) => {
            if (orderId === 'first') await stored.promise
            else {
              // Nobody gets out before three are in.
              if (++inside === 3) together.resolve(undefined)
              await together.promise
            }
            seen.push(`${orderId}@${sequence}`)
          },
        )
        await using reached = await reach(place, [orderAggregate(), list])
        await using shop = await openShop(reached.components)
        const client = shop.client('order')
        const made = ['first', 'a', 'b', 'c', 'a'].map((orderId) =>
          client.command(orderId).withMessage(orders.CreateOrderSchema, { orderId }).execute(),
        )
        await Promise.all(made)
        stored.resolve(undefined)
        await shop.settled()
        assert.deepEqual(seen.toSorted(), ['a@0', 'a@1', 'b@0', 'c@0', 'first@0'])
        assert.ok(seen.indexOf('a@0') < seen.indexOf('a@1'))
      })
    }

    it('store facts as they are when nobody handles them', async () => {
      await using reached = await reach(place, [orderAggregate()])
      await using shop = await openShop(reached.components)
      const content = { orderId: 'order-9' }
      const from = { externalId: 'c-1' }
      const events = fact('order', 'order-9', orders.OrderCompletedSchema, content, from)
      const request = create(EventRequestSchema, { events })
      assert.equal((await shop.services.handleEvent(request)).events?.pages.length, 1)
      assert.equal((await shop.services.handleEvent(request)).alreadyProcessed, true)
      const stored = await shop.client('order').query('order-9').events(orders.OrderCompletedSchema)
      assert.deepEqual(
        stored.map(({ message }) => message.orderId),
        ['order-9'],
      )
    })

    it('are asked for facts when they handle them', async () => {
      const order = orderAggregate().handlesFact(orders.OrderCompletedSchema, ({ orderId }) =>
        create(orders.OrderCompletedSchema, { orderId: `${orderId} admitted` }),
      )
      await using reached = await reach(place, [order])
      await using shop = await openShop(reached.components)
      const content = { orderId: 'order-9' }
      const from = { externalId: 'c-1' }
      const events = fact('order', 'order-9', orders.OrderCompletedSchema, content, from)
      await shop.services.handleEvent(create(EventRequestSchema, { events }))
      const stored = await shop.client('order').query('order-9').events(orders.OrderCompletedSchema)
      assert.equal(stored[0]?.message.orderId, 'order-9 admitted')
    })

    it('are tried without any effect', async () => {
      await using reached = await reach(place, [orderAggregate(), stock, reserveStock])
      await using shop = await openShop(reached.components)
      const client = shop.client('order')
      const create1 = client.command('order-1').withMessage(orders.CreateOrderSchema, {})
      const point = { pointInTime: { case: 'asOfSequence' as const, value: 0 } }
      const tried = create(SpeculateCommandHandlerRequestSchema, {
        command: create1.build(),
        pointInTime: point,
      })
      const response = await client.speculative.commandHandler(tried)
      const source = bookOf('order', [create(orders.OrderCreatedSchema, { orderId: 'o' })])
      const request = create(SpeculateSagaRequestSchema, { request: { source } })
      const answer = await client.speculative.saga(request)
      assert.equal(response.events?.pages.length, 1)
      assert.equal((await client.query('order-1').getPages()).length, 0)
      assert.equal(answer.commands[0]?.cover?.domain, 'inventory')
      assert.equal((await shop.client('inventory').query('sku-1').getPages()).length, 0)
    })
  })
}
