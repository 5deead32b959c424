import { strict as assert } from 'node:assert'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DomainClient } from '../../src/client/domain-client.ts'
import { chEndpoint } from '../../src/client/endpoint.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { spawnProgram } from './spawned.ts'

const MODULE = fileURLToPath(new URL('./shop-module.js', import.meta.url))

describe('amends serve with components of its own process', () => {
  it('serves them under the names of their domains, drains on SIGTERM, and leaves no name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'amends-command-'))
    try {
      const sockets = join(folder, 'sockets')
      const config = join(folder, 'amends.json')
      const content = { ledger: join(folder, 'shop.db'), listen: ['127.0.0.1:0'], sockets }
      await writeFile(config, JSON.stringify({ ...content, modules: [MODULE] }))
      await using server = spawnProgram('serve-program', '--config', config)
      await server.said('ready')
      assert.match(server.errors(), /module {2}\S+shop-module\.js/)
      const environment = { ANGZARR_MODE: 'standalone', ANGZARR_UDS_BASE: sockets }
      const endpoint = chEndpoint({ domain: 'order', environment })
      await using client = await DomainClient.connect(endpoint, { domain: 'order' })
      const created = { orderId: 'order-1', itemCount: 5 }
      await client.command('order-1').withMessage(orders.CreateOrderSchema, created).execute()
      let cancelled = 0
      while (cancelled === 0) {
        cancelled = (await client.query('order-1').events(orders.OrderCancelledSchema)).length
      }
      assert.equal(await server.end('SIGTERM'), 0)
      await server.said('drained')
      assert.ok(!existsSync(endpoint), 'the name of the domain is gone')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
