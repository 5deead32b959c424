/**
 * The order book from its first order to its audit, beside a bare loop that commits as many events
 * one by one: what a program without any engine would do at most.
 *
 * Not measured: start-up, and the audit itself.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { bareLoop } from './bare-loop.ts'
import type { Measurement } from './measurement.ts'
import { withScratch } from './scratch.ts'

const SECONDS = 2

type Summary = {
  readonly orders: number
  readonly events: number
  readonly seconds: number
  readonly audit: { readonly clean: boolean }
}

/** Orders per second, with their reservations, charges, refusals and compensations. */
export async function measureOrderBook(): Promise<readonly Measurement[]> {
  const bare = await bareLoop(1, SECONDS)
  const { orders, events, seconds, audit } = await withScratch(async (path) => {
    const program = fileURLToPath(new URL('../examples/order-book/main.js', import.meta.url))
    const args = [program, '--json', '--database', path, '--concurrency', '64']
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error('the order book failed')
    // The last line is what the program promises.
    return await Promise.resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Summary)
  })
  if (!audit.clean) throw new Error('the books are not clean')
  return [
    {
      name: 'order-book.orders',
      ours: orders / seconds,
      baseline: (bare.perSecond * orders) / events,
      unit: 'orders/s',
      against: 'the same number of events, each in a transaction of its own',
    },
  ]
}
