/**
 * The settings that books are opened with. They are recorded in the ledger, because a run that is
 * continued must go on with the same ones.
 */
import { CodedError, create } from 'amends'
import { type Settings, SettingsSchema } from './gen/book_pb.ts'
import { formatCents } from './money.ts'

/** Settings as far as somebody asked for them. */
export type WantedSettings = {
  readonly stockFactor: number | undefined
  readonly creditLimitCents: bigint | undefined
  readonly repeat: number | undefined
  readonly concurrency: number | undefined
}

/**
 * With these about half of the orders go through, and each reason to amend one occurs: the
 * sequential calculation (`sequential.ts`) confirms 452 of 830, runs out of stock for 315, exceeds
 * the credit limit for 57 and finds no carrier for 6.
 */
export const DEFAULTS = {
  stockFactor: 20,
  creditLimitCents: 300_000n,
  repeat: 1,
  concurrency: 16,
} as const

/** What was wanted, and the defaults for the rest. */
export function newSettings(wanted: WantedSettings): Settings {
  return create(SettingsSchema, {
    stockFactor: wanted.stockFactor ?? DEFAULTS.stockFactor,
    creditLimitCents: wanted.creditLimitCents ?? DEFAULTS.creditLimitCents,
    repeat: wanted.repeat ?? DEFAULTS.repeat,
    concurrency: wanted.concurrency ?? DEFAULTS.concurrency,
  })
}

/**
 * The settings of books that are continued: the recorded ones.
 *
 * @throws CodedError `SETTINGS_DIFFER` when something else was asked for
 */
export function continuedSettings(recorded: Settings, wanted: WantedSettings): Settings {
  differs('--stock-factor', recorded.stockFactor, wanted.stockFactor)
  differs('--credit-limit', recorded.creditLimitCents, wanted.creditLimitCents)
  differs('--repeat', recorded.repeat, wanted.repeat)
  differs('--concurrency', recorded.concurrency, wanted.concurrency)
  return recorded
}

function differs(option: string, recorded: number | bigint, wanted: number | bigint | undefined) {
  if (wanted === undefined || wanted === recorded) return
  const text = typeof recorded === 'bigint' ? formatCents(recorded) : String(recorded)
  throw new CodedError('the books were opened with another setting', {
    code: 'SETTINGS_DIFFER',
    details: { option, recorded: text },
    hint: `${option} was ${text}: leave it out to continue, or leave out --continue to start afresh`,
  })
}
