import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FaultKind } from '../../src/testing/faulty-ledger.ts'
import { CodedError } from '../../src/errors.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { type Death, type FatalCommit, openMortalShop } from './mortal-shop.ts'
import { openShop } from './open-shop.ts'
import { assertSold, sell, sellingComponents } from './selling.ts'
import { spawnShop } from './spawned-shop.ts'
import { storedEvents } from './stored-events.ts'

type Fault = FaultKind | 'unknown'

/** How many commits the scenario takes, about: later ones come from retries. */
async function countCommits(): Promise<number> {
  await using shop = await openFaultyShop(sellingComponents())
  await sell(shop)
  await shop.settled()
  await assertSold(shop, 'without a fault')
  return shop.faulty.commits
}

/** Runs the scenario with one failing commit, settles it, and looks at it again later. */
async function runWithFault(nth: number, fault: Fault): Promise<void> {
  await using folder = await ledgerFolder()
  const what = `commit ${nth}, ${fault}`
  await openedWithFault(nth, fault, folder).catch((error: unknown) => {
    // The fault was in a commit of the start.
    if (!(error instanceof CodedError)) throw error
  })
  await using shop = await openShop(sellingComponents(), { folder })
  await sell(shop)
  await shop.settled()
  await assertSold(shop, `${what}, opened again`)
}

async function openedWithFault(
  nth: number,
  fault: Fault,
  folder: Awaited<ReturnType<typeof ledgerFolder>>,
): Promise<void> {
  const kind = fault === 'unknown' ? 'done-but-reported-failed' : fault
  await using shop = await openFaultyShop(sellingComponents(), { folder, failing: { nth, kind } })
  if (fault === 'unknown') {
    shop.forgetWrites(true)
    setTimeout(() => shop.forgetWrites(false), 5)
  }
  await sell(shop)
  await shop.settled()
  await assertSold(shop, `commit ${nth}, ${fault}`)
}

/** Runs the scenario until its process dies at a commit, and then to its end in another one. */
async function runWithDeath(fatal: FatalCommit, death: Death): Promise<boolean> {
  await using folder = await ledgerFolder()
  const first = await openMortalShop(sellingComponents(), { folder, fatal, death })
  const done = sell(first)
    .then(() => first.settled())
    .then(
      () => false,
      () => true,
    )
  const died = await Promise.race([first.death.then(() => true), done])
  await first.bury()
  await using shop = await openShop(sellingComponents(), { folder })
  await sell(shop)
  await shop.settled()
  await assertSold(shop, `commit ${String(fatal)}, ${death}`)
  return died
}

describe('the shop', () => {
  for (const fault of ['before', 'after', 'done-but-reported-failed', 'unknown'] as const) {
    test(`ends with the same books whichever commit fails: ${fault}`, async () => {
      const commits = await countCommits()
      assert.ok(commits > 30)
      for (let nth = 1; nth <= commits; nth++) await runWithFault(nth, fault)
    })
  }

  for (const death of ['before', 'after'] as const) {
    test(`ends with the same books whichever commit its process dies at: ${death}`, async () => {
      const commits = await countCommits()
      let deaths = 0
      for (let nth = 1; nth <= commits; nth++) if (await runWithDeath(nth, death)) deaths++
      assert.ok(deaths > commits / 2)
    })
  }

  test('sends a command once when its process dies between the commit of a process manager and the first delivery', async () => {
    const died = await runWithDeath(
      ({ appends = [], rows = [] }) =>
        appends.some(({ key }) => key.domain === 'fulfilling-process') &&
        rows.some(({ space }) => space === 'delivery'),
      'after',
    )
    assert.ok(died)
  })
})

describe('the shop that closes', () => {
  test('in the middle of its work goes on when it is opened again', async () => {
    for (let turns = 0; turns < 12; turns++) {
      await using folder = await ledgerFolder()
      {
        await using shop = await openShop(sellingComponents(), { folder })
        await sell(shop)
        for (let n = 0; n < turns; n++) await new Promise((turn) => setImmediate(turn))
      }
      await using shop = await openShop(sellingComponents(), { folder })
      await shop.settled()
      await assertSold(shop, `closed after ${turns} turns`)
    }
  })
})

describe('the shop as a program', () => {
  for (const [nth, death] of [
    [9, 'after'],
    [13, 'before'],
    [17, 'after'],
    [25, 'before'],
    [31, 'after'],
  ] as const) {
    test(`that is killed at commit ${nth}, ${death}, ends with the same books`, async () => {
      await using folder = await ledgerFolder()
      await using child = await spawnShop(folder, `${nth}`, death)
      assert.equal(await child.gone(), 'SIGKILL')
      await using shop = await openShop(sellingComponents(), { folder })
      await sell(shop)
      await shop.settled()
      await assertSold(shop, `killed at commit ${nth}, ${death}`)
    })
  }

  test('ends by itself once it is closed', async () => {
    await using folder = await ledgerFolder()
    await using child = await spawnShop(folder, '0')
    await child.said('done')
    assert.equal(await child.gone(), null)
  })

  test('that is killed when it has nothing left to do has done everything', async () => {
    await using folder = await ledgerFolder()
    await using child = await spawnShop(folder)
    await child.said('done')
    await child.kill()
    await using shop = await openShop(sellingComponents(), { folder })
    const before = (await storedEvents(shop.ledger)).length
    await shop.settled()
    await assertSold(shop, 'killed when it was done')
    assert.equal((await storedEvents(shop.ledger)).length, before)
  })
})
