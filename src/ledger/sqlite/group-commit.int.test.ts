import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { codeOf } from '../../errors.ts'
import type { WriteId } from '../../identity.ts'
import {
  append,
  bytes,
  committed,
  keyNumber,
  pagesOf,
  rejectsWith,
} from '../../testing/ledger-contract/kit.ts'
import type { Ledger, Outcome, Write } from '../ledger.ts'
import type { Connection } from './connection.ts'
import {
  hookedConnection,
  sqliteError,
  type StatementHook,
} from './faulty-connection.test.support.ts'
import { openSqliteLedger } from './open-sqlite-ledger.ts'
import { idMaker, temporaryFolder } from './temporary-ledger.test.support.ts'

type Kit = {
  readonly ledger: Ledger
  readonly newId: () => WriteId
  /** Statements run by the writer since the last look. */
  readonly statements: () => string[]
  /** The writer's connection, without hooks. */
  readonly raw: () => Connection
  /** What happens to the next statements. */
  hook: StatementHook
}

async function withHooks(run: (kit: Kit) => Promise<void>): Promise<void> {
  using folder = temporaryFolder()
  let seen: string[] = []
  let raw: Connection | undefined
  const kit: Kit = {
    ledger: await openSqliteLedger(folder.path, {
      thread: 'inline',
      wrapWriter: (connection) => {
        raw = connection
        return hookedConnection(connection, (sql, statement, inputs) => {
          seen.push(sql)
          return kit.hook(sql, statement, inputs)
        })
      },
    }),
    newId: idMaker(),
    statements: () => {
      const since = seen
      seen = []
      return since
    },
    raw: () => {
      assert.ok(raw !== undefined)
      return raw
    },
    hook: (_, statement) => statement(),
  }
  await using _ledger = kit.ledger
  await run(kit)
}

/** Lets everything pass until a statement is met for the nth time, then does something else once. */
function onceAt(
  sql: string,
  nth: number,
  act: (statement: () => unknown) => unknown,
): StatementHook {
  let met = 0
  return (text, statement) => (text.startsWith(sql) && ++met === nth ? act(statement) : statement())
}

/** True for the insert of the event whose page is a text. */
function insertsPage(page: string, sql: string, inputs: readonly unknown[]): boolean {
  return (
    sql.startsWith('INSERT INTO events') &&
    inputs.some((one) => one instanceof Uint8Array && Buffer.from(one).toString().endsWith(page))
  )
}

const one = (kit: Kit, n: number, at = 0): Write => ({
  id: kit.newId(),
  appends: [append(keyNumber(n), at, `${n}`)],
})

const kindsOf = (results: readonly PromiseSettledResult<Outcome>[]): string[] =>
  results.map((result) =>
    result.status === 'fulfilled' ? result.value.kind : codeOf(result.reason),
  )

