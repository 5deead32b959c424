/**
 * The order book: two years of orders of a real fine-food importer, run as a business that can
 * fail. Every order reserves its lines in the warehouse, is charged to the customer's account and
 * handed to a carrier. Stock runs out, customers reach their credit limit, and some parcels find no
 * carrier; whatever an order had done by then is undone, last step first, and the order is
 * cancelled with its reason.
 *
 *     npm start                          830 orders on a fresh database, order-book.db
 *     npm start -- --continue            goes on after Ctrl-C, or after kill -9 at any moment
 *     npm start -- --concurrency 1       one order after the other: always the same outcome
 *     npm start -- --remote              against `amends serve`, the components in a third process
 *     npm start -- --help                all options
 *
 * Where to look:
 *
 *     components/    what the business is: four aggregates and one for the settings, the process
 *                    manager `fulfillment` with its `steps`, three sagas, two projections
 *     audit/         what must hold at the end, checked from the events alone
 *     sequential.ts  the same business as a plain loop; both must agree
 *     run.ts         one run from beginning to end
 *     business.ts    what a run needs of the business: in this process, or over gRPC (remote/)
 *     northwind.ts   the data, read through a checking parser
 */
import { CodedError } from 'amends'
import { INTERRUPTED, onInterrupt } from './interrupt.ts'
import { HELP, parseOptions } from './options.ts'
import { runOrderBook } from './run.ts'
import { toJson, toLines } from './summary.ts'

const BAD_OPTION = 2
const OPTION_CODES = ['OPTION_INVALID', 'SETTINGS_DIFFER', 'DATABASE_UNUSABLE']

process.exitCode = await main(process.argv.slice(2)).catch(report)

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args)
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const screen = options.json ? process.stderr : process.stdout
  const say = (line: string): boolean => screen.write(`${line}\n`)
  using interrupt = onInterrupt(() => say('\nlets what has begun end; Ctrl-C again quits at once'))
  const { report: summary, tale } = await runOrderBook(options, { screen, stop: interrupt.stop })
  for (const line of ['', ...toLines(summary), '', ...tale]) say(line)
  if (options.json) console.log(toJson(summary))
  if (summary.findings.length > 0) return 1
  return summary.interrupted ? INTERRUPTED : 0
}

function report(error: unknown): number {
  if (!(error instanceof CodedError)) throw error
  const details = Object.entries(error.details).map(([name, value]) => `${name} ${value}`)
  const lines = [`${error.code}: ${error.message}`, error.hint, details.join(', ')]
  console.error(lines.filter((line) => line !== '').join('\n  '))
  return OPTION_CODES.includes(error.code) ? BAD_OPTION : 1
}
