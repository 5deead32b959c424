/**
 * A million commands on a hundred thousand aggregates: does memory grow?
 *
 * Not measured: states that are large; the bound is on their estimated bytes.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { computeRoot } from '../src/identity/compute-root.ts'
import { openCoordinator } from '../src/coordinator/open-coordinator.ts'
import type { Measurement } from './measurement.ts'
import { withScratch } from './scratch.ts'
import { AddSchema, tally } from './tally.ts'

const COMMANDS = 1_000_000
const AGGREGATES = 100_000
const IN_FLIGHT = 256

/** Memory after the first half beside memory after the second; 1 is no growth. */
export async function measureMemory(): Promise<readonly Measurement[]> {
  return await withScratch(async (ledger) => {
    // Small enough that most aggregates leave the cache again and again.
    const limits = { stateCacheBytesMax: 33_554_432 }
    await using shop = await openCoordinator({ ledger, components: [tally], limits })
    const client = shop.client('tally')
    const roots = Array.from({ length: AGGREGATES }, (_, i) => computeRoot('tally', `m${i}`))
    let sent = 0
    const upTo = async (end: number): Promise<void> => {
      const lane = async (): Promise<void> => {
        while (sent < end) {
          const root = roots[(sent++ * 7_919) % AGGREGATES] ?? ''
          await client.command(root).withMessage(AddSchema, { n: 1 }).execute()
        }
      }
      await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
    }
    await upTo(COMMANDS / 2)
    const half = memory()
    await upTo(COMMANDS)
    const whole = memory()
    return [
      {
        name: 'memory.million-commands',
        ours: half,
        baseline: whole,
        unit: 'MB',
        against: 'resident memory after 1,000,000 commands (ours: after 500,000)',
      },
    ]
  })
}

/** As the flag is meant for the whole process, it is set where it is needed. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

function memory(): number {
  collectGarbage()
  return process.memoryUsage().rss / 1_048_576
}
