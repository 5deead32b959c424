import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Component } from '../../src/component/definition.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { command } from '../../src/component/outgoing-books.ts'
import type { Coordinator } from '../../src/coordinator/coordinator.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { NAME } from './failing-components.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { type Death, openMortalShop } from './mortal-shop.ts'
import { openShop } from './open-shop.ts'
import { orderCommand } from './shop-commands.ts'
import { orderAggregate } from './shop.ts'
import { counter } from './small-aggregates.ts'
import { messagesIn, rowsOf } from './stored-events.ts'

const NOTES = [1, 2, 3, 4]
/** More commits than a scenario takes. */
const COMMITS_MAX = 40

type Scenario = {
  /** A component that fails on the second note while it is broken. */
  readonly component: (isBroken: () => boolean) => Component
  /** The numbers it has dealt with, in order. */
  readonly dealtWith: (shop: Coordinator) => Promise<readonly number[]>
}

const failOn2 = (note: string, isBroken: () => boolean): number => {
  if (note === '2' && isBroken()) throw new Error('broken')
  return Number(note)
}

const scenarios: Record<string, Scenario> = {
  saga: {
    component: (isBroken) =>
      defineSaga({ name: NAME, source: 'order', target: 'counter' }).handles(
        orders.OrderNoteAddedSchema,
        ({ note }) => command('counter', 'c-1', counters.AddSchema, { n: failOn2(note, isBroken) }),
      ),
    dealtWith: async ({ ledger }) =>
      (await messagesIn(ledger, 'counter', counters.AddedSchema)).map(({ n }) => n),
  },
  projector: {
    component: (isBroken) =>
      defineProjector({ name: NAME, domains: ['order'] }).handles(
        orders.OrderNoteAddedSchema,
        async ({ note }, { projection }) => {
          const n = failOn2(note, isBroken)
          await projection.rows(orders.OrderStateSchema).update('seen', (row) => {
            row.notes.push(`${n}`)
          })
        },
      ),
    dealtWith: async (shop) => {
      const row = await shop.projection(NAME).get(orders.OrderStateSchema, 'seen')
      return (row?.notes ?? []).map(Number)
    },
  },
}

async function send(shop: Pick<Coordinator, 'client'>): Promise<void> {
  for (const n of NOTES) {
    const note = orderCommand(shop, 'order-1').withMessage(orders.AddOrderNoteSchema, {
      note: `${n}`,
    })
    await note.withIdempotencyKey(`note-${n}`).execute()
  }
}

/** Parks the key, mends the component and replays; dies at a commit, and ends it in a new process. */
async function runWithDeath(
  { component, dealtWith }: Scenario,
  nth: number,
  death: Death,
): Promise<boolean> {
  await using folder = await ledgerFolder()
  let broken = true
  const components = [orderAggregate(), counter, component(() => broken)]
  const settings = { [NAME]: { attempts: 1 } }
  const first = await openMortalShop(components, { folder, settings, fatal: nth, death })
  const work = async (): Promise<false> => {
    await send(first)
    await first.settled()
    broken = false
    // Its desk is that of the ledger; a dead process never answers.
    await first.replayAll()
    return false
  }
  const died = await Promise.race([first.death.then(() => true), work().catch(() => false)])
  await first.bury()
  broken = false
  await using shop = await openShop(components, { folder, settings })
  await send(shop)
  await shop.settled()
  for (const { id } of await shop.deadLetters.list()) await shop.deadLetters.replay(id)
  const what = `commit ${nth}, ${death}`
  assert.deepEqual(await dealtWith(shop), NOTES, what)
  assert.deepEqual(await shop.deadLetters.list(), [], what)
  for (const space of ['parked', 'delivery']) {
    assert.deepEqual(await rowsOf(shop.ledger, space), [], what)
  }
  return died
}

describe('a parked key', () => {
  for (const [kind, scenario] of Object.entries(scenarios)) {
    for (const death of ['before', 'after'] as const) {
      test(`loses and repeats nothing whichever commit its process dies at: ${kind}, ${death}`, async () => {
        let nth = 1
        while (nth <= COMMITS_MAX && (await runWithDeath(scenario, nth, death))) nth++
        assert.ok(nth > 8 && nth <= COMMITS_MAX, `${nth} commits`)
      })
    }
  }
})
