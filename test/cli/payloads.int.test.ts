import assert from 'node:assert/strict'
import { readdir, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { type LedgerFolder, ledgerFolder } from '../coordinator/ledger-folder.ts'
import { openShop } from '../coordinator/open-shop.ts'
import {
  besideLedger,
  largeNote,
  payloadFiles,
  payloadFolder,
} from '../coordinator/payload-shop.ts'
import { addNote } from '../coordinator/shop-commands.ts'
import { orderAggregate } from '../coordinator/shop.ts'
import { amends } from './amends.ts'

/** A ledger with three large notes, two of them the same. */
async function withNotes(folder: LedgerFolder): Promise<void> {
  await using shop = await openShop([orderAggregate()], { folder, payloads: besideLedger(folder) })
  for (const letter of ['a', 'b', 'b']) await addNote(shop, largeNote(letter)).execute()
}

describe('amends, with payloads beside the ledger,', () => {
  test('checks that every reference has its payload', async () => {
    await using folder = await ledgerFolder()
    await withNotes(folder)
    const clean = await amends('check', folder.path)
    assert.equal(clean.code, 0)
    assert.match(clean.out, /\.payloads: clean; 2 payloads of 3 events/)
    const [first = '', second = ''] = await payloadFiles(folder)
    await rm(join(payloadFolder(folder), first))
    await truncate(join(payloadFolder(folder), second), 5)
    const damaged = await amends('check', folder.path)
    assert.equal(damaged.code, 1)
    assert.match(damaged.out, /damaged; 2 of 2 payloads/)
    assert.match(damaged.out, /there is no such file/)
    assert.match(damaged.out, /the file has 5 bytes/)
    const json: unknown = JSON.parse((await amends('check', folder.path, '--json')).out)
    assert.ok(typeof json === 'object' && json !== null && 'clean' in json && 'payloads' in json)
    assert.equal(json.clean, false)
  })

  test('backs them up into a folder that the copy is opened with', async () => {
    await using folder = await ledgerFolder()
    await using copy = await ledgerFolder()
    await withNotes(folder)
    const backup = await amends('backup', folder.path, copy.path)
    assert.equal(backup.code, 0, backup.err)
    assert.match(backup.out, /\.payloads: 2 payloads, checked/)
    await rm(payloadFolder(folder), { recursive: true })
    assert.match((await amends('check', copy.path)).out, /clean; 2 payloads of 3 events/)
    const payloads = besideLedger(copy)
    await using shop = await openShop([orderAggregate()], { folder: copy, payloads })
    const events = await shop.client('order').query('order-1').events(orders.OrderNoteAddedSchema)
    assert.deepEqual(
      events.map(({ message }) => message.note),
      ['a', 'b', 'b'].map(largeNote),
    )
  })

  test('fails to back up what is damaged, and says which payload it is', async () => {
    await using folder = await ledgerFolder()
    await using copy = await ledgerFolder()
    await withNotes(folder)
    const [first = ''] = await readdir(payloadFolder(folder)).then((names) => names.sort())
    await truncate(join(payloadFolder(folder), first), 5)
    const backup = await amends('backup', folder.path, copy.path)
    assert.equal(backup.code, 1)
    assert.match(backup.err, /BACKUP_FAILED/)
  })

  test('says nothing of payloads where there are none', async () => {
    await using folder = await ledgerFolder()
    {
      await using shop = await openShop([orderAggregate()], { folder })
      await addNote(shop, 'small').execute()
    }
    const { code, out } = await amends('check', folder.path)
    assert.equal(code, 0)
    assert.doesNotMatch(out, /payloads/)
  })
})
