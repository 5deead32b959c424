/** Reads the command line; whatever is wrong with it is named in a coded error. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CodedError } from 'amends'
import { scaled } from './money.ts'
import type { WantedSettings } from './settings.ts'

/** What the command line asks for. */
export type Options = WantedSettings & {
  readonly help: boolean
  /** Absolute path of the database file. */
  readonly database: string
  readonly continued: boolean
  readonly ratePerSecond: number | undefined
  readonly json: boolean
  /** Whether `amends serve` and the components run in processes of their own. */
  readonly remote: boolean
}

/** What is said for `--help`. */
export const HELP = `Takes the orders of the Northwind trading data through a business that can fail, and makes amends
when it does.

  npm start -- [options]

  --database <file>      where the books are kept (order-book.db)
  --remote               run amends serve in a second process and the components in a third
  --continue             go on with the books that are there; without it they start afresh
  --concurrency <n>      orders under way at a time (16); with 1, each ends before the next begins
  --repeat <n>           run through the data so many times (1)
  --rate <n>             place so many orders a second at most
  --stock-factor <n>     opening stock: units in stock times this (20)
  --credit-limit <n>     what a customer may owe (3000)
  --json                 the last line of standard output is one JSON object; the rest goes to
                         standard error
  --help                 this text

Ctrl-C stops placing orders, lets what has begun end, and exits with 130; twice, it quits at once.
Exit codes: 0 the books are clean, 1 they are not or something failed, 2 a bad option.`

/** Parses the arguments behind the program's name. @throws CodedError `OPTION_INVALID` */
export function parseOptions(args: readonly string[]): Options {
  const values = parse(args)
  const number = (option: NumberOption, rule: NumberRule): number | undefined =>
    checkedNumber(option, values[option], rule)
  return {
    help: values.help ?? false,
    database: resolve(nonEmpty('database', values.database ?? 'order-book.db')),
    continued: values.continue ?? false,
    concurrency: number('concurrency', { min: 1, max: 1000, places: 0 }),
    repeat: number('repeat', { min: 1, max: 1000, places: 0 }),
    ratePerSecond: number('rate', { min: 0.01, max: 100_000, places: 2 }),
    stockFactor: number('stock-factor', { min: 0, max: 10_000, places: 3 }),
    creditLimitCents: cents(number('credit-limit', { min: 0, max: 1e9, places: 2 })),
    json: values.json ?? false,
    remote: values.remote ?? false,
  }
}

type NumberOption = 'concurrency' | 'repeat' | 'rate' | 'stock-factor' | 'credit-limit'

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        database: { type: 'string' },
        continue: { type: 'boolean' },
        concurrency: { type: 'string' },
        repeat: { type: 'string' },
        rate: { type: 'string' },
        'stock-factor': { type: 'string' },
        'credit-limit': { type: 'string' },
        json: { type: 'boolean' },
        remote: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw invalid({ option: optionIn(message), hint: message, cause: error })
  }
}

type NumberRule = { readonly min: number; readonly max: number; readonly places: number }

function checkedNumber(
  option: string,
  text: string | undefined,
  rule: NumberRule,
): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  const exact = scaled(value, rule.places) !== undefined
  if (exact && value >= rule.min && value <= rule.max) return value
  const kind = rule.places === 0 ? 'a whole number' : `a number of ${rule.places} decimal places`
  const hint = `--${option} takes ${kind} from ${rule.min} to ${rule.max}, not "${text}"`
  throw invalid({ option: `--${option}`, hint })
}

function cents(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : scaled(value, 2)
}

function nonEmpty(option: string, text: string): string {
  if (text !== '') return text
  throw invalid({ option: `--${option}`, hint: `--${option} takes the name of a file` })
}

function optionIn(message: string): string {
  return /'([^\s'=]*)/.exec(message)?.[1] ?? ''
}

function invalid(what: { option: string; hint: string; cause?: unknown }): CodedError {
  const { option, hint, cause } = what
  const details = { option }
  return new CodedError('an option is not valid', { code: 'OPTION_INVALID', details, hint, cause })
}
