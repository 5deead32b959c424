/** What is configured is at work: no setting is read and then forgotten. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineSaga } from '../../src/component/define-saga.ts'
import { PENDING_PAGES } from '../../src/coordinator/spaces.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop } from './open-shop.ts'
import { besideLedger, largeNote, payloadFiles } from './payload-shop.ts'
import { addNote } from './shop-commands.ts'
import { orderAggregate, stock } from './shop.ts'
import { rowsOf } from './stored-events.ts'
import { until } from './until.ts'

test('large payloads, attempts, dead letters, their replay and the reaper are what they are set to be [weakness-25]', async () => {
  await using folder = await ledgerFolder()
  let attempts = 0
  let broken = true
  const failing = defineSaga({ name: 'failing', source: 'order', target: 'inventory' }).handles(
    orders.OrderNoteAddedSchema,
    () => {
      attempts++
      if (broken) throw new Error('not today')
      return undefined
    },
  )
  await using shop = await openShop([orderAggregate(), stock, failing], {
    folder,
    payloads: besideLedger(folder),
    limits: { reactionAttemptsMax: 3, pendingTimeoutMs: 1, pendingReapingMs: 5 },
  })
  await addNote(shop, largeNote('a')).execute()
  await shop.settled()
  assert.equal((await payloadFiles(folder)).length, 1)
  assert.equal(attempts, 3)
  const [letter] = await shop.deadLetters.list()
  broken = false
  await shop.deadLetters.replay(letter?.id ?? '')
  assert.deepEqual([attempts, await shop.deadLetters.list()], [4, []])
  const pending = shop.client('order', { cascadeId: 'cascade-1' }).command('order-2')
  await pending.withMessage(orders.AddOrderNoteSchema, { note: 'n' }).execute()
  await until(async () => (await rowsOf(shop.ledger, PENDING_PAGES)).length === 0)
})
