import { strict as assert } from 'node:assert'
import { statSync } from 'node:fs'
import { describe, test } from 'node:test'
import { limits } from '../../limits.ts'
import { committed, keyNumber } from '../../testing/ledger-contract/kit.ts'
import { checkLedger } from './check-ledger.ts'
import { openSqliteLedger } from './open-sqlite-ledger.ts'
import { idMaker, temporaryFolder } from './temporary-ledger.test.support.ts'

const PAGE = new Uint8Array(limits.payloadBytesMax)
const EVENTS = 16

describe('the write-ahead log', () => {
  for (const thread of ['inline', 'worker'] as const) {
    test(`is copied into the file while the ledger is in use, ${thread}`, async () => {
      using folder = temporaryFolder()
      const newId = idMaker()
      const size = (suffix: string): number => statSync(`${folder.path}${suffix}`).size
      await using ledger = await openSqliteLedger(folder.path, {
        thread,
        durability: 'may-lose-last-commits',
      })
      const events = Array.from({ length: EVENTS }, () => ({ type: 't', page: PAGE }))
      let written = 0
      for (let at = 0; written < 2 * limits.walBytesMax; at += EVENTS) {
        const appends = [{ key: keyNumber(1), at, events, correlationId: '' }]
        committed(await ledger.commit({ id: newId(), appends }))
        written += EVENTS * PAGE.length
      }
      assert.ok(size('-wal') < limits.walBytesMax + 2 * limits.bytesPerGroupMax, `${size('-wal')}`)
      assert.ok(size('') > limits.walBytesPerCheckpoint, `${size('')}`)
      await ledger[Symbol.asyncDispose]()
      assert.deepEqual(checkLedger(folder.path).findings, [])
    })
  }
})
