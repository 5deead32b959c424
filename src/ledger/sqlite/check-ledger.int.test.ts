import { strict as assert } from 'node:assert'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { codeOf } from '../../errors.ts'
import { append, bytes, collect, committed, keyNumber } from '../../testing/ledger-contract/kit.ts'
import type { Ledger, Write } from '../ledger.ts'
import { checkLedger } from './check-ledger.ts'
import { openSqliteLedger } from './open-sqlite-ledger.ts'
import { idMaker, temporaryFolder } from './temporary-ledger.test.support.ts'

/** Fills a ledger with something of everything. */
async function fill(ledger: Ledger): Promise<void> {
  const newId = idMaker()
  const store = async (write: Omit<Write, 'id'>): Promise<void> => {
    committed(await ledger.commit({ ...write, id: newId() }))
  }
  for (let n = 0; n < 20; n++) {
    const [key, other] = [keyNumber(n), keyNumber(n, 'stock', 'what-if')]
    const rows = [
      { kind: 'put', space: 's', key: `${n}`, value: bytes('v'), expected: 'absent', group: 'g' },
    ] as const
    const corr = { correlationId: `corr-${n % 3}` }
    const appends = [{ ...append(key, 0, 'a', 'b', 'c'), ...corr }, append(other, 0, 'd')]
    await store({ appends, rows, claims: [{ scope: key, key: 'k' }] })
    const snapshot = { key, state: bytes('s'), retention: 'persist', createdAt: 1n } as const
    await store({ snapshots: [{ ...snapshot, sequence: 0 }] })
    await store({ snapshots: [{ ...snapshot, sequence: 2, retention: 'default' }] })
  }
  await store({ deletions: [{ kind: 'stream', key: keyNumber(3) }] })
  await store({ deletions: [{ kind: 'edition', domain: 'stock', edition: 'what-if' }] })
  await store({ appends: [append(keyNumber(3), 3, 'again')] })
  await collect(ledger.byCorrelation('corr-1'))
}

const DAMAGE: readonly (readonly [rule: RegExp, sql: string])[] = [
  [/no gap/, 'DELETE FROM events WHERE position = 2'],
  [/begins at 0/, 'DELETE FROM events WHERE position = 1'],
  [/stream that is known/, 'DELETE FROM streams WHERE id = 1'],
  [/root is a UUID/, "UPDATE streams SET root = x'00' WHERE id = 1"],
  [/numbered without a gap/, 'DELETE FROM commits WHERE number = 5'],
  [/agrees with its commit/, 'DELETE FROM commits WHERE number = 7'],
  [/where the one before it ended/, 'UPDATE commits SET recorded = 5 WHERE number = 9'],
  [/last position given/, "UPDATE sqlite_sequence SET seq = 5 WHERE name = 'events'"],
  [/claim was made/, 'UPDATE claims SET number = 999'],
  [/row was put/, 'UPDATE rows SET version = 999'],
  [/snapshot lies within/, 'UPDATE snapshots SET sequence = 77 WHERE sequence = 2'],
  [/only the newest snapshot/, 'UPDATE snapshots SET retention = 0'],
  [/deletion was done/, 'UPDATE tombstones SET number = 999'],
  [/points at an event/, "INSERT INTO correlations VALUES ('corr-1', 12345)"],
  [/found by its correlation id/, "DELETE FROM correlations WHERE id = 'corr-1'"],
  [/record of an event can be read/, "UPDATE events SET record = x'0011' WHERE position = 6"],
  [/type of an event is known/, "DELETE FROM names WHERE name = 'test.Happened'"],
  [/agrees with its row/, 'UPDATE events SET position = 9999 WHERE position = 6'],
]

describe('checkLedger', () => {
  test('finds nothing in a ledger that was only used', async () => {
    using folder = temporaryFolder()
    {
      await using ledger = await openSqliteLedger(folder.path)
      assert.equal(checkLedger(folder.path).clean, true)
      await fill(ledger)
      assert.deepEqual(checkLedger(folder.path).findings, [])
    }
    const check = checkLedger(folder.path)
    assert.deepEqual(check.findings, [])
    assert.deepEqual([check.commits, check.events], [63, 58])
  })

  test('names the rule that is broken, and where', async () => {
    using folder = temporaryFolder()
    const copy = `${folder.path}.copy`
    await using ledger = await openSqliteLedger(folder.path, { thread: 'inline' })
    await fill(ledger)
    await ledger[Symbol.asyncDispose]()
    for (const [rule, sql] of DAMAGE) {
      copyFileSync(folder.path, copy)
      const database = new DatabaseSync(copy)
      database.exec(sql)
      database.close()
      const { clean, findings } = checkLedger(copy)
      assert.equal(clean, false)
      const found = findings.map((finding) => finding.rule)
      assert.ok(
        found.some((one) => rule.test(one)),
        `${sql}: ${found.join(', ')}`,
      )
    }
  })

  test('finds damaged pages', async () => {
    using folder = temporaryFolder()
    await using ledger = await openSqliteLedger(folder.path, { thread: 'inline' })
    await fill(ledger)
    await ledger[Symbol.asyncDispose]()
    const file = readFileSync(folder.path)
    file.fill(0x5a, 4_096 * 3, 4_096 * 6)
    writeFileSync(folder.path, file)
    const { clean, findings } = checkLedger(folder.path)
    assert.equal(clean, false)
    assert.ok(findings.length > 0)
  })

  test('refuses what is no ledger', () => {
    using folder = temporaryFolder()
    const codes: string[] = []
    for (const content of [undefined, '', 'some text']) {
      if (content !== undefined) writeFileSync(folder.path, content)
      try {
        checkLedger(folder.path)
      } catch (error) {
        codes.push(codeOf(error))
      }
    }
    const not = 'LEDGER_NOT_A_LEDGER'
    assert.deepEqual(codes, ['LEDGER_OPEN_FAILED', not, not])
  })
})
