import { strict as assert } from 'node:assert'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DomainClient } from '../../src/client/domain-client.ts'
import { grpcStatusOf } from '../../src/errors/client-error.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { spawnProgram } from './spawned.ts'

const MODULE = fileURLToPath(new URL('./shop-module.js', import.meta.url))
const CALLERS = 32
const ANSWERS_BEFORE_THE_END = 200

describe('amends serve, told to end under load', () => {
  it('answers every call that it let in, has stored what it answered, and ends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'amends-drained-'))
    try {
      const [config, socket] = [join(folder, 'amends.json'), join(folder, 'coordinator.sock')]
      const path = join(folder, 'shop.db')
      await writeFile(config, JSON.stringify({ ledger: path, listen: [socket], modules: [MODULE] }))
      await using server = spawnProgram('serve-program', '--config', config)
      await server.said('ready')
      await using client = await DomainClient.connect(socket, { domain: 'order' })
      const answered = new Set<string>()
      const failures = new Set<string>()
      let next = 0
      let ending: Promise<number | undefined> | undefined
      const caller = async (): Promise<void> => {
        for (;;) {
          const orderId = `order-${next++}`
          const command = client.command(orderId).withMessage(orders.CreateOrderSchema, { orderId })
          try {
            await command.execute()
          } catch (error) {
            failures.add(grpcStatusOf(error))
            return
          }
          answered.add(orderId)
          if (answered.size === ANSWERS_BEFORE_THE_END) ending = server.end('SIGTERM')
        }
      }
      await Promise.all(Array.from({ length: CALLERS }, caller))
      assert.equal(await ending, 0)
      assert.deepEqual([...failures], ['UNAVAILABLE'])
      // What was refused is not there: neither lost nor half done.
      assert.equal(await storedOrders(path), answered.size)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

async function storedOrders(path: string): Promise<number> {
  await using ledger = await openLedger(path)
  let count = 0
  for await (const keys of ledger.streams({ domain: 'order' })) count += keys.length
  return count
}
