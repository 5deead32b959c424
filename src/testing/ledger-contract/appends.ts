/** Streams of events: what is stored, what is refused, and what is read back. */
import { strict as assert } from 'node:assert'
import { limits } from '../../limits.ts'
import type { Visibility } from '../../ledger/ledger.ts'
import {
  append,
  bytes,
  collect,
  committed,
  type ContractPart,
  fact,
  event,
  freshKey,
  pagesOf,
  text,
  texts,
} from './kit.ts'

/** Appends and reads of streams. */
export const appends: ContractPart = [
  fact(
    'the first events of a stream of an edition may begin behind its next sequence',
    async (kit) => {
      const key = { ...freshKey(), edition: 'what-if' }
      const stored = await kit.store({ appends: [append(key, 3, 'd', 'e')] })
      assert.equal(stored.appends[0]?.from, 3)
      assert.equal(await kit.ledger.head(key), 5)
      const behind = await kit.commit({ appends: [append(key, 7, 'x')] })
      assert.equal(behind.kind === 'conflict' && behind.actual, 5)
      await kit.store({ appends: [append(key, 5, 'f')] })
      assert.deepEqual(await pagesOf(kit.ledger, key), ['d', 'e', 'f'])
      await kit.store({ deletions: [{ kind: 'edition', domain: key.domain, edition: 'what-if' }] })
      const before = await kit.commit({ appends: [append(key, 2, 'x')] })
      assert.equal(before.kind === 'conflict' && before.actual, 6)
      await kit.store({ appends: [append(key, 9, 'g')] })
      const ledger = (await kit.opened.reopen?.()) ?? kit.ledger
      assert.equal(await ledger.head(key), 10)
      assert.deepEqual(await pagesOf(ledger, key), ['g'])
    },
  ),

  fact('a stream of the main timeline never begins behind its next sequence', async (kit) => {
    const key = freshKey()
    const refused = await kit.commit({ appends: [append(key, 3, 'd')] })
    assert.equal(refused.kind === 'conflict' && refused.actual, 0)
    const edition = { ...freshKey(), edition: 'what-if' }
    const check = await kit.commit({ appends: [{ ...append(edition, 3), events: [] }] })
    assert.equal(check.kind, 'conflict')
  }),

  fact('an append is stored with everything it says', async ({ ledger, store, clock }) => {
    const key = freshKey()
    const events = [event('one', 'shop.Created'), event('two', 'shop.Paid')]
    const outcome = await store({ appends: [{ key, at: 0, events, correlationId: 'corr-1' }] })
    assert.deepEqual(outcome.appends, [{ key, from: 0, count: 2, position: 1 }])
    const [first, second] = await collect(ledger.stream(key, { from: 0 }))
    assert.deepEqual(
      { ...first, page: text(first?.page ?? bytes('')) },
      {
        position: 1,
        key,
        sequence: 0,
        type: 'shop.Created',
        page: 'one',
        correlationId: 'corr-1',
        recordedAt: clock.wall(),
        commit: outcome.number,
        visibility: { kind: 'open' },
      },
    )
    assert.equal(second?.type, 'shop.Paid')
    assert.equal(second?.sequence, 1)
    assert.equal(second?.position, 2)
  }),

  fact('a write with appends to two streams stores both, without a gap between', async (kit) => {
    const [one, two] = [freshKey(), freshKey('stock')]
    const outcome = await kit.store({ appends: [append(one, 0, 'a', 'b'), append(two, 0, 'c')] })
    assert.deepEqual(
      outcome.appends.map(({ position, count }) => [position, count]),
      [
        [1, 2],
        [3, 1],
      ],
    )
    assert.deepEqual(await pagesOf(kit.ledger, one), ['a', 'b'])
    assert.deepEqual(await pagesOf(kit.ledger, two), ['c'])
    assert.equal(await kit.ledger.tip(), 3)
  }),

  fact(
    'an append behind the next sequence is refused with all of its write [weakness-27]',
    async (kit) => {
      const [key, other] = [freshKey(), freshKey()]
      await kit.store({ appends: [append(key, 0, 'a')] })
      const outcome = await kit.commit({
        appends: [append(other, 0, 'x'), append(key, 2, 'gap')],
        rows: [{ kind: 'put', space: 's', key: 'k', value: bytes('v'), expected: 'any' }],
      })
      assert.deepEqual(outcome, {
        kind: 'conflict',
        on: { kind: 'stream', key, next: 2 },
        actual: 1,
      })
      assert.deepEqual(await pagesOf(kit.ledger, key), ['a'])
      assert.deepEqual(await pagesOf(kit.ledger, other), [])
      assert.equal(await kit.ledger.row('s', 'k'), undefined)
    },
  ),

  fact('an append at a sequence that is taken is refused with the next one', async (kit) => {
    const key = freshKey()
    await kit.store({ appends: [append(key, 0, 'a', 'b')] })
    const outcome = await kit.commit({ appends: [append(key, 1, 'again')] })
    assert.equal(outcome.kind === 'conflict' && outcome.actual, 2)
    assert.deepEqual(await pagesOf(kit.ledger, key), ['a', 'b'])
  }),

  fact('a first append that does not begin at 0 is refused [weakness-27]', async ({ commit }) => {
    const outcome = await commit({ appends: [append(freshKey(), 1, 'late')] })
    assert.equal(outcome.kind === 'conflict' && outcome.actual, 0)
  }),

  fact('an append without events checks the stream and stores nothing', async (kit) => {
    const key = freshKey()
    await kit.store({ appends: [append(key, 0, 'a')] })
    const holds = await kit.store({ appends: [append(key, 1)] })
    assert.equal(holds.number, 0)
    assert.deepEqual(holds.appends, [{ key, from: 1, count: 0, position: 0 }])
    const fails = await kit.commit({ appends: [append(key, 0)] })
    assert.equal(fails.kind === 'conflict' && fails.actual, 1)
    const unknown = await kit.store({ appends: [append(freshKey(), 0)] })
    assert.equal(unknown.number, 0)
    assert.equal(await kit.ledger.tip(), 1)
    assert.equal((await collect(kit.ledger.streams({}))).length, 1)
  }),

  fact('domain, edition and root each make another stream', async ({ store, ledger }) => {
    const key = freshKey('order')
    const keys = [
      key,
      { ...key, domain: 'stock' },
      { ...key, edition: 'what-if' },
      { ...freshKey('order') },
    ]
    for (const [index, one] of keys.entries())
      await store({ appends: [append(one, 0, `${index}`)] })
    for (const [index, one] of keys.entries()) {
      assert.deepEqual(await pagesOf(ledger, one), [`${index}`])
    }
    const listed = async (filter: { domain?: string; edition?: string }): Promise<number> =>
      (await collect(ledger.streams(filter))).length
    assert.equal(await listed({}), 4)
    assert.equal(await listed({ domain: 'order' }), 3)
    assert.equal(await listed({ edition: '' }), 3)
    assert.equal(await listed({ domain: 'order', edition: 'what-if' }), 1)
  }),

  fact('visibility comes back as it was stored', async ({ store, ledger }) => {
    const key = freshKey()
    const kinds: Visibility[] = [
      { kind: 'open' },
      { kind: 'isolated' },
      { kind: 'pending', cascadeId: 'cascade-ä' },
    ]
    for (const [at, visibility] of kinds.entries()) {
      await store({ appends: [{ ...append(key, at, 'page'), visibility }] })
    }
    const events = await collect(ledger.stream(key, { from: 0 }))
    assert.deepEqual(
      events.map((one) => one.visibility),
      kinds,
    )
  }),

  fact('texts beyond ASCII and empty pages come back as they were stored', async (kit) => {
    const key = freshKey('bestellung-ü')
    const page = Uint8Array.of(0, 255, 0, 10, 13, 0)
    const events = [
      { type: 'läden.Geöffnet', page },
      { type: 'läden.Geöffnet', page: new Uint8Array(0) },
    ]
    await kit.store({ appends: [{ key, at: 0, events, correlationId: '訂單-1' }] })
    const stored = await collect(kit.ledger.stream(key, { from: 0 }))
    assert.deepEqual(
      stored.map((one) => [one.type, one.correlationId, [...one.page]]),
      [
        ['läden.Geöffnet', '訂單-1', [...page]],
        ['läden.Geöffnet', '訂單-1', []],
      ],
    )
  }),

  fact(
    'a long stream is read whole, in order, and in bounded chunks',
    async ({ store, ledger }) => {
      const key = freshKey()
      const total = limits.eventsPerReadMax * 2 + 7
      for (let at = 0; at < total; at += 500) {
        const pages = Array.from({ length: Math.min(500, total - at) }, (_, i) => `${at + i}`)
        await store({ appends: [append(key, at, ...pages), append(freshKey(), 0, 'between')] })
      }
      let next = 0
      for await (const chunk of ledger.stream(key, { from: 0 })) {
        assert.ok(chunk.length > 0 && chunk.length <= limits.eventsPerReadMax)
        for (const one of chunk) {
          assert.equal(one.sequence, next)
          assert.equal(text(one.page), `${next}`)
          next++
        }
      }
      assert.equal(next, total)
      assert.equal(await ledger.head(key), total)
    },
  ),

  fact('a range of a stream includes both of its ends', async ({ store, ledger }) => {
    const key = freshKey()
    await store({ appends: [append(key, 0, 'a', 'b', 'c', 'd')] })
    const read = async (from: number, to?: number): Promise<string[]> =>
      texts(await collect(ledger.stream(key, { from, to })))
    assert.deepEqual(await read(1, 2), ['b', 'c'])
    assert.deepEqual(await read(3), ['d'])
    assert.deepEqual(await read(4), [])
    assert.deepEqual(await read(2, 1), [])
    assert.deepEqual(await collect(ledger.stream(freshKey(), { from: 0 })), [])
  }),

  fact('large pages come back whole', async ({ store, ledger }) => {
    const key = freshKey()
    const page = new Uint8Array(limits.payloadBytesMax).map((_, i) => i % 251)
    const events = Array.from({ length: 12 }, () => ({ type: 'test.Large', page }))
    await store({ appends: [{ key, at: 0, events, correlationId: '' }] })
    const stored = await collect(ledger.stream(key, { from: 0 }))
    assert.equal(stored.length, 12)
    for (const one of stored) assert.deepEqual(one.page, page)
  }),

  fact('writes offered without waiting are decided in their order', async ({ ledger, newId }) => {
    const key = freshKey()
    const offered = Array.from({ length: 300 }, (_, at) =>
      ledger.commit({ id: newId(), appends: [append(key, at, `${at}`)] }),
    )
    const outcomes = await Promise.all(offered)
    let last = 0
    for (const outcome of outcomes) {
      const { number } = committed(outcome)
      assert.ok(number > last)
      last = number
    }
    assert.equal(await ledger.head(key), 300)
  }),

  fact('a write in conflict costs its neighbours nothing', async ({ ledger, newId }) => {
    const key = freshKey()
    const outcomes = await Promise.all([
      ledger.commit({ id: newId(), appends: [append(key, 0, 'a')] }),
      ledger.commit({ id: newId(), appends: [append(key, 0, 'late')] }),
      ledger.commit({ id: newId(), appends: [append(key, 1, 'b')] }),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => outcome.kind),
      ['committed', 'conflict', 'committed'],
    )
    assert.deepEqual(await pagesOf(ledger, key), ['a', 'b'])
  }),
]
