/** Explicit deletions: what goes along, what goes on counting, and what is never given again. */
import { strict as assert } from 'node:assert'
import {
  append,
  bytes,
  collect,
  committed,
  type ContractPart,
  fact,
  freshKey,
  pagesOf,
  texts,
} from './kit.ts'

/** Deletions of streams, editions and claims. */
export const deletions: ContractPart = [
  fact('a deleted stream is gone with its snapshots and claims', async (kit) => {
    const { ledger, store } = kit
    const [key, other] = [freshKey(), freshKey()]
    const snapshot = {
      sequence: 1,
      state: bytes('s'),
      retention: 'persist',
      createdAt: 1n,
    } as const
    for (const one of [key, other]) {
      await store({
        appends: [{ ...append(one, 0, 'a', 'b'), correlationId: 'corr' }],
        snapshots: [{ ...snapshot, key: one }],
        claims: [{ scope: one, key: 'k' }],
      })
    }
    assert.equal((await collect(ledger.byCorrelation('corr'))).length, 4)
    await store({ deletions: [{ kind: 'stream', key }] })
    assert.deepEqual(await pagesOf(ledger, key), [])
    assert.equal(await ledger.snapshot(key), undefined)
    assert.equal(await ledger.claimed({ scope: key, key: 'k' }), undefined)
    assert.equal((await collect(ledger.byCorrelation('corr'))).length, 2)
    assert.deepEqual(await pagesOf(ledger, other), ['a', 'b'])
    assert.equal((await ledger.snapshot(other))?.sequence, 1)
    assert.notEqual(await ledger.claimed({ scope: other, key: 'k' }), undefined)
    assert.deepEqual(await collect(ledger.streams({})), [other])
  }),

  fact('a deleted stream goes on counting where it stopped', async (kit) => {
    const key = freshKey()
    await kit.store({ appends: [append(key, 0, 'a', 'b', 'c')] })
    await kit.store({ deletions: [{ kind: 'stream', key }] })
    assert.equal(await kit.ledger.head(key), 3)
    const again = await kit.commit({ appends: [append(key, 0, 'x')] })
    assert.equal(again.kind === 'conflict' && again.actual, 3)
    await kit.store({ appends: [append(key, 3, 'd')] })
    await kit.store({ deletions: [{ kind: 'stream', key }] })
    await kit.store({ deletions: [{ kind: 'stream', key }] })
    assert.equal(await kit.ledger.head(key), 4)
    const ledger = (await kit.opened.reopen?.()) ?? kit.ledger
    assert.equal(await ledger.head(key), 4)
    committed(await ledger.commit({ id: kit.newId(), appends: [append(key, 4, 'e')] }))
    assert.deepEqual(await pagesOf(ledger, key), ['e'])
  }),

  fact('a position is never given twice, not even that of a deleted end', async (kit) => {
    const key = freshKey()
    await kit.store({ appends: [append(key, 0, 'a', 'b', 'c')] })
    await kit.store({ deletions: [{ kind: 'stream', key }] })
    assert.equal(await kit.ledger.tip(), 3)
    const ledger = (await kit.opened.reopen?.()) ?? kit.ledger
    assert.equal(await ledger.tip(), 3)
    const next = await ledger.commit({ id: kit.newId(), appends: [append(freshKey(), 0, 'x')] })
    assert.equal(committed(next).appends[0]?.position, 4)
  }),

  fact('a deleted edition leaves the other timelines alone', async (kit) => {
    const main = freshKey('order')
    const edition = { ...main, edition: 'what-if' }
    const elsewhere = freshKey('stock', 'what-if')
    for (const key of [main, edition, elsewhere]) {
      await kit.store({ appends: [append(key, 0, 'a')], claims: [{ scope: key, key: 'k' }] })
    }
    await kit.store({ deletions: [{ kind: 'edition', domain: 'order', edition: 'what-if' }] })
    assert.deepEqual(await pagesOf(kit.ledger, edition), [])
    assert.equal(await kit.ledger.claimed({ scope: edition, key: 'k' }), undefined)
    assert.equal(await kit.ledger.head(edition), 1)
    assert.deepEqual(await pagesOf(kit.ledger, main), ['a'])
    assert.deepEqual(await pagesOf(kit.ledger, elsewhere), ['a'])
  }),

  fact('deleting what was never there changes nothing', async (kit) => {
    await kit.store({
      deletions: [
        { kind: 'stream', key: freshKey() },
        { kind: 'edition', domain: 'order', edition: 'none' },
        { kind: 'space', space: 'none' },
        { kind: 'claims', madeBefore: 0n, upTo: 0 },
      ],
    })
    assert.equal(await kit.ledger.tip(), 0)
  }),

  fact('claims are pruned by time and by position together', async (kit) => {
    const { ledger, store, clock } = kit
    const scope = freshKey()
    for (const [at, key] of ['a', 'b', 'c'].entries()) {
      await store({ appends: [append(scope, at, key)], claims: [{ scope, key }] })
      clock.advance(1_000)
    }
    await store({ claims: [{ scope, key: 'without events' }] })
    const left = async (): Promise<string[]> => {
      const keys = ['a', 'b', 'c', 'without events']
      const found = await Promise.all(keys.map((key) => ledger.claimed({ scope, key })))
      return keys.filter((_, index) => found[index] !== undefined)
    }
    const secondsAgo = (seconds: number): bigint => clock.wall() - BigInt(seconds) * 1_000_000_000n
    const prune = async (madeBefore: bigint, upTo: number): Promise<void> => {
      await store({ deletions: [{ kind: 'claims', madeBefore, upTo }] })
    }
    await prune(secondsAgo(3), 3)
    assert.deepEqual(await left(), ['a', 'b', 'c', 'without events'])
    await prune(secondsAgo(2), 3)
    assert.deepEqual(await left(), ['b', 'c', 'without events'])
    await prune(clock.wall() + 1n, 2)
    assert.deepEqual(await left(), ['c', 'without events'])
    await prune(clock.wall() + 1n, 3)
    assert.deepEqual(await left(), [])
    const again = await store({ appends: [append(scope, 3, 'd')], claims: [{ scope, key: 'a' }] })
    assert.equal(again.appends[0]?.from, 3)
  }),

  fact('the log leaves out what was deleted and keeps the order of the rest', async (kit) => {
    const [one, two] = [freshKey(), freshKey()]
    await kit.store({ appends: [append(one, 0, 'a'), append(two, 0, 'b')] })
    await kit.store({ appends: [append(one, 1, 'c'), append(two, 1, 'd')] })
    await kit.store({ deletions: [{ kind: 'stream', key: one }] })
    const log = await collect(kit.ledger.log(0, { limit: 1 }))
    assert.deepEqual(texts(log), ['b', 'd'])
    assert.deepEqual(
      log.map((event) => event.position),
      [2, 4],
    )
  }),
]
