import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { systemClock } from '../../clock.ts'
import { append, committed, keyNumber } from '../../testing/ledger-contract/kit.ts'
import type { Ledger } from '../ledger.ts'
import { movingChannel } from './moving-channel.ts'
import { prepareFile } from './open-file.ts'
import { openSqliteLedger } from './open-sqlite-ledger.ts'
import { openReadSide } from './read-side.ts'
import { SharedCounters } from './shared-counters.ts'
import { sqliteLedger } from './sqlite-ledger.ts'
import { idMaker, temporaryFolder } from './temporary-ledger.test.support.ts'
import type { WriterChannel } from './writer-channel.ts'

const BUSY_MS = 1_000

function open(path: string, slowCommitMs: number): { channel: WriterChannel; ledger: Ledger } {
  prepareFile(path, { busyMs: BUSY_MS })
  const counters = SharedCounters.allocate()
  const channel = movingChannel({ path, busyMs: BUSY_MS, pragmas: '', counters }, slowCommitMs)
  const ledger = sqliteLedger({
    path,
    clock: systemClock(),
    channel,
    reads: openReadSide(path, BUSY_MS),
    counters: new SharedCounters(counters),
    closed: () => undefined,
  })
  return { channel, ledger }
}

const isHere = (channel: WriterChannel): boolean => channel.commitMs === Infinity

describe('the writer', () => {
  test('stays in the calling thread while one caller writes after the other', async () => {
    using folder = temporaryFolder()
    const { channel, ledger } = open(folder.path, Infinity)
    const newId = idMaker()
    for (let at = 0; at < 200; at++) {
      committed(await ledger.commit({ id: newId(), appends: [append(keyNumber(1), at, 'a')] }))
    }
    assert.ok(isHere(channel))
    await ledger[Symbol.asyncDispose]()
  })

  test('moves to a thread when writes come together, and loses or repeats none', async () => {
    using folder = temporaryFolder()
    const { channel, ledger } = open(folder.path, Infinity)
    const newId = idMaker()
    const streams = [1, 2, 3, 4].map((n) => keyNumber(n))
    let at = 0
    const positions: number[] = []
    for (let after = 0; after < 20; at++) {
      const outcomes = await Promise.all(
        streams.map((key) => ledger.commit({ id: newId(), appends: [append(key, at, 'a')] })),
      )
      positions.push(...outcomes.map((one) => committed(one).appends[0]?.position ?? 0))
      if (!isHere(channel)) after++
    }
    assert.deepEqual(
      positions,
      positions.map((_, index) => index + 1),
    )
    for (const key of streams) assert.equal(await ledger.head(key), at)
    await ledger[Symbol.asyncDispose]()
  })

  test('moves when the disk keeps the event loop waiting', async () => {
    using folder = temporaryFolder()
    const { channel, ledger } = open(folder.path, 0)
    const newId = idMaker()
    for (let at = 0; isHere(channel); at++) {
      committed(await ledger.commit({ id: newId(), appends: [append(keyNumber(1), at, 'a')] }))
    }
    await ledger[Symbol.asyncDispose]()
  })

  test('counts the writes of others on when it moves', async () => {
    using folder = temporaryFolder()
    const { channel, ledger } = open(folder.path, 0)
    const newId = idMaker()
    await ledger.commit({ id: newId(), appends: [append(keyNumber(1), 0, 'a')] })
    const other = await openSqliteLedger(folder.path)
    await other.commit({ id: newId(), appends: [append(keyNumber(2), 0, 'b')] })
    for (let at = 1; isHere(channel); at++) {
      await ledger.commit({ id: newId(), appends: [append(keyNumber(1), at, 'a')] })
    }
    await turn()
    const before = ledger.foreignWrites()
    assert.ok(before > 0)
    const next = await ledger.head(keyNumber(1))
    await ledger.commit({ id: newId(), appends: [append(keyNumber(1), next, 'a')] })
    await turn()
    assert.equal(ledger.foreignWrites(), before)
    await other.commit({ id: newId(), appends: [append(keyNumber(2), 1, 'b')] })
    await turn()
    assert.ok(ledger.foreignWrites() > before)
    await other[Symbol.asyncDispose]()
    await ledger[Symbol.asyncDispose]()
  })
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
