/** Orders more than there is, and tells what became of the order. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Component } from 'amends'
import { openCoordinator } from 'amends/coordinator'
import * as orders from './gen/orders_pb.ts'

export async function sellOut(components: readonly Component[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'amends-sell-out-'))
  try {
    await using coordinator = await openCoordinator({
      ledger: join(folder, 'shop.db'),
      components,
    })
    const client = coordinator.client('order')
    const order = { orderId: 'A-1', itemCount: 90 }
    await client.command('A-1').withMessage(orders.CreateOrderSchema, order).execute()
    await coordinator.settled()
    const query = client.query('A-1')
    const events = await query.events(orders.OrderCreatedSchema, orders.OrderCancelledSchema)
    return events.map(({ sequence, message }) => `${sequence} ${message.$typeName}`)
  } finally {
    await rm(folder, { recursive: true })
  }
}
