/** Has the requests of operators, and of processes that stand by, carried out by the runner of this one. */
import { codedError } from '../../errors.ts'
import type { RowChange } from '../../ledger/ledger.ts'
import { carryOut } from '../operator/carry-out.ts'
import type { StartWish } from '../operator/operator-request.ts'
import { RequestFollower } from '../operator/request-follower.ts'
import { REQUESTS } from '../operator/request-row.ts'
import type { Started } from '../runner/executions.ts'
import type { Runner } from '../runner/runner.ts'

/** The follower of a runner; it has not started. */
export function followOperators(runner: Runner): RequestFollower {
  const { ledger, clock, bounds } = runner.options
  const target = {
    now: () => runner.now(),
    tell: (...told: Parameters<Runner['tell']>) => runner.tell(...told),
    start: async (id: string, wish: StartWish, alsoPut: () => RowChange) =>
      await startWished(runner, { id, wish, alsoPut }),
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

/** @throws CodedError `SAGA_DEFINITION_UNKNOWN` when this process has another version */
async function startWished(
  runner: Runner,
  wished: { readonly id: string; readonly wish: StartWish; readonly alsoPut: () => RowChange },
): Promise<Started> {
  const { id, wish, alsoPut } = wished
  const { definition, fingerprint, input, correlationId, user } = wish
  const known = runner.options.executables.find(definition, fingerprint)
  if (known === undefined) {
    throw codedError('SAGA_DEFINITION_UNKNOWN', {
      details: { id, definition, fingerprint },
      hint: 'The process that runs the executions of this ledger does not know this version of it.',
    })
  }
  return await runner.start(known, input, { id, correlationId, user, alsoPut })
}
