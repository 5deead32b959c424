import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { codeOf } from '../../errors.ts'
import { append, bytes, committed, keyNumber, pagesOf } from '../../testing/ledger-contract/kit.ts'
import type { Write } from '../ledger.ts'
import { openSqliteLedger } from './open-sqlite-ledger.ts'
import { idMaker, temporaryFolder } from './temporary-ledger.test.support.ts'

/** Room for the tables of an empty ledger and some events. */
const FULL = 'PRAGMA max_page_count = 60;'

describe('a full disk', () => {
  for (const thread of ['inline', 'worker'] as const) {
    test(`in the middle of a group fails the write that does not fit, ${thread}`, async () => {
      using folder = temporaryFolder()
      await using ledger = await openSqliteLedger(folder.path, { thread, writerPragmas: FULL })
      const newId = idMaker()
      const small = (n: number): Write => ({
        id: newId(),
        appends: [append(keyNumber(n), 0, 'a', 'b')],
        rows: [{ kind: 'put', space: 's', key: `${n}`, value: bytes('v'), expected: 'absent' }],
      })
      const page = new Uint8Array(200_000)
      const large: Write = {
        ...small(2),
        appends: [
          append(keyNumber(20), 0, 'half'),
          {
            ...append(keyNumber(2), 0),
            events: [
              { type: 't', page },
              { type: 't', page },
            ],
          },
        ],
      }
      const writes = [small(1), large, small(3), small(4)]
      const results = await Promise.allSettled(writes.map((write) => ledger.commit(write)))
      assert.deepEqual(
        results.map((one) => (one.status === 'fulfilled' ? one.value.kind : codeOf(one.reason))),
        ['committed', 'LEDGER_FULL', 'committed', 'committed'],
      )
      for (const n of [1, 3, 4]) {
        assert.deepEqual(await pagesOf(ledger, keyNumber(n)), ['a', 'b'])
        assert.notEqual(await ledger.row('s', `${n}`), undefined)
      }
      assert.equal(await ledger.head(keyNumber(2)), 0)
      assert.equal(await ledger.head(keyNumber(20)), 0)
      assert.equal(await ledger.row('s', '2'), undefined)
      assert.equal(await ledger.find(large.id), undefined)
      assert.equal(await ledger.tip(), 6)
    })
  }

  test('refuses every write until there is room, and loses nothing by then', async () => {
    using folder = temporaryFolder()
    const newId = idMaker()
    let stored = 0
    {
      await using ledger = await openSqliteLedger(folder.path, {
        thread: 'inline',
        writerPragmas: FULL,
      })
      for (;;) {
        const page = new Uint8Array(3_000)
        const appends = [{ ...append(keyNumber(1), stored), events: [{ type: 't', page }] }]
        const code = await ledger.commit({ id: newId(), appends }).then(() => '', codeOf)
        if (code === 'LEDGER_FULL') break
        assert.equal(code, '')
        stored++
      }
      assert.equal(await ledger.head(keyNumber(1)), stored)
    }
    await using ledger = await openSqliteLedger(folder.path, { thread: 'inline' })
    assert.equal(await ledger.head(keyNumber(1)), stored)
    committed(await ledger.commit({ id: newId(), appends: [append(keyNumber(1), stored, 'x')] }))
  })
})
