/** Lists executions from their rows, a page at a time. */
import { type Clock, type Nanoseconds, NANOSECONDS_PER_MS } from '../../clock.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { type ExecutionRow, executionOf } from '../runner/execution-row.ts'
import { EXECUTIONS, type Standing, STANDINGS } from '../runner/spaces.ts'
import { invalid } from './manager-options.ts'
import type { SagaFilter, SagaPage, SagaSummary } from './saga-manager.ts'

const PAGE = 100
const PAGE_MAX = 1_000
const ROWS_PER_READ = 500
const ROWS_PER_READ_MIN = 16

/**
 * One page of the executions that pass a filter, by state and then by id.
 *
 * @throws CodedError `CONFIGURATION_INVALID`
 */
export async function listExecutions(
  ledger: Ledger,
  clock: Clock,
  filter: SagaFilter,
): Promise<SagaPage> {
  const limit = checkLimit(filter.limit ?? PAGE)
  const states = statesOf(filter)
  const startedBefore = startedBeforeOf(filter.olderThanMs, clock)
  const executions: SagaSummary[] = []
  const rowsPerRead = Math.min(ROWS_PER_READ, Math.max(ROWS_PER_READ_MIN, limit))
  let from = cursorOf(filter.after, states)
  while (from !== undefined) {
    const { state, key } = from
    const rows = await ledger.rows(EXECUTIONS, { group: state, after: key, limit: rowsPerRead })
    for (const row of rows) {
      const execution = executionOf(row)
      if (startedBefore !== undefined && execution.startedAt > startedBefore) continue
      if (!passes(execution, filter)) continue
      executions.push(summaryOf(execution))
      if (executions.length === limit) return { executions, next: `${state}\n${row.key}` }
    }
    const last = rows.at(-1)
    from =
      last === undefined || rows.length < rowsPerRead
        ? startOf(states[states.indexOf(state) + 1])
        : { state, key: last.key }
  }
  return { executions, next: undefined }
}

/** What a list shows of a row. */
export function summaryOf(row: ExecutionRow): SagaSummary {
  const { standing, entries: _, ...rest } = row
  return { ...rest, state: standing }
}

function passes(row: ExecutionRow, { forward, backward, definition }: SagaFilter): boolean {
  return (
    (forward === undefined || row.forward === forward) &&
    (backward === undefined || row.backward === backward) &&
    (definition === undefined || row.definition === definition)
  )
}

function statesOf({ state, stuck }: SagaFilter): readonly Standing[] {
  const asked = state === undefined ? STANDINGS : [state].flat()
  for (const one of asked) {
    if (!STANDINGS.includes(one))
      throw invalid('state', one, `It is one of ${STANDINGS.join(', ')}.`)
  }
  return STANDINGS.filter(
    (one) => asked.includes(one) && (stuck === undefined || (one === 'stuck') === stuck),
  )
}

type Cursor = { readonly state: Standing; readonly key: string | undefined }

function cursorOf(after: string | undefined, states: readonly Standing[]): Cursor | undefined {
  if (after === undefined) return startOf(states[0])
  const [name = '', key] = after.split('\n')
  const state = states.find((one) => one === name)
  if (state === undefined || key === undefined) {
    throw invalid('after', after, 'after is `next` of a page of the same list.')
  }
  return { state, key }
}

function startOf(state: Standing | undefined): Cursor | undefined {
  return state && { state, key: undefined }
}

function startedBeforeOf(ageMs: number | undefined, clock: Clock): Nanoseconds | undefined {
  if (ageMs === undefined) return undefined
  if (!(ageMs >= 0 && ageMs < Infinity)) {
    throw invalid('olderThanMs', ageMs, 'olderThanMs counts milliseconds.')
  }
  return clock.wall() - BigInt(Math.ceil(ageMs)) * NANOSECONDS_PER_MS
}

function checkLimit(limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= PAGE_MAX) return limit
  throw invalid('limit', limit, `A page has 1 to ${PAGE_MAX} executions.`)
}
