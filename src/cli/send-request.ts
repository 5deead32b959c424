/** Stores what an operator wants done, waits for the answer, and says what became of it. */
import { sleep, throwIfAborted } from '../abort.ts'
import { CodedError, codedError } from '../errors.ts'
import { writeIds } from '../identity.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { checkId } from '../saga/manager/manager-options.ts'
import type { OperatorAnswer, OperatorRequest, Wish } from '../saga/operator/operator-request.ts'
import { awaitAnswer, storeRequest } from '../saga/operator/send-request.ts'
import type { ExecutionRow } from '../saga/runner/execution-row.ts'
import { readRow } from '../saga/runner/read-execution.ts'
import { RUNNER } from '../saga/runner/spaces.ts'
import {
  type CommandInput,
  type CommandOption,
  type CommandWorld,
  isSet,
  JSON_OPTION,
  textOption,
} from './command.ts'
import { leaseOf } from './leases.ts'
import { openExisting } from './open-existing.ts'
import { printable } from './text/printable.ts'
import { durationMs } from './text/times.ts'

/** The options of every command that asks for something. */
export const REQUEST_OPTIONS: Readonly<Record<string, CommandOption>> = {
  reason: { value: 'text', says: 'Why. It stands in the journal.' },
  by: { value: 'name', says: 'Who wants it. Default: who is logged in.' },
  wait: { value: '5s', says: 'How long to wait for the answer. Default 5s; 0 does not wait.' },
  'request-id': { value: 'id', says: 'Names the request: sent twice under one id, it is one.' },
  json: JSON_OPTION,
}

/** What every such command says of itself. */
export const REQUEST_MORE: readonly string[] = [
  'The wish is stored in the ledger. The process that runs the sagas carries it out, at once or when',
  'it starts next, and answers in the same commit. So it is done once, whatever crashes.',
]

const WAIT_MS = 5_000

/**
 * Sends a wish. Exit code 0 when it is done, or stored and not waited for.
 *
 * @throws CodedError `SAGA_EXECUTION_NOT_FOUND`, `OPERATOR_REQUEST_INVALID`,
 * `OPERATOR_REQUEST_ID_TAKEN`, `OPERATOR_REQUEST_UNANSWERED`; what the wish is refused with
 */
export async function sendWish(
  input: CommandInput,
  world: CommandWorld,
  wish: Wish,
): Promise<number> {
  const [file = '', given = ''] = input.args
  const execution = checkId(given)
  const wait = textOption(input, 'wait')
  const waitMs = wait === undefined ? WAIT_MS : durationMs('wait', wait)
  await using ledger = await openExisting(file, world)
  // Refused before anything is stored.
  await readRow(ledger, execution)
  const { clock, random, signal } = world
  const newId = writeIds(clock, random)
  const id = textOption(input, 'request-id') ?? newId()
  const by = textOption(input, 'by') ?? (world.user === '' ? 'operator' : world.user)
  const request: OperatorRequest = { id, execution, by, askedAt: clock.wall(), wish }
  const untilMs = clock.monotonicMs() + waitMs
  // Stopped before anything is stored.
  throwIfAborted(signal)
  await storeRequest(ledger, newId(), request)
  const answer = await answered(ledger, request, world, waitMs)
  const row =
    answer?.outcome === 'done' && waitMs > 0
      ? await settled(ledger, execution, world, untilMs)
      : await readRow(ledger, execution)
  tell(input, world, { request, answer, row })
  if (answer?.outcome === 'refused') throw refusal(request, answer)
  if (answer === undefined && waitMs > 0) throw await unanswered(ledger, request, world)
  return signal.aborted ? 130 : 0
}

async function answered(
  ledger: Ledger,
  { id }: OperatorRequest,
  { clock, signal, err }: CommandWorld,
  waitMs: number,
): Promise<OperatorAnswer | undefined> {
  try {
    return await awaitAnswer(ledger, id, { clock, waitMs, signal })
  } catch (error) {
    if (signal.aborted) err(printable(`amends: request ${id} stays stored and will be carried out`))
    throw error
  }
}

/** How the execution stands once it goes on no further, or when the time is up. */
async function settled(
  ledger: Ledger,
  id: string,
  { clock, signal }: CommandWorld,
  untilMs: number,
): Promise<ExecutionRow> {
  for (;;) {
    const row = await readRow(ledger, id)
    const isMoving = row.standing === 'running' || row.standing === 'awaiting'
    if (!isMoving || signal.aborted || clock.monotonicMs() >= untilMs) return row
    await sleep(LOOK_EVERY_MS, clock, signal).catch(() => undefined)
  }
}

const LOOK_EVERY_MS = 25

type Told = {
  readonly request: OperatorRequest
  readonly answer: OperatorAnswer | undefined
  readonly row: ExecutionRow
}

function tell(input: CommandInput, { out }: CommandWorld, { request, answer, row }: Told): void {
  const { standing: state, forward, backward, openItems } = row
  if (isSet(input, 'json')) {
    const { id, execution } = request
    const { outcome = 'open', code, message, hint } = answer ?? {}
    const now = { state, forward, backward, openItems }
    out(JSON.stringify({ request: id, execution, outcome, code, message, hint, now }))
    return
  }
  if (answer === undefined) out(printable(`stored as request ${request.id}`))
  if (answer?.outcome !== 'done') return
  const items = openItems === 0 ? '' : `, ${openItems} for an operator`
  out('done')
  out(
    printable(`${request.execution} is ${state}: forward ${forward}, backward ${backward}${items}`),
  )
}

function refusal({ execution, id }: OperatorRequest, answer: OperatorAnswer): CodedError {
  const { code, message, hint } = answer
  return new CodedError(message, { code, hint, details: { id: execution, request: id } })
}

async function unanswered(
  ledger: Ledger,
  { id }: OperatorRequest,
  { clock }: CommandWorld,
): Promise<CodedError> {
  const lease = await leaseOf(ledger, RUNNER, clock.wall())
  const why =
    lease?.isHeld === true
      ? `${lease.holder} runs the sagas of this ledger; it may be busy, or of an older version.`
      : 'No process runs the sagas of this ledger at present: the next one carries it out.'
  return codedError('OPERATOR_REQUEST_UNANSWERED', {
    details: { request: id },
    hint: `${why} Sending it again with --request-id ${id} asks how it stands.`,
  })
}
