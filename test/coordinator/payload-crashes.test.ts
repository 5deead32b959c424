import assert from 'node:assert/strict'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  faultyFiles,
  type FileFault,
  systemError,
} from '../../src/coordinator/payloads/faulty-files.test.support.ts'
import { filePayloads } from '../../src/coordinator/payloads/file-payloads.ts'
import { sweepPayloads } from '../../src/coordinator/payloads/sweep-payloads.ts'
import { systemClock } from '../../src/clock.ts'
import { CodedError } from '../../src/errors.ts'
import { systemRandom, writeIds } from '../../src/identity.ts'
import type { FaultKind } from '../../src/testing/faulty-ledger.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { type LedgerFolder, ledgerFolder } from './ledger-folder.ts'
import { openMortalShop } from './mortal-shop.ts'
import { openShop, type Shop } from './open-shop.ts'
import {
  besideLedger,
  fileOf,
  largeNote,
  nameOf,
  payloadFiles,
  payloadFolder,
  THRESHOLD,
} from './payload-shop.ts'
import { refusalOf } from './refusals.ts'
import { addNote } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { eventsOf, rowsOf, storedEvents } from './stored-events.ts'
import { until } from './until.ts'

const clock = systemClock()
const random = systemRandom()
const LETTERS = ['a', 'b', 'c'] as const

async function notesIn(shop: Pick<Shop, 'client'>): Promise<string[]> {
  const events = await shop.client('order').query('order-1').events(orders.OrderNoteAddedSchema)
  return events.map(({ message }) => message.note.slice(0, 1))
}

/** Adds the notes one by one, as a client that tries each again until it is told that it is there. */
async function addAll(shop: Pick<Shop, 'client'>): Promise<void> {
  for (const letter of LETTERS) {
    const adding = addNote(shop, largeNote(letter))
    for (let tries = 0; ; tries++) {
      try {
        await adding.execute()
        break
      } catch (error) {
        if (!(error instanceof CodedError) || tries > 3) throw error
      }
    }
  }
}

/** Sweeps as if a day and more had passed. */
async function sweepLater(shop: Pick<Shop, 'ledger'>, folder: LedgerFolder): Promise<number> {
  const { ledger } = shop
  const newId = writeIds(clock, random)
  for (const name of await readdir(payloadFolder(folder))) {
    await utimes(join(payloadFolder(folder), name), 1_000, 1_000)
  }
  return await sweepPayloads({
    store: filePayloads({ folder: payloadFolder(folder), files: faultyFiles(), clock, random }),
    ledger,
    journal: { commit: (draft) => ledger.commit({ ...draft, id: newId() }) },
    clock,
    graceMs: 60_000,
  })
}

/** What every crash must leave: the notes, whole, and after a while no other file. */
async function assertWhole(folder: LedgerFolder, what: string): Promise<void> {
  await using shop = await openShop([orderAggregate()], { folder, payloads: besideLedger(folder) })
  await addAll(shop)
  const notes = await notesIn(shop)
  assert.deepEqual([...new Set(notes)].sort(), [...LETTERS], what)
  await sweepLater(shop, folder)
  assert.equal((await payloadFiles(folder)).length, LETTERS.length, what)
  assert.deepEqual(await notesIn(shop), notes, what)
}

describe('large events', () => {
  for (const fault of ['before', 'after', 'done-but-reported-failed'] as const) {
    test(`are stored whole and once whichever commit fails: ${fault}`, async () => {
      const commits = await commitsOfScenario()
      assert.ok(commits >= LETTERS.length)
      for (let nth = 1; nth <= commits; nth++) await withFailingCommit(nth, fault)
    })
  }

  for (const death of ['before', 'after'] as const) {
    test(`are whole whichever commit the process dies at: ${death}`, async () => {
      for (let nth = 1; nth <= (await commitsOfScenario()); nth++) {
        await using folder = await ledgerFolder()
        const payloads = besideLedger(folder)
        const options = { folder, payloads, fatal: nth, death }
        const opening = openMortalShop([orderAggregate()], options)
        const first = await opening
        await Promise.race([first.death, addAll(first)])
        await first.bury()
        await assertWhole(folder, `commit ${nth}, ${death}`)
      }
    })
  }

  for (const fault of ['before', 'after', 'torn'] as const) {
    for (const dead of [true, false]) {
      const how = dead ? 'the process dies' : 'one fails'
      test(`are whole at whichever file operation ${how}: ${fault}`, async () => {
        for (let nth = 1; nth <= 15; nth++) await withFailingFile(nth, fault, dead)
      })
    }
  }

  test('for which there is no room are refused, and nothing is stored', async () => {
    await using folder = await ledgerFolder()
    await mkdir(payloadFolder(folder))
    const files = faultyFiles()
    const store = filePayloads({ folder: payloadFolder(folder), files, clock, random })
    const payloads = { store, thresholdBytes: THRESHOLD }
    await using shop = await openShop([orderAggregate()], { folder, payloads })
    files.failWith(systemError('ENOSPC'))
    const { code, grpcStatus } = await refusalOf(addNote(shop, largeNote('a')).execute())
    assert.deepEqual([code, grpcStatus], ['PAYLOAD_STORE_FULL', 'RESOURCE_EXHAUSTED'])
    assert.deepEqual(await storedEvents(shop.ledger), [])
    assert.deepEqual(await payloadFiles(folder), [])
    // Small events do not need the folder; the state is what is stored.
    await addNote(shop, 'small').execute()
    files.heal()
    await addNote(shop, largeNote('b')).execute()
    assert.deepEqual(await notesIn(shop), ['s', 'b'])
  })

  test('do not take with them what was decided upon them when they cannot be kept', async () => {
    await using folder = await ledgerFolder()
    await mkdir(payloadFolder(folder))
    const files = faultyFiles()
    const store = filePayloads({ folder: payloadFolder(folder), files, clock, random })
    const payloads = { store, thresholdBytes: THRESHOLD }
    const states: number[] = []
    const order = orderAggregate({ adding: ({ notes }) => states.push(notes.length) })
    await using shop = await openShop([order], { folder, payloads })
    files.failAt(2, 'before', false)
    const item = shop
      .client('order')
      .command('order-1')
      .withMessage(orders.AddItemSchema, { sku: 's', quantity: 1 })
    const [large, small] = await Promise.allSettled([
      addNote(shop, largeNote('a')).execute(),
      item.execute(),
    ])
    assert.equal(large.status, 'rejected')
    assert.equal(small.status, 'fulfilled')
    // Decided on the note first, and anew without it.
    assert.deepEqual(states, [1, 0])
    const events = await eventsOf(shop.ledger, 'order', 'order-1')
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      [0],
    )
  })
})

