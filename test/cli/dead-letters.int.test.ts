/** The desk of dead letters, and what lags behind, read from outside of the process that has them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { noteOf, orderOf, Watched, watcher } from '../coordinator/failing-components.ts'
import { openShop, type Shop } from '../coordinator/open-shop.ts'
import { orderAggregate } from '../coordinator/shop.ts'
import { amends, jsonLines, recordsIn } from './amends.ts'

/** A shop whose saga has failed on two orders for good. */
async function brokenShop(): Promise<Shop> {
  const watched = new Watched()
  const components = [orderAggregate(), watcher('saga', watched.see)]
  const shop = await openShop(components, { settings: { watcher: { attempts: 2 } } })
  for (const id of ['order-1', 'order-2']) watched.broken.add(id)
  await orderOf(shop, 'order-1')
  await noteOf(shop, 'order-1', 'kept back')
  await orderOf(shop, 'order-2')
  await shop.settled()
  return shop
}

test('dead letters are listed and shown while the process that has them runs', async () => {
  await using shop = await brokenShop()
  const letters = await shop.deadLetters.list()
  const listed = await amends('dead-letters', shop.path, '--json')
  assert.deepEqual(
    jsonLines(listed.out).map(({ id, component, attempts }) => [id, component, attempts]),
    letters.map(({ id }) => [id, 'watcher', 2]),
  )
  const table = await amends('dead-letters', shop.path)
  assert.match(table.out, /^ID .+REASON\n.+watcher +order .+ 2 +.*inventory service down/m)
  for (const line of table.out.split('\n')) assert.ok(line.length <= 100, line)
  const [first] = letters
  const shown = await amends('dead-letter', shop.path, first?.id ?? '', 'show')
  assert.match(shown.out, new RegExp(`${orders.OrderCreatedSchema.typeName}, \\d+ bytes`))
  assert.match(shown.out, /held back +what comes behind it of /)
  const [json] = jsonLines((await amends('dead-letter', shop.path, first?.id ?? '', '--json')).out)
  const message = json?.['message'] as { readonly pages: readonly { readonly type: string }[] }
  assert.equal(message.pages[0]?.type, orders.OrderCreatedSchema.typeName)
})

test('a list of dead letters goes on where it stopped, and keeps to a component', async () => {
  await using shop = await brokenShop()
  const [first, second] = (await shop.deadLetters.list()).map(({ id }) => id)
  const page = jsonLines((await amends('dead-letters', shop.path, '--limit', '1', '--json')).out)
  assert.deepEqual(
    page.map(({ id, next }) => id ?? next),
    [first, first],
  )
  const rest = await amends('dead-letters', shop.path, '--after', first ?? '', '--json')
  assert.deepEqual(
    jsonLines(rest.out).map(({ id }) => id),
    [second],
  )
  const others = await amends('dead-letters', shop.path, '--component', 'nobody')
  assert.deepEqual([others.code, others.out], [0, 'There are no dead letters.\n'])
})

test('trying again and giving up is refused with a hint, and the letter stays', async () => {
  await using shop = await brokenShop()
  const [letter] = await shop.deadLetters.list()
  for (const verb of ['replay', 'discard']) {
    const refused = await amends('dead-letter', shop.path, letter?.id ?? '', verb)
    assert.equal(refused.code, 1)
    assert.match(
      refused.err,
      new RegExp(`^amends: CALL_UNSUPPORTED: .+\n.+deadLetters\\.${verb}\\(`),
    )
  }
  assert.equal((await shop.deadLetters.list()).length, 2)
})

test('status shows how far components are, and what they keep back', async () => {
  await using shop = await brokenShop()
  const [status] = jsonLines((await amends('status', shop.path, '--json')).out)
  assert.equal(status?.['deadLetters'], 2)
  const [component] = recordsIn(status?.['components'])
  assert.deepEqual([component?.['component'], component?.['parkedKeys']], ['watcher', 2])
  assert.match((await amends('status', shop.path)).out, /^watcher +\d+ +\d+ +2$/m)
})
