import assert from 'node:assert/strict'
import { rename } from 'node:fs/promises'
import { describe, test } from 'node:test'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop, type Shop } from './open-shop.ts'
import { besideLedger, largeNote, payloadFiles, payloadFolder } from './payload-shop.ts'
import { refusalOf } from './refusals.ts'
import { addNote } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { rowsOf } from './stored-events.ts'

async function notesIn(shop: Shop): Promise<string[]> {
  const events = await shop.client('order').query('order-1').events(orders.OrderNoteAddedSchema)
  return events.map(({ message }) => message.note)
}

describe('the folder', () => {
  test('of another ledger is refused, and nothing in it is touched', async () => {
    await using folder = await ledgerFolder()
    await using other = await ledgerFolder()
    const payloads = besideLedger(folder)
    {
      await using shop = await openShop([orderAggregate()], { folder, payloads })
      await addNote(shop, largeNote('a')).execute()
    }
    const { code } = await refusalOf(openShop([orderAggregate()], { folder: other, payloads }))
    assert.equal(code, 'PAYLOAD_FOLDER_FOREIGN')
    assert.equal((await payloadFiles(folder)).length, 1)
  })

  test('that is empty although the ledger has payloads is refused; moved whole it is not', async () => {
    await using folder = await ledgerFolder()
    const payloads = besideLedger(folder)
    {
      await using shop = await openShop([orderAggregate()], { folder, payloads })
      await addNote(shop, largeNote('a')).execute()
    }
    await rename(payloadFolder(folder), `${folder.path}.moved`)
    const refused = await refusalOf(openShop([orderAggregate()], { folder, payloads }))
    assert.equal(refused.code, 'PAYLOAD_FOLDER_FOREIGN')
    const moved = { ...payloads, folder: `${folder.path}.moved` }
    await using shop = await openShop([orderAggregate()], { folder, payloads: moved })
    assert.deepEqual(await notesIn(shop), [largeNote('a')])
  })

  test('must be named again once there is anything in it', async () => {
    await using folder = await ledgerFolder()
    {
      await using shop = await openShop([orderAggregate()], {
        folder,
        payloads: besideLedger(folder),
      })
      await addNote(shop, 'small').execute()
    }
    {
      await using shop = await openShop([orderAggregate()], { folder })
      await addNote(shop, largeNote('a')).execute()
      assert.deepEqual(await rowsOf(shop.ledger, 'payload'), [])
    }
    {
      await using shop = await openShop([orderAggregate()], {
        folder,
        payloads: besideLedger(folder),
      })
      await addNote(shop, largeNote('b')).execute()
    }
    const { code } = await refusalOf(openShop([orderAggregate()], { folder }))
    assert.equal(code, 'CONFIGURATION_INVALID')
  })

  test('has settings that are checked at the start', async () => {
    await using folder = await ledgerFolder()
    for (const payloads of [
      {},
      { folder: '' },
      { folder: 'x', thresholdBytes: -1 },
      { folder: 'x', thresholdBytes: 1.5 },
      { folder: 'x', graceMs: 59_999 },
    ]) {
      const { code } = await refusalOf(openShop([orderAggregate()], { folder, payloads }))
      assert.equal(code, 'CONFIGURATION_INVALID')
    }
  })
})

describe('large events of two coordinators on one ledger', () => {
  test('are in one folder, and each reads what the other has written', async () => {
    await using folder = await ledgerFolder()
    const payloads = besideLedger(folder)
    await using one = await openShop([orderAggregate()], { folder, payloads })
    await using other = await openShop([orderAggregate()], { folder, payloads })
    await Promise.all([
      addNote(one, largeNote('a'), 'order-1').execute(),
      addNote(other, largeNote('a'), 'order-2').execute(),
      addNote(other, largeNote('b'), 'order-2').execute(),
    ])
    await addNote(other, largeNote('c'), 'order-1').execute()
    assert.deepEqual(await notesIn(one), ['a', 'c'].map(largeNote))
    assert.deepEqual(await notesIn(other), ['a', 'c'].map(largeNote))
    assert.equal((await payloadFiles(folder)).length, 3)
  })
})
