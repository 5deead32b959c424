import { strict as assert } from 'node:assert'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { collect, pagesOf, texts } from '../../testing/ledger-contract/kit.ts'
import type { StoredEvent } from '../ledger.ts'
import { openLedger } from '../open-ledger.ts'
import { ownStream, SHARED, writeBoth } from './second-process.test.support.ts'
import { temporaryFolder } from './temporary-ledger.test.support.ts'

const CHILD = fileURLToPath(new URL('./second-process.test.support.js', import.meta.url))

function startProcess(path: string, name: string, count: number): ChildProcess {
  return spawn(process.execPath, [CHILD, path, name, `${count}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function ended(child: ChildProcess): Promise<void> {
  const [code] = (await once(child, 'close')) as [number | null]
  assert.equal(code, 0)
}

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${name}${n}`)

describe('two processes on one file', () => {
  test('lose no event and give no position or sequence twice, and follow each other', async () => {
    using folder = temporaryFolder()
    const count = 150
    await using ledger = await openLedger(folder.path)
    const before = ledger.foreignWrites()
    const followed: StoredEvent[] = []
    const following = (async () => {
      for await (const chunk of ledger.log(0, { limit: 64, follow: true })) {
        followed.push(...chunk)
        if (followed.length === 4 * count) return
      }
    })()
    const child = startProcess(folder.path, 'b', count)
    await Promise.all([writeBoth(ledger, 'a', count), ended(child)])
    await following
    assert.notEqual(ledger.foreignWrites(), before)
    assert.deepEqual(await pagesOf(ledger, ownStream('a')), numbered('a', count))
    assert.deepEqual(await pagesOf(ledger, ownStream('b')), numbered('b', count))
    const shared = await collect(ledger.stream(SHARED, { from: 0 }))
    assert.deepEqual(
      shared.map((event) => event.sequence),
      Array.from({ length: 2 * count }, (_, n) => n),
    )
    for (const name of ['a', 'b']) {
      const mine = texts(shared).filter((page) => page.startsWith(name))
      assert.deepEqual(mine, numbered(name, count))
    }
    assert.deepEqual(
      followed.map((event) => event.position),
      Array.from({ length: 4 * count }, (_, n) => n + 1),
    )
    for (const [index, event] of followed.entries()) {
      assert.ok(event.recordedAt >= (followed[index - 1]?.recordedAt ?? 0n))
    }
  })

  test('create the file at once, and both find a ledger', async () => {
    using folder = temporaryFolder()
    const children = ['c', 'd', 'e'].map((name) => startProcess(folder.path, name, 5))
    await Promise.all(children.map(ended))
    await using ledger = await openLedger(folder.path)
    assert.equal(await ledger.head(SHARED), 15)
    assert.equal(await ledger.tip(), 30)
  })
})
