import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { DeadLetter } from '../../src/coordinator/dead-letters.ts'
import { MergeStrategy } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { commandTypeOf } from './dead-letter-contents.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { addItem, at, changeAddress, orderWithHistory, sequencesOf } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

const { MERGE_MANUAL } = MergeStrategy

const HISTORY = ['OrderCreated', 'ItemAdded', 'OrderNoteAdded']

async function shopWithOrder(): Promise<Shop> {
  const shop = await openShop([orderAggregate()])
  await orderWithHistory(shop)
  return shop
}

describe('a MANUAL command', () => {
  test('that expects the next sequence is stored there [coordinator-C-0167]', async () => {
    await using shop = await shopWithOrder()
    assert.deepEqual(sequencesOf(await at(addItem(shop), 3, MERGE_MANUAL).execute()), [3])
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  test('that is stale is refused for good and put on the desk [coordinator-C-0168, coordinator-C-0173, weakness-1]', async () => {
    await using shop = await shopWithOrder()
    const refusal = await refusalOf(at(changeAddress(shop), 1, MERGE_MANUAL).execute())
    assert.equal(refusal.grpcStatus, 'ABORTED')
    assert.equal(refusal.retryable, false)
    assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), HISTORY)
    const [letter] = await shop.deadLetters.list()
    assert.equal(letter?.domain, 'order')
    assert.deepEqual(mismatchOf(letter), [1, 3, MERGE_MANUAL])
  })

  test('that is stale and overlaps is put on the desk as well [coordinator-C-0172]', async () => {
    await using shop = await shopWithOrder()
    assert.equal(
      (await refusalOf(at(addItem(shop), 1, MERGE_MANUAL).execute())).grpcStatus,
      'ABORTED',
    )
    assert.equal((await shop.deadLetters.list()).length, 1)
  })

  test('on the desk tells what it is, whose it is and when it came [coordinator-C-0443]', async () => {
    await using shop = await shopWithOrder()
    const stale = at(changeAddress(shop), 1, MERGE_MANUAL).withCorrelationId('corr-7')
    await refusalOf(stale.execute())
    const [found] = await shop.deadLetters.list()
    const letter = found?.letter
    assert.equal(letter?.payload.case, 'rejectedCommand')
    assert.equal(commandTypeOf(letter), orders.ChangeShippingAddressSchema.typeName)
    assert.equal(letter?.cover?.correlationId, 'corr-7')
    assert.equal(letter?.sourceComponentType, 'aggregate')
    assert.ok(letter?.occurredAt !== undefined)
    assert.deepEqual(mismatchOf(found), [1, 3, MERGE_MANUAL])
  })

  test('leaves a letter of its own, also when two are refused at the same time', async () => {
    const clock = fakeClock()
    await using shop = await openShop([orderAggregate()], { clock })
    await orderWithHistory(shop)
    const stale = (): Promise<unknown> => at(addItem(shop), 1, MERGE_MANUAL).execute()
    await Promise.all([refusalOf(stale()), refusalOf(stale())])
    assert.equal((await shop.deadLetters.list()).length, 2)
  })

  test('that is sent again while its letter is on the desk leaves no second one', async () => {
    await using shop = await shopWithOrder()
    const stale = at(addItem(shop), 1, MERGE_MANUAL)
    await refusalOf(stale.execute())
    await refusalOf(stale.execute())
    assert.equal((await shop.deadLetters.list()).length, 1)
  })
})

function mismatchOf(letter: DeadLetter | undefined): readonly number[] | undefined {
  const details = letter?.letter.rejectionDetails
  if (details?.case !== 'sequenceMismatch') return undefined
  const { expectedSequence, actualSequence, mergeStrategy } = details.value
  return [expectedSequence, actualSequence, mergeStrategy]
}
