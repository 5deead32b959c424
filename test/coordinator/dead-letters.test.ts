import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { InvalidArgumentError } from '../../src/errors/client-error.ts'
import type { ComponentOptions } from '../../src/coordinator/coordinator.ts'
import type { DeadLetter } from '../../src/coordinator/dead-letters.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { eventTypesOf } from './dead-letter-contents.ts'
import { type Kind, KINDS, NAME, noteOf, orderOf, watcher, Watched } from './failing-components.ts'
import { openShop, type Shop, type ShopOptions } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { orderAggregate } from './shop.ts'
import { rowsOf } from './stored-events.ts'
import { until } from './until.ts'
import { placeOfTest, twice as test } from './twice.ts'

type Watching = Shop & { readonly watched: Watched }

async function watching(
  kind: Kind,
  options: ShopOptions & { readonly own?: ComponentOptions; readonly watched?: Watched } = {},
): Promise<Watching> {
  const { own = { attempts: 2 }, watched = new Watched(), ...rest } = options
  const components = [orderAggregate(), watcher(kind, watched.see)]
  const shop = await openShop(components, { ...rest, settings: { [NAME]: own } })
  return { ...shop, watched }
}

/** Breaks order-1, and sends two events for it and two for order-2. */
async function withParkedOrder(shop: Watching): Promise<DeadLetter> {
  shop.watched.broken.add('order-1')
  await orderOf(shop, 'order-1')
  await noteOf(shop, 'order-1', '1:a')
  await orderOf(shop, 'order-2')
  await noteOf(shop, 'order-2', '2:a')
  await shop.settled()
  return await onlyLetter(shop)
}

async function onlyLetter(shop: Shop): Promise<DeadLetter> {
  const letters = await shop.deadLetters.list()
  assert.equal(letters.length, 1)
  const [letter] = letters
  assert.ok(letter !== undefined)
  return letter
}

const CONTRACT_IDS: Record<Kind, string> = {
  saga: ' [coordinator-C-0444, weakness-23]',
  process_manager: '',
  projector: ' [coordinator-C-0445]',
}

