/** Has the requests of operators carried out by the runner of this process. */
import { carryOut } from '../operator/carry-out.ts'
import { RequestFollower } from '../operator/request-follower.ts'
import { REQUESTS } from '../operator/request-row.ts'
import type { Runner } from '../runner/runner.ts'

/** The follower of a runner; it has not started. */
export function followOperators(runner: Runner): RequestFollower {
  const { ledger, clock, bounds } = runner.options
  const target = {
    now: () => runner.now(),
    tell: (...told: Parameters<Runner['tell']>) => runner.tell(...told),
    put: (row: Parameters<Runner['put']>[0][number]) => runner.put([row]),
  }
  return new RequestFollower({
    ledger,
    clock,
    pollMs: bounds.operatorPollMs,
    lookMs: bounds.operatorLookMs,
    readMax: bounds.operatorRequestsPerReadMax,
    carryOut: (request) => carryOut(target, request),
    remove: (keys) =>
      runner.put(keys.map((key) => ({ kind: 'remove', space: REQUESTS, key, expected: 'any' }))),
    failed: (error, id) => runner.trouble('operator_request_failed', error, { id }),
  })
}