describe('group commit', () => {
  test('writes offered together share one transaction', async () => {
    await withHooks(async (kit) => {
      kit.statements()
      await Promise.all(Array.from({ length: 100 }, (_, n) => kit.ledger.commit(one(kit, n))))
      const statements = kit.statements()
      assert.equal(statements.filter((sql) => sql === 'COMMIT').length, 1)
      assert.equal(statements.filter((sql) => sql.startsWith('BEGIN')).length, 1)
    })
  })

  test('a group of checks takes no lock and writes nothing', async () => {
    await withHooks(async (kit) => {
      committed(await kit.ledger.commit(one(kit, 1)))
      kit.statements()
      const check = (): Promise<Outcome> =>
        kit.ledger.commit({ id: kit.newId(), appends: [append(keyNumber(1), 1)] })
      await Promise.all([check(), check()])
      assert.deepEqual(kit.statements(), ['BEGIN', 'COMMIT'])
    })
  })

  test('a write that fails in the middle leaves nothing and costs the others nothing', async () => {
    await withHooks(async (kit) => {
      const whole = (n: number): Write => ({
        id: kit.newId(),
        appends: [append(keyNumber(n), 0, 'a', 'b')],
        claims: [{ scope: keyNumber(n), key: 'k' }],
        rows: [{ kind: 'put', space: 's', key: `${n}`, value: bytes('v'), expected: 'absent' }],
      })
      kit.hook = (sql, statement, inputs) => {
        if (sql.includes('INSERT INTO rows') && inputs[1] === '2') throw sqliteError(18)
        return statement()
      }
      const writes = [whole(1), whole(2), whole(3)]
      const results = await Promise.allSettled(writes.map((write) => kit.ledger.commit(write)))
      assert.deepEqual(kindsOf(results), ['committed', 'LEDGER_WRITE_FAILED', 'committed'])
      assert.deepEqual(await pagesOf(kit.ledger, keyNumber(2)), [])
      assert.equal(await kit.ledger.claimed({ scope: keyNumber(2), key: 'k' }), undefined)
      assert.equal(await kit.ledger.find(writes[1]?.id ?? kit.newId()), undefined)
      assert.deepEqual(await pagesOf(kit.ledger, keyNumber(3)), ['a', 'b'])
      assert.equal(await kit.ledger.tip(), 4)
      kit.hook = (_, statement) => statement()
      committed(await kit.ledger.commit(whole(2)))
    })
  })

  test('a transaction lost in the middle is done again write by write', async () => {
    await withHooks(async (kit) => {
      kit.hook = (sql, statement, inputs) => {
        if (!insertsPage('3', sql, inputs)) return statement()
        // What SQLite does when the disk is full: all of the transaction is gone.
        kit.raw().exec('ROLLBACK')
        throw sqliteError(13)
      }
      const writes = [1, 2, 3, 4, 5].map((n) => one(kit, n))
      const results = await Promise.allSettled(writes.map((write) => kit.ledger.commit(write)))
      const rest = ['committed', 'committed']
      assert.deepEqual(kindsOf(results), [...rest, 'LEDGER_FULL', ...rest])
      assert.equal(await kit.ledger.tip(), 4)
      for (const [index, write] of writes.entries()) {
        assert.equal((await kit.ledger.find(write.id)) === undefined, index === 2)
      }
    })
  })

  test('COMMIT that throws before it is done: nothing is stored, and the ledger goes on', async () => {
    await withHooks(async (kit) => {
      kit.hook = onceAt('COMMIT', 1, () => {
        throw sqliteError(10)
      })
      const writes = [one(kit, 1), one(kit, 2)]
      const results = await Promise.allSettled(writes.map((write) => kit.ledger.commit(write)))
      assert.deepEqual(kindsOf(results), ['LEDGER_WRITE_FAILED', 'LEDGER_WRITE_FAILED'])
      for (const write of writes) assert.equal(await kit.ledger.find(write.id), undefined)
      assert.equal(await kit.ledger.tip(), 0)
      for (const write of writes) committed(await kit.ledger.commit(write))
      assert.equal(await kit.ledger.tip(), 2)
    })
  })

  test('COMMIT that throws after it is done: each write is answered as stored', async () => {
    await withHooks(async (kit) => {
      kit.hook = onceAt('COMMIT', 1, (statement) => {
        statement()
        throw sqliteError(10)
      })
      const writes = [one(kit, 1), one(kit, 1), one(kit, 2)]
      const results = await Promise.allSettled(writes.map((write) => kit.ledger.commit(write)))
      assert.deepEqual(kindsOf(results), ['committed', 'conflict', 'committed'])
      const first = results[0]
      assert.ok(first?.status === 'fulfilled')
      assert.deepEqual(await kit.ledger.find(writes[0]?.id ?? kit.newId()), first.value)
      assert.equal(kit.ledger.foreignWrites(), 0)
      committed(await kit.ledger.commit(one(kit, 1, 1)))
    })
  })

  test('COMMIT that throws and cannot be looked up is answered as unknown', async () => {
    await withHooks(async (kit) => {
      const broken: StatementHook = (sql, statement) => {
        if (sql === 'COMMIT') {
          kit.hook = (text, other) => {
            if (text === 'BEGIN IMMEDIATE') throw sqliteError(10)
            return other()
          }
          statement()
          throw sqliteError(10)
        }
        return statement()
      }
      kit.hook = broken
      const write = one(kit, 1)
      await rejectsWith(kit.ledger.commit(write), 'COMMIT_OUTCOME_UNKNOWN')
      assert.notEqual(await kit.ledger.find(write.id), undefined)
      kit.hook = (_, statement) => statement()
      committed(await kit.ledger.commit(one(kit, 2)))
    })
  })

  test('a BEGIN that fails is answered at once and stores nothing', async () => {
    await withHooks(async (kit) => {
      kit.hook = onceAt('BEGIN IMMEDIATE', 1, () => {
        throw sqliteError(5)
      })
      const results = await Promise.allSettled([1, 2].map((n) => kit.ledger.commit(one(kit, n))))
      assert.deepEqual(kindsOf(results), ['LEDGER_BUSY', 'LEDGER_BUSY'])
      committed(await kit.ledger.commit(one(kit, 1)))
    })
  })

  test('what a failed write had interned is not taken for known', async () => {
    await withHooks(async (kit) => {
      kit.hook = (sql, statement, inputs) => {
        if (insertsPage('2', sql, inputs)) throw sqliteError(18)
        return statement()
      }
      const results = await Promise.allSettled([1, 2, 3].map((n) => kit.ledger.commit(one(kit, n))))
      assert.deepEqual(kindsOf(results), ['committed', 'LEDGER_WRITE_FAILED', 'committed'])
      kit.hook = (_, statement) => statement()
      committed(await kit.ledger.commit(one(kit, 2)))
      assert.deepEqual(await pagesOf(kit.ledger, keyNumber(2)), ['2'])
      assert.deepEqual(await pagesOf(kit.ledger, keyNumber(3)), ['3'])
    })
  })
})