for (const kind of KINDS) {
  describe(`a message that a ${kind} fails on`, () => {
    test(`is tried as often as its budget says, then put on the desk${CONTRACT_IDS[kind]}`, async () => {
      await using shop = await watching(kind, { own: { attempts: 3 } })
      shop.watched.broken.add('order-1')
      await orderOf(shop, 'order-1')
      await shop.settled()
      assert.deepEqual(shop.watched.asked, ['order-1', 'order-1', 'order-1'])
      const { letter, ...found } = await onlyLetter(shop)
      assert.equal(found.domain, 'order')
      assert.equal(found.correlationId, 'order-1')
      assert.deepEqual(eventTypesOf(letter), [orders.OrderCreatedSchema.typeName])
      assert.deepEqual([letter.sourceComponent, letter.sourceComponentType], [NAME, kind])
      assert.match(letter.rejectionReason, /inventory service down/)
      const details = letter.rejectionDetails
      assert.ok(details.case === 'eventProcessingFailed')
      assert.equal(details.value.error, 'inventory service down')
      assert.equal(details.value.retryCount, 3)
      assert.equal(details.value.isTransient, true)
    })

    test('for good is put on the desk at once [coordinator-C-0446]', async () => {
      await using shop = await watching(kind)
      shop.watched.failure = () => new InvalidArgumentError('unknown event version')
      shop.watched.broken.add('order-1')
      await orderOf(shop, 'order-1')
      await shop.settled()
      assert.deepEqual(shop.watched.asked, ['order-1'])
      const details = (await onlyLetter(shop)).letter.rejectionDetails
      assert.ok(details.case === 'eventProcessingFailed')
      assert.deepEqual([details.value.isTransient, details.value.retryCount], [false, 0])
    })

    test('and then succeeds at leaves no letter [coordinator-C-0449]', async () => {
      await using shop = await watching(kind, { own: { attempts: 3 } })
      shop.watched.broken.add('order-1')
      shop.watched.failure = () => {
        if (shop.watched.asked.length === 2) shop.watched.broken.clear()
        return new Error('inventory service down')
      }
      await orderOf(shop, 'order-1')
      await shop.settled()
      assert.deepEqual(shop.watched.seen, ['order-1'])
      assert.deepEqual(await shop.deadLetters.list(), [])
    })

    test('is tried again after growing waits', async () => {
      const clock = fakeClock()
      const times: number[] = []
      const limits = { reactionBackoffMsMin: 10, reactionBackoffMsMax: 2_000 }
      await using shop = await watching(kind, { own: { attempts: 5 }, clock, limits })
      shop.watched.broken.add('order-1')
      shop.watched.failure = () => {
        times.push(clock.monotonicMs())
        return new Error('down')
      }
      await orderOf(shop, 'order-1')
      await until(async () => (await shop.deadLetters.list()).length === 1, clock)
      const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0))
      assert.equal(waits.length, 4)
      for (const [index, wait] of waits.entries()) {
        assert.ok(wait >= 5 * 2 ** index && wait <= 10 * 2 ** index + 1, `${waits.join()}`)
      }
    })
  })

  describe(`a parked key of a ${kind}`, () => {
    test('holds back what comes behind it; other keys go on', async () => {
      await using shop = await watching(kind)
      const letter = await withParkedOrder(shop)
      assert.deepEqual(shop.watched.seen, ['order-2', '2:a'])
      assert.ok(letter.key !== undefined)
      assert.equal(shop.status()[0]?.parkedKeys, 1)
      assert.equal(shop.status()[0]?.lag, 0)
    })

    test('goes on in order when its message is replayed', async () => {
      await using shop = await watching(kind)
      const letter = await withParkedOrder(shop)
      shop.watched.broken.clear()
      await shop.deadLetters.replay(letter.id)
      await noteOf(shop, 'order-1', '1:b')
      await shop.settled()
      assert.deepEqual(shop.watched.seen, ['order-2', '2:a', 'order-1', '1:a', '1:b'])
      assert.deepEqual(await shop.deadLetters.list(), [])
      assert.deepEqual(await rowsOf(shop.ledger, 'parked'), [])
      assert.equal(shop.status()[0]?.parkedKeys, 0)
    })

    test('goes on without its message when that is discarded', async () => {
      await using shop = await watching(kind)
      const letter = await withParkedOrder(shop)
      await shop.deadLetters.discard(letter.id)
      await noteOf(shop, 'order-1', '1:b')
      await shop.settled()
      assert.deepEqual(shop.watched.seen, ['order-2', '2:a', '1:a', '1:b'])
      assert.deepEqual(await shop.deadLetters.list(), [])
      assert.deepEqual(await rowsOf(shop.ledger, 'parked'), [])
    })

    test('may have nothing behind it when its message is discarded', async () => {
      await using shop = await watching(kind)
      shop.watched.broken.add('order-1')
      await orderOf(shop, 'order-1')
      await shop.settled()
      await shop.deadLetters.discard((await onlyLetter(shop)).id)
      await noteOf(shop, 'order-1', '1:a')
      await shop.settled()
      assert.deepEqual(shop.watched.seen, ['1:a'])
      assert.deepEqual(await rowsOf(shop.ledger, 'parked'), [])
    })

    test('stays parked when its replay fails again', async () => {
      await using shop = await watching(kind)
      const letter = await withParkedOrder(shop)
      await assert.rejects(shop.deadLetters.replay(letter.id), /inventory service down/)
      assert.equal((await onlyLetter(shop)).id, letter.id)
      assert.equal(shop.status()[0]?.parkedKeys, 1)
      shop.watched.broken.clear()
      await shop.deadLetters.replay(letter.id)
      assert.deepEqual(shop.watched.seen, ['order-2', '2:a', 'order-1', '1:a'])
    })

    test('has one letter, that of the message it waits behind now', async () => {
      await using shop = await watching(kind)
      const letter = await withParkedOrder(shop)
      shop.watched.broken.clear()
      shop.watched.broken.add('1:a')
      await assert.rejects(shop.deadLetters.replay(letter.id), /inventory service down/)
      const second = await onlyLetter(shop)
      assert.notEqual(second.id, letter.id)
      shop.watched.broken.clear()
      await shop.deadLetters.replay(second.id)
      assert.deepEqual(shop.watched.seen, ['order-2', '2:a', 'order-1', '1:a'])
      assert.deepEqual(await shop.deadLetters.list(), [])
    })

    test('cannot be taken up twice at a time', async () => {
      await using shop = await watching(kind)
      const letter = await withParkedOrder(shop)
      shop.watched.broken.clear()
      const [first, second] = await Promise.allSettled([
        shop.deadLetters.replay(letter.id),
        shop.deadLetters.replay(letter.id),
      ])
      assert.equal(first.status, 'fulfilled')
      assert.equal(second.status, 'rejected')
      assert.deepEqual(shop.watched.seen, ['order-2', '2:a', 'order-1', '1:a'])
    })

    test('takes what comes while it catches up behind what it has missed', async () => {
      await using shop = await watching(kind)
      const letter = await withParkedOrder(shop)
      shop.watched.broken.clear()
      const replayed = shop.deadLetters.replay(letter.id)
      await Promise.all(['1:b', '1:c', '1:d'].map((note) => noteOf(shop, 'order-1', note)))
      await replayed
      await shop.settled()
      const own = shop.watched.seen.filter((label) => label.includes('1'))
      assert.deepEqual(own, ['order-1', '1:a', '1:b', '1:c', '1:d'])
    })
  })

  describe(`a ${kind} that skips what it cannot do`, () => {
    test('goes on with the same key and leaves a letter nothing waits behind', async () => {
      await using shop = await watching(kind, { own: { attempts: 2, onExhausted: 'skip' } })
      const letter = await withParkedOrder(shop)
      assert.equal(letter.key, undefined)
      assert.deepEqual([...shop.watched.seen].sort(), ['1:a', '2:a', 'order-2'])
      const isHere = placeOfTest().kind === 'in process'
      assert.equal(
        (await refusalOf(shop.deadLetters.replay(letter.id))).code,
        isHere ? 'DEAD_LETTER_NOT_FOUND' : 'EVENT_REPLAY_UNSUPPORTED',
      )
      await shop.deadLetters.discard(letter.id)
      assert.deepEqual(await shop.deadLetters.list(), [])
    })
  })
}
