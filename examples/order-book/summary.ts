/** What a run comes to, for people and for machines. */
import type { Finding } from './audit/evidence.ts'
import type { Settings } from './gen/book_pb.ts'
import { formatCents } from './money.ts'
import { amendedOrders, type Tally } from './tally.ts'

/** A run that has come to rest. */
export type Report = {
  /** Orders there were to place. */
  readonly orders: number
  readonly tally: Tally
  readonly settings: Settings
  /** Time from the start of the process until the first order could be placed. */
  readonly startUpSeconds: number
  /** Time of trading in this run, and the commands decided in it. */
  readonly seconds: number
  readonly commands: number
  readonly database: string
  /** Whether the components ran in another process. */
  readonly remote: boolean
  readonly interrupted: boolean
  readonly findings: readonly Finding[]
}

/** The one JSON object of `--json`. */
export function toJson(report: Report): string {
  const { tally, settings, database, interrupted, findings } = report
  return JSON.stringify({
    orders: report.orders,
    placed: tally.placed,
    confirmed: tally.confirmed,
    amended: tally.amended,
    compensations: tally.compensations,
    events: tally.events,
    commands: report.commands,
    startUpSeconds: Number(report.startUpSeconds.toFixed(3)),
    seconds: Number(report.seconds.toFixed(3)),
    commandsPerSecond: perSecond(report),
    database,
    remote: report.remote,
    interrupted,
    settings: {
      stockFactor: settings.stockFactor,
      creditLimit: Number(settings.creditLimitCents) / 100,
      repeat: settings.repeat,
      concurrency: settings.concurrency,
    },
    audit: { clean: findings.length === 0, complete: !interrupted, findings },
  })
}

/** The same for people. */
export function toLines(report: Report): string[] {
  const { orders, tally, settings, findings, interrupted } = report
  const reasons = Object.entries(tally.amended).map(([code, count]) => `${code} ${count}`)
  return [
    `orders         ${tally.placed} placed of ${orders}`,
    `  confirmed    ${tally.confirmed}`,
    `  amended      ${amendedOrders(tally)}: ${reasons.join(', ')}`,
    `compensations  ${tally.compensations} (lines released, charges refunded)`,
    `events         ${tally.events}`,
    `commands       ${report.commands} in ${report.seconds.toFixed(2)} s: ${perSecond(report)} a second`,
    `settings       stock factor ${settings.stockFactor}, credit limit ${formatCents(settings.creditLimitCents)}, ${settings.concurrency} orders at a time`,
    `database       ${report.database}${report.remote ? ', served by amends serve' : ''}`,
    `audit          ${verdict(findings, interrupted)}`,
    ...findings.slice(0, SHOWN).map(({ rule, about, text }) => `  ${rule}  ${about}: ${text}`),
    ...(findings.length > SHOWN ? [`  and ${findings.length - SHOWN} more`] : []),
  ]
}

const SHOWN = 50

function verdict(findings: readonly Finding[], interrupted: boolean): string {
  const scope = interrupted ? ', of the orders placed so far: the run was interrupted' : ''
  return `${findings.length === 0 ? 'clean' : `NOT CLEAN, ${findings.length} findings`}${scope}`
}

function perSecond({ commands, seconds }: Report): number {
  return seconds > 0 ? Math.round(commands / seconds) : 0
}
