/** Time, reopening, other processes, aborting and closing. */
import { strict as assert } from 'node:assert'
import { codeOf } from '../../errors.ts'
import {
  append,
  bytes,
  collect,
  committed,
  type ContractPart,
  fact,
  freshKey,
  pagesOf,
  rejectsWith,
  texts,
} from './kit.ts'

/** What surrounds the writes. */
export const lifecycle: ContractPart = [
  fact('recording times never go back, even when the clock does', async (kit) => {
    const { store, ledger, clock } = kit
    const key = freshKey()
    const start = clock.wall()
    const first = await store({ appends: [append(key, 0, 'a')] })
    clock.setWall(start - 3_600_000_000_000n)
    const second = await store({ appends: [append(key, 1, 'b')] })
    assert.equal(first.recordedAt, start)
    assert.ok(second.recordedAt >= first.recordedAt)
    const reopened = (await kit.opened.reopen?.()) ?? ledger
    const third = await reopened.commit({ id: kit.newId(), appends: [append(key, 2, 'c')] })
    assert.ok(committed(third).recordedAt >= second.recordedAt)
    clock.setWall(start + 5n)
    const fourth = await reopened.commit({ id: kit.newId(), appends: [append(key, 3, 'd')] })
    assert.equal(committed(fourth).recordedAt, start + 5n)
  }),

  fact('a stream is read as it was at a time, compared as a number [weakness-27]', async (kit) => {
    const { store, ledger, clock } = kit
    const key = freshKey()
    const start = clock.wall()
    const times = [0n, 1n, 1_000_000_000n, 1_000_000_001n]
    for (const [at, offset] of times.entries()) {
      clock.setWall(start + offset)
      await store({ appends: [append(key, at, `${at}`)] })
    }
    const upTo = async (offset: bigint): Promise<string[]> =>
      texts(await collect(ledger.stream(key, { from: 0, upTo: start + offset })))
    assert.deepEqual(await upTo(-1n), [])
    assert.deepEqual(await upTo(0n), ['0'])
    assert.deepEqual(await upTo(999_999_999n), ['0', '1'])
    assert.deepEqual(await upTo(1_000_000_000n), ['0', '1', '2'])
    assert.deepEqual(await upTo(10n ** 18n), ['0', '1', '2', '3'])
  }),

  fact('what was acknowledged is there when the data is opened again', async (kit) => {
    const { reopen } = kit.opened
    if (reopen === undefined) return kit.skip('nothing outlives this ledger')
    const key = freshKey()
    const first = await kit.store({
      appends: [append(key, 0, 'a', 'b')],
      claims: [{ scope: key, key: 'k' }],
      rows: [{ kind: 'put', space: 's', key: 'r', value: bytes('v'), expected: 'absent' }],
      snapshots: [{ key, sequence: 1, state: bytes('s'), retention: 'default', createdAt: 1n }],
    })
    const ledger = await reopen()
    assert.deepEqual(await pagesOf(ledger, key), ['a', 'b'])
    assert.deepEqual(await ledger.find(first.id), first)
    assert.deepEqual(await ledger.claimed({ scope: key, key: 'k' }), first)
    assert.equal((await ledger.row('s', 'r'))?.version, first.number)
    assert.equal((await ledger.snapshot(key))?.sequence, 1)
    const next = await ledger.commit({ id: kit.newId(), appends: [append(key, 2, 'c')] })
    assert.equal(committed(next).number, first.number + 1)
    assert.equal(committed(next).appends[0]?.position, 3)
  }),

  fact('writes of another process are seen and change foreignWrites', async (kit) => {
    const { second } = kit.opened
    if (second === undefined) return kit.skip('only one process can open this ledger')
    const { ledger, newId, store } = kit
    const other = await second()
    const key = freshKey()
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
    const before = ledger.foreignWrites()
    await store({ appends: [append(key, 0, 'mine')] })
    await turn()
    assert.equal(ledger.foreignWrites(), before)
    committed(await other.commit({ id: newId(), appends: [append(key, 1, 'theirs')] }))
    await turn()
    const after = ledger.foreignWrites()
    assert.notEqual(after, before)
    assert.deepEqual(await pagesOf(ledger, key), ['mine', 'theirs'])
    const stale = await kit.commit({ appends: [append(key, 1, 'late')] })
    assert.equal(stale.kind === 'conflict' && stale.actual, 2)
    await store({ appends: [append(key, 2, 'mine')] })
    await turn()
    assert.equal(ledger.foreignWrites(), after)
    assert.notEqual(other.foreignWrites(), 0)
  }),

  fact('a follower sees the writes of another process after a poll', async (kit) => {
    const { second } = kit.opened
    if (second === undefined) return kit.skip('only one process can open this ledger')
    const other = await second()
    const controller = new AbortController()
    const found: string[] = []
    const following = (async () => {
      const options = { limit: 9, follow: true, signal: controller.signal }
      for await (const chunk of kit.ledger.log(0, options)) {
        found.push(...texts(chunk))
        if (found.length === 2) return
      }
    })()
    for (const page of ['a', 'b']) {
      committed(await other.commit({ id: kit.newId(), appends: [append(freshKey(), 0, page)] }))
      for (let i = 0; i < 5; i++) await kit.clock.advanceAsync(50)
    }
    await following
    assert.deepEqual(found, ['a', 'b'])
  }),

  fact('a write whose signal has aborted is not stored', async ({ ledger, newId }) => {
    const key = freshKey()
    const signal = AbortSignal.abort()
    const write = { id: newId(), appends: [append(key, 0, 'a')] }
    await rejectsWith(ledger.commit(write, { signal }), 'ABORTED')
    assert.equal(await ledger.head(key), 0)
    assert.equal(await ledger.find(write.id), undefined)
  }),

  fact('an abort after the offer leaves the write whole: stored, or not at all', async (kit) => {
    const { ledger, newId } = kit
    const controller = new AbortController()
    const { signal } = controller
    const writes = Array.from({ length: 50 }, (_, i) => ({
      id: newId(),
      appends: [append(freshKey(), 0, `${i}`)],
    }))
    const offered = writes.map((write) => ledger.commit(write, { signal }).then(committed, codeOf))
    await Promise.resolve()
    controller.abort()
    for (const [index, result] of (await Promise.all(offered)).entries()) {
      const write = writes[index]
      assert.ok(write !== undefined)
      const found = await ledger.find(write.id)
      if (typeof result === 'string') assert.equal(result, 'ABORTED')
      else assert.deepEqual(found, result)
      assert.equal(found === undefined, typeof result === 'string')
    }
  }),

  fact('disposing answers what was offered, and twice is fine', async (kit) => {
    const { ledger, newId, opened } = kit
    const key = freshKey()
    const offered = Array.from({ length: 100 }, (_, at) =>
      ledger.commit({ id: newId(), appends: [append(key, at, `${at}`)] }),
    )
    const disposed = [ledger[Symbol.asyncDispose](), ledger[Symbol.asyncDispose]()]
    await rejectsWith(
      ledger.commit({ id: newId(), appends: [append(key, 100, 'late')] }),
      'LEDGER_CLOSED',
    )
    for (const outcome of await Promise.all(offered)) assert.equal(outcome.kind, 'committed')
    await Promise.all(disposed)
    await ledger[Symbol.asyncDispose]()
    await rejectsWith(ledger.head(key), 'LEDGER_CLOSED')
    const again = await opened.reopen?.()
    if (again !== undefined) assert.equal(await again.head(key), 100)
  }),

  fact('foreignWrites and location answer after closing too', async ({ ledger }) => {
    await ledger[Symbol.asyncDispose]()
    assert.equal(typeof ledger.foreignWrites(), 'number')
    assert.equal(typeof ledger.location, 'string')
  }),
]
