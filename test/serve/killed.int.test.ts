import { strict as assert } from 'node:assert'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DomainClient } from '../../src/client/domain-client.ts'
import { GRPCError } from '../../src/errors/client-error.ts'
import { codeOf } from '../../src/errors.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { spawnProgram } from './spawned.ts'

const COMPONENTS = [
  { kind: 'aggregate', domain: 'order' },
  { kind: 'aggregate', domain: 'inventory' },
  { kind: 'saga', name: 'order-fulfillment', source: 'order', target: 'inventory' },
]
const ORDERS = 120
const STOCK = 80
const WORKERS = 8

type Place = AsyncDisposable & { readonly config: string; readonly socket: string }

async function place(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'amends-killed-'))
  const [config, socket] = [join(folder, 'amends.json'), join(folder, 'coordinator.sock')]
  const content = { ledger: join(folder, 'shop.db'), listen: [socket], components: COMPONENTS }
  await writeFile(config, JSON.stringify(content))
  return {
    config,
    socket,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

const TRIES_MAX = 3_000

/** Sends a command until somebody has answered it. */
async function untilAnswered(send: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await send()
      return
    } catch (error) {
      const gone =
        error instanceof GRPCError && ['UNAVAILABLE', 'CANCELLED'].includes(error.grpcCode)
      const isAway = gone || codeOf(error) === 'CONNECTION_FAILED'
      // A server that does not come back is not waited for.
      if (!isAway || tries === TRIES_MAX) throw error
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

describe('amends serve, killed under load with its components in another process', () => {
  it('loses nothing it has acknowledged, and nothing takes effect twice', async () => {
    await using where = await place()
    await using components = spawnProgram('components-program', where.socket)
    await components.said('dialling')
    let server = spawnProgram('serve-program', '--config', where.config)
    await server.said('ready')
    try {
      const options = {
        grpcOptions: {
          'grpc.max_reconnect_backoff_ms': 50,
          'grpc.initial_reconnect_backoff_ms': 20,
        },
      }
      await using client = await DomainClient.connect(where.socket, options)
      const add = client.commandHandler
        .command('inventory', 'sku-1')
        .withMessage(inventory.AddStockSchema, { sku: 'sku-1', quantity: STOCK })
      await untilAnswered(() => add.execute())
      const acknowledged = new Set<string>()
      let next = 0
      const worker = async (): Promise<void> => {
        for (;;) {
          const orderId = `order-${next++}`
          if (next > ORDERS) return
          const command = client.commandHandler
            .command('order', orderId)
            .withMessage(orders.CreateOrderSchema, { orderId, itemCount: 1 })
          await untilAnswered(() => command.execute())
          acknowledged.add(orderId)
        }
      }
      const working = Promise.all(Array.from({ length: WORKERS }, worker))
      for (const at of [ORDERS / 4, ORDERS / 2]) {
        while (acknowledged.size < at) await new Promise((resolve) => setTimeout(resolve, 2))
        assert.equal(await server.end('SIGKILL'), undefined)
        server = spawnProgram('serve-program', '--config', where.config)
        await server.said('ready')
      }
      await working
      assert.equal(acknowledged.size, ORDERS)
      const ended = await outcomes(client)
      assert.deepEqual(ended, { created: ORDERS, reserved: STOCK, cancelled: ORDERS - STOCK })
      assert.equal(await server.end('SIGTERM'), 0)
      await server.said('drained')
    } finally {
      await server[Symbol.asyncDispose]()
    }
  })
})

type Outcomes = {
  readonly created: number
  readonly reserved: number
  readonly cancelled: number
}

/** What has become of the orders, once everyone has ended. */
async function outcomes(client: DomainClient): Promise<Outcomes> {
  for (;;) {
    const all = { created: 0, reserved: 0, cancelled: 0 }
    for (let n = 0; n < ORDERS; n++) {
      const events = await client.query
        .query('order', `order-${n}`)
        .events(orders.OrderCreatedSchema, orders.OrderCancelledSchema)
      for (const { message } of events) {
        if (message.$typeName === orders.OrderCreatedSchema.typeName) all.created++
        else all.cancelled++
      }
    }
    const stock = await client.query
      .query('inventory', 'sku-1')
      .events(inventory.StockReservedSchema)
    all.reserved = stock.length
    if (all.reserved + all.cancelled >= all.created) return all
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
