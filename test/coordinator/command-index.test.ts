import assert from 'node:assert/strict'
import { create } from '@bufbuild/protobuf'
import { defineSaga } from '../../src/component/define-saga.ts'
import { command } from '../../src/component/outgoing-books.ts'
import {
  CommandRequestSchema,
  CompensateSchema,
  NotificationSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../src/wire/any.ts'
import { newCover } from '../../src/wire/cover.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openShop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { createOrder } from './shop-commands.ts'
import { orderAggregate, stock } from './shop.ts'
import { rowsOf, storedEvents } from './stored-events.ts'
import { twice as test } from './twice.ts'

test('each command of a trigger carries its place among them [client-R-NEW]', async () => {
  const indexes: number[] = []
  const order = orderAggregate().rejected(
    'inventory',
    inventory.ReserveStockSchema,
    (_, __, { commandBook }) => {
      const place = commandBook.pages[0]?.header?.sequenceType
      if (place?.case === 'angzarrDeferred') indexes.push(place.value.commandIndex)
      return undefined
    },
  )
  const three = defineSaga({ name: 'three', source: 'order', target: 'inventory' }).handles(
    orders.OrderCreatedSchema,
    ({ orderId }) =>
      ['a', 'b', 'c'].map((sku) =>
        command('inventory', sku, inventory.ReserveStockSchema, { orderId, sku, quantity: 1 }),
      ),
  )
  await using shop = await openShop([order, stock, three])
  await createOrder(shop, 'order-1')
  await shop.settled()
  assert.deepEqual(indexes.sort(), [0, 1, 2])
  assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
})

test('the undo of a command that has none is refused, and nothing is stored [client-R-NEW]', async () => {
  await using shop = await openShop([orderAggregate(), stock])
  const cover = newCover({ domain: 'inventory', root: 'sku-1' })
  const commandType = inventory.AddStockSchema.typeName
  const compensate = create(CompensateSchema, { commandType, sequences: [0], reason: 'why not' })
  const notification = create(NotificationSchema, {
    cover,
    payload: packAny(CompensateSchema, compensate),
  })
  const source = newCover({ domain: 'order', root: 'order-1' })
  const request = create(CommandRequestSchema, {
    command: {
      cover,
      pages: [
        {
          header: {
            sequenceType: {
              case: 'angzarrDeferred',
              value: { source, sourceSeq: 0, sourceComponent: 'three', commandIndex: 0 },
            },
          },
          payload: { case: 'command', value: packAny(NotificationSchema, notification) },
        },
      ],
    },
  })
  const { code, grpcStatus } = await refusalOf(shop.services.handleCompensation(request))
  assert.deepEqual([code, grpcStatus], ['NO_UNDO_HANDLER', 'UNIMPLEMENTED'])
  assert.deepEqual(await storedEvents(shop.ledger), [])
})
