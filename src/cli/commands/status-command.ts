/** `amends status <file>`: how a ledger is, at one look. */
import { statSync } from 'node:fs'
import type { Nanoseconds } from '../../clock.ts'
import { allRows } from '../../coordinator/all-rows.ts'
import { progressOf } from '../../coordinator/progress-rows.ts'
import { DEAD_LETTERS, DELIVERIES, PARKED, PROGRESS } from '../../coordinator/spaces.ts'
import type { Ledger, Space } from '../../ledger/ledger.ts'
import { openRequests } from '../../saga/operator/look-at-execution.ts'
import { type ExecutionRow, executionOf } from '../../saga/runner/execution-row.ts'
import { EXECUTIONS, type Standing, STANDINGS } from '../../saga/runner/spaces.ts'
import { hasStandingEnded } from '../../saga/runner/plan-row.ts'
import { type Command, isSet, JSON_OPTION } from '../command.ts'
import { type LeaseView, leasesOf } from '../leases.ts'
import { openExisting } from '../open-existing.ts'
import { printable } from '../text/printable.ts'
import { tableLines } from '../text/table.ts'
import { bytesText, isoText, momentText, spanText } from '../text/times.ts'

/** See the top of this file. */
export const statusCommand: Command = {
  name: 'status',
  says: 'Show sagas by state, who runs what, what lags behind.',
  takes: ['file'],
  options: { json: JSON_OPTION },
  run: async (input, world) => {
    const [file = ''] = input.args
    await using ledger = await openExisting(file, world)
    const now = world.clock.wall()
    const status = await statusOf(ledger, file, now)
    if (isSet(input, 'json')) world.out(JSON.stringify(statusJson(status)))
    else for (const line of linesOf(status, now)) world.out(line)
    return 0
  },
}

type ComponentProgress = {
  readonly component: string
  readonly position: number
  /** Events of the log that it has not passed. */
  readonly behind: number
  readonly parkedKeys: number
}

type Status = {
  readonly path: string
  readonly fileBytes: number
  readonly walBytes: number
  readonly tip: number
  readonly sagas: Readonly<Record<Standing, number>>
  readonly openItems: number
  /** The one that was started first and has not ended. */
  readonly oldestOpen: ExecutionRow | undefined
  readonly openRequests: number
  readonly leases: readonly LeaseView[]
  readonly components: readonly ComponentProgress[]
  readonly deliveries: number
  readonly deadLetters: number
}

async function statusOf(ledger: Ledger, file: string, now: Nanoseconds): Promise<Status> {
  const tip = await ledger.tip()
  const counted = await countSagas(ledger)
  return {
    path: ledger.location,
    fileBytes: bytesOf(file),
    walBytes: bytesOf(`${file}-wal`),
    tip,
    ...counted,
    openRequests: (await openRequests(ledger)).length,
    leases: await leasesOf(ledger, now),
    components: await progressOfAll(ledger, tip),
    deliveries: await countRows(ledger, DELIVERIES),
    deadLetters: await countRows(ledger, DEAD_LETTERS),
  }
}

async function countSagas(
  ledger: Ledger,
): Promise<Pick<Status, 'sagas' | 'openItems' | 'oldestOpen'>> {
  const sagas: Record<Standing, number> = {
    running: 0,
    awaiting: 0,
    waiting: 0,
    orphaned: 0,
    stuck: 0,
    completed: 0,
    compensated: 0,
    waived: 0,
  }
  let openItems = 0
  let oldestOpen: ExecutionRow | undefined
  for await (const row of allRows(ledger, EXECUTIONS)) {
    const standing = STANDINGS.find((one) => one === row.group) ?? 'running'
    sagas[standing]++
    if (hasStandingEnded(standing)) continue
    const execution = executionOf(row)
    openItems += execution.openItems
    if (oldestOpen === undefined || execution.startedAt < oldestOpen.startedAt) {
      oldestOpen = execution
    }
  }
  return { sagas, openItems, oldestOpen }
}

