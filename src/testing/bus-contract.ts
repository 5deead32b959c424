/**
 * The contract of a bus, as tests: whatever passes them may carry the messages between services.
 *
 * Usage: `busContract('my bus', async (bounds) => ({ bus: await open(bounds), ... }))` in a file that
 * `node --test` runs.
 */
import { badInput } from './bus-contract/bad-input.ts'
import { bounds } from './bus-contract/bounds.ts'
import { closing } from './bus-contract/closing.ts'
import { deadLetters } from './bus-contract/dead-letters.ts'
import { delivery } from './bus-contract/delivery.ts'
import {
  type ContractBounds,
  type ContractPart,
  type OpenBusForContract,
  type OpenedBus,
  withKit,
} from './bus-contract/kit.ts'
import { order } from './bus-contract/order.ts'
import { redelivery } from './bus-contract/redelivery.ts'

export type { ContractBounds, OpenBusForContract, OpenedBus }

/**
 * Registers the contract's tests with `node:test`.
 *
 * @param name stands before the tests
 * @param open opens an empty bus, with the bounds it is given, for each of them
 * @param options.skip why the tests cannot run here, where what the bus stands on is missing
 */
export function busContract(
  name: string,
  open: OpenBusForContract,
  options: { readonly skip?: string | false | undefined } = {},
): void {
  // Only here, so that importing this package does not start a test run.
  const { describe, test } = process.getBuiltinModule('node:test')
  for (const [part, tests] of Object.entries(PARTS)) {
    describe(`${name}: ${part}`, () => {
      for (const one of tests) {
        test(one.title, { timeout: TIMEOUT_MS, skip: options.skip ?? false }, async () =>
          withKit(open, one),
        )
      }
    })
  }
}

/** What keeps a bus that lost a message from keeping the test run. */
const TIMEOUT_MS = 30_000

const PARTS: Readonly<Record<string, ContractPart>> = {
  delivery,
  'order per key': order,
  redelivery,
  'dead letters': deadLetters,
  'routing and bounds': bounds,
  closing,
  'bad input': badInput,
}
