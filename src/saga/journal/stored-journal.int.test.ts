import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { limits } from '../../limits.ts'
import type { NewEvent, StoredEvent } from '../../ledger/ledger.ts'
import { openLedger } from '../../ledger/open-ledger.ts'
import { idMaker, temporaryFolder } from '../../ledger/sqlite/temporary-ledger.test.support.ts'
import type { Entry } from '../../machine/journal.ts'
import { arbitraryEntry } from './arbitrary-entry.test.support.ts'
import { decodeEntry } from './decode-entry.ts'
import { encodeEntry } from './encode-entry.ts'
import { executionStream } from './execution-stream.ts'

describe('a journal in a ledger', () => {
  it('is read back entry by entry as it was encoded, by any spelling of its id', async () => {
    using folder = temporaryFolder()
    const id = '0d9c1f0e-7a0e-4d3e-9a58-1d3a4d7a1b11'
    const entries = fc.sample(arbitraryEntry, 50)
    const events = entries.map(encodeEntry)
    await store(folder.path, id, events)
    const stored = await read(folder.path, id.toUpperCase())
    assert.deepEqual(
      stored.map(({ type, sequence }) => [type, sequence]),
      events.map(({ type }, sequence) => [type, sequence]),
    )
    assert.deepStrictEqual(stored.map(decodeEntry), events.map(decodeEntry))
  })

  it('may hold the largest value there can be', async () => {
    using folder = temporaryFolder()
    const value = 'x'.repeat(limits.valueBytesMax - 2)
    const entry: Entry = { kind: 'signalled', signal: 'go', data: value, at: 1n, begins: [] }
    await store(folder.path, 'order-42', [encodeEntry(entry, 0)])
    const [stored] = await read(folder.path, 'order-42')
    assert.ok(stored)
    assert.deepStrictEqual(decodeEntry(stored), entry)
  })
})

async function store(path: string, id: string, events: readonly NewEvent[]): Promise<void> {
  await using ledger = await openLedger(path)
  const key = executionStream(id)
  const outcome = await ledger.commit({
    id: idMaker()(),
    appends: [{ key, at: 0, events, correlationId: 'c' }],
  })
  assert.equal(outcome.kind, 'committed')
}

async function read(path: string, id: string): Promise<readonly StoredEvent[]> {
  await using ledger = await openLedger(path)
  const stored: StoredEvent[] = []
  for await (const chunk of ledger.stream(executionStream(id), { from: 0 })) stored.push(...chunk)
  return stored
}
