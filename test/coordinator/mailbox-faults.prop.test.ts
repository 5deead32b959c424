import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CommandBuilder } from '../../src/client/command-builder.ts'
import { CodedError } from '../../src/errors.ts'
import { dispositionOfError } from '../../src/errors/client-error.ts'
import type { FaultKind } from '../../src/testing/faulty-ledger.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import { type FaultyShop, openFaultyShop } from './faulty-shop.ts'
import { sequencesOf } from './shop-commands.ts'
import { counter } from './small-aggregates.ts'
import { decoded, eventsOf } from './stored-events.ts'

const ROOTS = ['c-1', 'c-2', 'c-3']
const COMMANDS = 120
const KINDS: readonly FaultKind[] = ['before', 'after', 'done-but-reported-failed']

/** Sends a command until it is answered; the answer's first sequence. */
async function insist(command: CommandBuilder): Promise<number | undefined> {
  for (;;) {
    try {
      return sequencesOf(await command.execute())[0]
    } catch (error) {
      // Only the commit that a fault took the outcome from fails without a code.
      if (error instanceof CodedError) assert.equal(dispositionOfError(error), 'retry', error.code)
    }
  }
}

async function run(shop: FaultyShop, seed: number): Promise<void> {
  const random = seededRandom(seed)
  const pick = <T>(from: readonly T[]): T | undefined =>
    from[Math.floor(random.fraction() * from.length)]
  for (let i = 0; i < 20; i++) {
    shop.faulty.failAt(1 + Math.floor(random.fraction() * COMMANDS), pick(KINDS) ?? 'before')
  }
  const answers: { readonly n: number; readonly root: string; readonly at: number | undefined }[] =
    []
  const send = async (n: number): Promise<void> => {
    const root = pick(ROOTS) ?? 'c-1'
    shop.forgetWrites(random.fraction() < 0.3)
    if (random.fraction() < 0.3) await new Promise((resolve) => setImmediate(resolve))
    const command = shop.client('counter').command(root)
    answers.push({ n, root, at: await insist(command.withMessage(counters.AddSchema, { n })) })
  }
  await Promise.all(Array.from({ length: COMMANDS }, (_, n) => send(n)))
  for (const root of ROOTS) {
    const stored = await eventsOf(shop.ledger, 'counter', root)
    assert.deepEqual(
      stored.map((event) => [event.sequence, decoded(event, counters.AddedSchema).n]),
      answers
        .filter((answer) => answer.root === root)
        .sort((one, other) => (one.at ?? 0) - (other.at ?? 0))
        .map(({ n, at }) => [at, n]),
      `seed ${seed}, ${root}`,
    )
  }
}

describe('commands on a ledger that fails now and then', () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
    test(`take effect once each, where their answers say: seed ${seed}`, async () => {
      await using shop = await openFaultyShop([counter])
      await run(shop, seed)
    })
  }
})
