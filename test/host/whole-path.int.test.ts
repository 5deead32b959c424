import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DomainClient } from '../../src/client/domain-client.ts'
import { openChannel } from '../../src/client/grpc/open-channel.ts'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import { CommandHandlerService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { unpackAny } from '../../src/wire/any.ts'
import {
  AddItemSchema,
  CreateOrderSchema,
  ItemAddedSchema,
  OrderCreatedSchema,
} from '../fixtures/gen/orders_pb.ts'
import { bookOf, commandRequest, make } from '../component/envelopes.ts'
import { openShop } from '../coordinator/open-shop.ts'
import { orderAggregate } from '../coordinator/shop.ts'
import { coordinatorServices } from './served-coordinator.ts'
import { serve, serveComponents, socketFolder } from './serving.ts'

const createOrder = make(CreateOrderSchema, { orderId: 'o-1' })

describe('an aggregate behind gRPC', () => {
  it('decides over TCP on the history it is sent', async () => {
    await using host = await serveComponents([orderAggregate()])
    const client = serviceClient(CommandHandlerService, host.channel)
    const history = bookOf('order', [make(OrderCreatedSchema, { orderId: 'o-1' })])
    const command = make(AddItemSchema, { sku: 'pear', quantity: 2 })
    const { result } = await client.handle(commandRequest('order', command, history))
    assert.equal(result.case, 'events')
    const [page] = result.value.pages
    assert.deepEqual(page?.header?.sequenceType, { case: 'sequence', value: 1 })
    assert.ok(page.payload.case === 'event')
    assert.equal(unpackAny(ItemAddedSchema, page.payload.value).sku, 'pear')
  })

  it('decides over a Unix socket', async () => {
    await using folder = await socketFolder()
    const address = `unix:${join(folder.path, 'orders.sock')}`
    await using host = await serveComponents([orderAggregate()], { address })
    await using channel = await openChannel(join(folder.path, 'orders.sock'))
    const client = serviceClient(CommandHandlerService, channel)
    const { result } = await client.handle(commandRequest('order', createOrder))
    assert.equal(host.server.transport, 'uds')
    assert.equal(result.case, 'events')
  })
})

describe('a coordinator behind gRPC', () => {
  it('carries out what our client sends and shows it what it stored', async () => {
    await using shop = await openShop([orderAggregate()])
    const direct = shop.client('order')
    await using host = await serve(
      coordinatorServices({
        handleCommand: (request, options) => direct.commandHandler.handleCommand(request, options),
        getEventBook: (query, options) => direct.getEventBook(query, options),
        getEvents: (query, options) => direct.query.streamEvents(query, options),
      }),
    )
    await using client = await DomainClient.connect(host.endpoint, { domain: 'order' })
    await client.command('o-1').withMessage(CreateOrderSchema, { orderId: 'o-1' }).execute()
    const add = client.command('o-1').withMessage(AddItemSchema, { sku: 'pear', quantity: 1 })
    await add.withSequence(1).execute()
    const pages = await client.query('o-1').getPages()
    assert.equal(pages.length, 2)
    const books = await client.query('o-1').getEvents()
    assert.equal(books[0]?.nextSequence, 2)
  })
})