describe('payloads that nobody needs', () => {
  test('go with the edition whose events they were, once their time is over', async () => {
    await using folder = await ledgerFolder()
    const payloads = besideLedger(folder)
    await using shop = await openShop([orderAggregate()], { folder, payloads })
    await addNote(shop, largeNote('a')).execute()
    await addNote(shop, largeNote('a')).withEdition('what-if').execute()
    await addNote(shop, largeNote('b')).withEdition('what-if').execute()
    await shop.deleteEdition({ domain: 'order', edition: 'what-if' })
    assert.equal((await payloadFiles(folder)).length, 2)
    assert.equal(await sweepLater(shop, folder), 1)
    const [kept] = await eventsOf(shop.ledger, 'order', 'order-1')
    assert.deepEqual(await payloadFiles(folder), [nameOf(folder, kept)])
    // The row of the note that both had goes when its payload is looked at next.
    assert.ok((await rowsOf(shop.ledger, 'payload')).length <= 2)
    assert.deepEqual(await notesIn(shop), ['a'])
  })

  test('stay for the grace period, and foreign files for ever', async () => {
    await using folder = await ledgerFolder()
    await using shop = await openShop([orderAggregate()], {
      folder,
      payloads: besideLedger(folder),
      limits: { payloadSweepingMs: 2 },
    })
    await addNote(shop, largeNote('a')).withEdition('what-if').execute()
    const edition = (await storedEvents(shop.ledger)).find(({ key }) => key.edition === 'what-if')
    const file = fileOf(folder, edition)
    const foreign = join(payloadFolder(folder), 'foreign.bin')
    await writeFile(foreign, 'mine')
    await utimes(foreign, 1_000, 1_000)
    await shop.deleteEdition({ domain: 'order', edition: 'what-if' })
    await new Promise((resolve) => setTimeout(resolve, 30))
    assert.equal((await payloadFiles(folder)).length, 2)
    await utimes(file, 1_000, 1_000)
    // The upkeep of the coordinator does it by itself.
    await until(async () => (await payloadFiles(folder)).length === 1)
    assert.deepEqual(await payloadFiles(folder), ['foreign.bin'])
  })
})

async function commitsOfScenario(): Promise<number> {
  await using folder = await ledgerFolder()
  const payloads = besideLedger(folder)
  await using shop = await openFaultyShop([orderAggregate()], { folder, payloads })
  await addAll(shop)
  return shop.faulty.commits
}

async function withFailingCommit(nth: number, kind: FaultKind): Promise<void> {
  await using folder = await ledgerFolder()
  const payloads = besideLedger(folder)
  try {
    await using shop = await openFaultyShop([orderAggregate()], {
      folder,
      payloads,
      failing: { nth, kind },
    })
    await addAll(shop)
    // Sent again under its key, a note is stored once.
    assert.deepEqual(await notesIn(shop), [...LETTERS], `commit ${nth}, ${kind}`)
  } catch (error) {
    // The fault was in a commit of the start.
    if (!(error instanceof Error) || error instanceof assert.AssertionError) throw error
  }
  await assertWhole(folder, `commit ${nth}, ${kind}`)
}

async function withFailingFile(nth: number, fault: FileFault, dead: boolean): Promise<void> {
  await using folder = await ledgerFolder()
  {
    // The folder is claimed first, so that it can be opened by its name later.
    await using shop = await openShop([orderAggregate()], {
      folder,
      payloads: besideLedger(folder),
    })
    assert.deepEqual(await notesIn(shop), [])
  }
  const files = faultyFiles()
  const store = filePayloads({ folder: payloadFolder(folder), files, clock, random })
  {
    const payloads = { store, thresholdBytes: THRESHOLD }
    await using shop = await openShop([orderAggregate()], { folder, payloads })
    files.failAt(nth, fault, dead)
    await addAll(shop).catch((error: unknown) => {
      if (!(error instanceof CodedError) || !dead) throw error
    })
    files.heal()
    const notes = await notesIn(shop)
    assert.deepEqual(notes, LETTERS.slice(0, notes.length), `operation ${nth}, ${fault}`)
  }
  await assertWhole(folder, `operation ${nth}, ${fault}`)
}