async function progressOfAll(ledger: Ledger, tip: number): Promise<readonly ComponentProgress[]> {
  const parked = new Map<string, number>()
  for await (const { group = '' } of allRows(ledger, PARKED)) {
    parked.set(group, (parked.get(group) ?? 0) + 1)
  }
  const components: ComponentProgress[] = []
  for await (const row of allRows(ledger, PROGRESS)) {
    const { low, done } = progressOf(row)
    const passed = done.reduce((sum, { from, to }) => sum + (to - from + 1), low)
    const behind = Math.max(0, tip - passed)
    const parkedKeys = parked.get(row.key) ?? 0
    components.push({ component: row.key, position: low, behind, parkedKeys })
  }
  return components
}

async function countRows(ledger: Ledger, space: Space): Promise<number> {
  let count = 0
  for await (const _row of allRows(ledger, space)) count++
  return count
}

function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function linesOf(status: Status, now: Nanoseconds): readonly string[] {
  const { path, fileBytes, walBytes, tip, sagas, oldestOpen, deliveries, deadLetters } = status
  const counts = STANDINGS.filter((standing) => sagas[standing] > 0).map(
    (standing) => `${sagas[standing]} ${standing}`,
  )
  const facts: readonly (readonly [string, string])[] = [
    ['ledger', `${path}, ${bytesText(fileBytes)}, write-ahead log ${bytesText(walBytes)}`],
    ['log', tip === 0 ? 'no events' : `up to position ${tip}`],
    ['sagas', counts.length === 0 ? 'none' : counts.join(', ')],
    ['oldest', oldestOpen === undefined ? '' : oldestText(oldestOpen, now)],
    ['operator', itemsText(status.openItems)],
    ['requests', status.openRequests === 0 ? '' : `${status.openRequests} not carried out yet`],
    ['deliveries', `${deliveries} open, ${deadLetters} dead letters`],
  ]
  return [
    ...facts
      .filter(([, text]) => text !== '')
      .map(([title, text]) => `${title.padEnd(12)}${printable(text)}`),
    ...leaseLines(status, now),
    ...componentLines(status),
  ]
}

function itemsText(count: number): string {
  if (count === 0) return 'nothing waits'
  return count === 1 ? '1 item waits' : `${count} items wait`
}

function oldestText({ id, standing, startedAt }: ExecutionRow, now: Nanoseconds): string {
  return `${id}, ${standing}, started ${spanText(now - startedAt)} ago`
}

function leaseLines({ leases }: Status, now: Nanoseconds): readonly string[] {
  if (leases.length === 0) return ['runs        nobody runs anything on this ledger']
  const columns = [
    { title: 'RUNS', isWhole: true },
    { title: 'WHERE' },
    { title: 'SINCE', isWhole: true },
    { title: 'LEASE' },
  ] as const
  const rows = leases.map(({ component, holder, since, expiresAt, isHeld }) => [
    component,
    holder,
    since === undefined ? '' : momentText(since).slice(0, -4),
    isHeld ? `ends in ${spanText(expiresAt - now)}` : 'its process is gone',
  ])
  return ['', ...tableLines(columns, rows)]
}

function componentLines({ components }: Status): readonly string[] {
  if (components.length === 0) return []
  const columns = [
    { title: 'COMPONENT', isWhole: true },
    { title: 'POSITION', align: 'right', isWhole: true },
    { title: 'BEHIND', align: 'right', isWhole: true },
    { title: 'PARKED KEYS', align: 'right', isWhole: true },
  ] as const
  const rows = components.map(({ component, position, behind, parkedKeys }) => [
    component,
    String(position),
    String(behind),
    String(parkedKeys),
  ])
  return ['', ...tableLines(columns, rows)]
}

function statusJson(status: Status): Readonly<Record<string, unknown>> {
  const { oldestOpen, leases } = status
  return {
    ...status,
    oldestOpen: oldestOpen && {
      id: oldestOpen.id,
      state: oldestOpen.standing,
      startedAt: isoText(oldestOpen.startedAt),
    },
    leases: leases.map(({ since, expiresAt, ...lease }) => ({
      ...lease,
      since: since && isoText(since),
      expiresAt: isoText(expiresAt),
    })),
  }
}
