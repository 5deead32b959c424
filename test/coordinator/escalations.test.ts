import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { delegateToFramework } from '../../src/component/compensation.ts'
import type { Component } from '../../src/component/definition.ts'
import type { Escalation, EscalationSender } from '../../src/coordinator/escalation.ts'
import type { Write } from '../../src/ledger/ledger.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openMortalShop } from './mortal-shop.ts'
import { openShop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { createOrder } from './shop-commands.ts'
import { orderAggregate, reserveStock, stock } from './shop.ts'
import { rowsOf, storedEvents, streamKey } from './stored-events.ts'
import { until } from './until.ts'

/** A shop whose order wants a human to be told when it cannot reserve its stock. */
function alerting(): readonly Component[] {
  const order = orderAggregate().rejected('inventory', inventory.ReserveStockSchema, () =>
    delegateToFramework('call somebody', { escalate: true }),
  )
  return [order, stock, reserveStock]
}

const isEscalated = ({ rows = [] }: Write): boolean =>
  rows.some(({ space, kind }) => space === 'escalation' && kind === 'put')

describe('a failed compensation that is escalated', () => {
  test('is sent once, with what failed and why, and is recorded as well', async () => {
    const sent: Escalation[] = []
    const escalate: EscalationSender = (escalation) => {
      sent.push(escalation)
      return Promise.resolve('sent')
    }
    await using shop = await openShop(alerting(), { escalate })
    await createOrder(shop, 'order-1')
    await shop.settled()
    await until(async () => (await rowsOf(shop.ledger, 'escalation')).length === 0)
    const [escalation] = sent
    assert.equal(sent.length, 1)
    assert.deepEqual(
      [escalation?.sourceDomain, escalation?.sourceSeq, escalation?.rejectionReason],
      ['order', 0, 'out of stock'],
    )
    assert.equal(escalation?.compensationReason, 'call somebody')
    assert.equal(escalation?.sourceRootId, streamKey('order', 'order-1').root.replaceAll('-', ''))
    assert.equal((await storedEvents(shop.ledger, 'angzarr-saga-failures')).length, 1)
  })

  test('is tried three times, then given up without failing anything', async () => {
    let tries = 0
    const logged: string[] = []
    const escalate: EscalationSender = () => {
      tries++
      return Promise.reject(new Error('nobody answers'))
    }
    const log = (_: string, event: string): unknown => logged.push(event)
    await using shop = await openShop(alerting(), { escalate, log })
    await createOrder(shop, 'order-1')
    await shop.settled()
    await until(() => logged.includes('escalation_not_sent'))
    assert.equal(tries, 3)
    await until(async () => (await rowsOf(shop.ledger, 'escalation')).length === 0)
  })

  test('that is refused is not sent again', async () => {
    let tries = 0
    const escalate: EscalationSender = () => {
      tries++
      return Promise.resolve('refused')
    }
    await using shop = await openShop(alerting(), { escalate })
    await createOrder(shop, 'order-1')
    await shop.settled()
    await until(async () => tries > 0 && (await rowsOf(shop.ledger, 'escalation')).length === 0)
    assert.equal(tries, 1)
  })

  test('is sent by the next process when the first one dies after it was written down', async () => {
    await using folder = await ledgerFolder()
    const first = await openMortalShop(alerting(), {
      folder,
      death: 'after',
      fatal: isEscalated,
      escalate: () => Promise.reject(new Error('it is dead')),
    })
    await createOrder(first, 'order-1')
    await first.death
    await first.bury()
    const sent: Escalation[] = []
    const escalate: EscalationSender = (escalation) => {
      sent.push(escalation)
      return Promise.resolve('sent')
    }
    await using shop = await openShop(alerting(), { folder, escalate })
    await until(async () => (await rowsOf(shop.ledger, 'escalation')).length === 0)
    assert.equal(sent.length, 1)
  })

  for (const kind of ['before', 'done-but-reported-failed'] as const) {
    test(`is sent once when the commit that writes it down fails: ${kind}`, async () => {
      const sent: Escalation[] = []
      const escalate: EscalationSender = (escalation) => {
        sent.push(escalation)
        return Promise.resolve('sent')
      }
      await using shop = await openFaultyShop(alerting(), { escalate })
      let failed = false
      shop.faulty.failAt((write) => {
        const fails = !failed && isEscalated(write)
        failed ||= fails
        return fails
      }, kind)
      await createOrder(shop, 'order-1')
      await shop.settled()
      await until(
        async () => sent.length > 0 && (await rowsOf(shop.ledger, 'escalation')).length === 0,
      )
      assert.ok(failed)
      assert.equal(sent.length, 1)
    })
  }

  test('is posted to the address in the options, and posted again after a 500', async () => {
    const bodies: unknown[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      request.on('end', () => {
        bodies.push(JSON.parse(body))
        response.writeHead(bodies.length === 1 ? 500 : 204).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = server.address() as AddressInfo
      const escalationWebhookUrl = `http://127.0.0.1:${port}/alarm`
      await using shop = await openShop(alerting(), { escalationWebhookUrl })
      await createOrder(shop, 'order-1')
      await shop.settled()
      await until(
        async () => bodies.length === 2 && (await rowsOf(shop.ledger, 'escalation')).length === 0,
      )
      const body = bodies[1] as Record<string, unknown>
      assert.deepEqual(Object.keys(body), [
        'source_domain',
        'source_root_id',
        'source_seq',
        'rejection_reason',
        'compensation_reason',
        'correlation_id',
        'occurred_at',
      ])
      assert.equal(body['rejection_reason'], 'out of stock')
      assert.match(String(body['occurred_at']), /^\d{4}-\d\d-\d\dT/)
    } finally {
      server.close()
    }
  })

  test('cannot be posted to what is no address', async () => {
    const opening = openShop(alerting(), { escalationWebhookUrl: 'file:///tmp/x' })
    assert.equal((await refusalOf(opening)).code, 'CONFIGURATION_INVALID')
  })
})
