/** The log: every event once, in one order; followers; correlation ids. */
import { strict as assert } from 'node:assert'
import type { Ledger } from '../../ledger/ledger.ts'
import {
  append,
  collect,
  committed,
  type ContractPart,
  fact,
  freshKey,
  rejectsWith,
  texts,
} from './kit.ts'

/** Follows a log until as many events have come. */
async function followUntil(ledger: Ledger, count: number, limit = 3): Promise<string[]> {
  const found: string[] = []
  for await (const chunk of ledger.log(0, { limit, follow: true })) {
    assert.ok(chunk.length > 0 && chunk.length <= limit)
    found.push(...texts(chunk))
    if (found.length >= count) break
  }
  return found
}

/** The log, following it, and events by correlation id. */
export const log: ContractPart = [
  fact('the log brings the events of all streams in the order of their commits', async (kit) => {
    const [one, two] = [freshKey(), freshKey()]
    await kit.store({ appends: [append(one, 0, 'a'), append(two, 0, 'b')] })
    await kit.store({ appends: [append(two, 1, 'c')] })
    await kit.store({ appends: [append(one, 1, 'd', 'e')] })
    const all = await collect(kit.ledger.log(0, { limit: 2 }))
    assert.deepEqual(texts(all), ['a', 'b', 'c', 'd', 'e'])
    assert.deepEqual(
      all.map((event) => [event.position, event.key, event.sequence]),
      [
        [1, one, 0],
        [2, two, 0],
        [3, two, 1],
        [4, one, 1],
        [5, one, 2],
      ],
    )
    assert.deepEqual(texts(await collect(kit.ledger.log(3, { limit: 99 }))), ['d', 'e'])
    assert.deepEqual(await collect(kit.ledger.log(5, { limit: 99 })), [])
  }),

  fact('a follower sees what is there and what comes, each event once', async (kit) => {
    const key = freshKey()
    await kit.store({ appends: [append(key, 0, '0', '1', '2', '3')] })
    const following = followUntil(kit.ledger, 40)
    for (let at = 4; at < 40; at++) {
      await kit.store({ appends: [append(key, at, `${at}`)] })
      if (at % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    assert.deepEqual(
      await following,
      Array.from({ length: 40 }, (_, i) => `${i}`),
    )
  }),

  fact('followers are woken by the writes of their own process at once', async (kit) => {
    const following = [followUntil(kit.ledger, 1), followUntil(kit.ledger, 1)]
    await new Promise((resolve) => setImmediate(resolve))
    // The clock stands still, so that no poll can help.
    await kit.store({ appends: [append(freshKey(), 0, 'a')] })
    assert.deepEqual(await Promise.all(following), [['a'], ['a']])
  }),

  fact('a follower ends when its signal aborts', async (kit) => {
    await kit.store({ appends: [append(freshKey(), 0, 'a')] })
    const controller = new AbortController()
    const found: string[] = []
    const options = { limit: 9, follow: true, signal: controller.signal }
    for await (const chunk of kit.ledger.log(0, options)) {
      found.push(...texts(chunk))
      setImmediate(() => controller.abort())
    }
    assert.deepEqual(found, ['a'])
  }),

  fact('an aborted read of the log throws: what came is not all of it', async (kit) => {
    await kit.store({ appends: [append(freshKey(), 0, 'a', 'b')] })
    const signal = AbortSignal.abort()
    await rejectsWith(collect(kit.ledger.log(0, { limit: 1, signal })), 'ABORTED')
  }),

  fact('a follower of a ledger that closes is told', async (kit) => {
    const following = followUntil(kit.ledger, 1)
    await new Promise((resolve) => setImmediate(resolve))
    const told = rejectsWith(following, 'LEDGER_CLOSED')
    await kit.ledger[Symbol.asyncDispose]()
    await told
  }),

  fact(
    'events are found by correlation id, across streams, in the order of the log',
    async (kit) => {
      const [one, two] = [freshKey(), freshKey('stock')]
      const of = (correlationId: string, key: typeof one, at: number, page: string) => ({
        ...append(key, at, page),
        correlationId,
      })
      await kit.store({ appends: [of('x', one, 0, 'a'), of('y', two, 0, 'b')] })
      await kit.store({ appends: [of('x', two, 1, 'c')] })
      await kit.store({ appends: [of('', one, 1, 'd')] })
      assert.deepEqual(texts(await collect(kit.ledger.byCorrelation('x'))), ['a', 'c'])
      await kit.store({ appends: [of('x', one, 2, 'e')] })
      assert.deepEqual(texts(await collect(kit.ledger.byCorrelation('x'))), ['a', 'c', 'e'])
      assert.deepEqual(texts(await collect(kit.ledger.byCorrelation('y'))), ['b'])
      assert.deepEqual(await collect(kit.ledger.byCorrelation('z')), [])
    },
  ),

  fact('a correlation id brings everything that was committed before it was asked', async (kit) => {
    const { ledger, newId } = kit
    const key = freshKey()
    for (let at = 0; at < 3_000; at += 100) {
      const pages = Array.from({ length: 100 }, (_, i) => `${at + i}`)
      const appends = [{ ...append(key, at, ...pages), correlationId: 'all' }]
      committed(await ledger.commit({ id: newId(), appends }))
    }
    assert.equal((await collect(ledger.byCorrelation('all'))).length, 3_000)
  }),
]
