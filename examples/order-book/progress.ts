/** Shows how far a run is: one line that rewrites itself in a terminal, a line now and then elsewhere. */
import type { WriteStream } from 'node:tty'
import { amendedOrders, type Tally } from './tally.ts'

/** What progress is written to. */
export type Screen = Pick<WriteStream, 'write'> & {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Shows `read()` until it is disposed. */
export function showProgress(screen: Screen, total: number, read: () => Tally): Disposable {
  const started = performance.now()
  const line = (): string => describe(read(), total, (performance.now() - started) / 1000)
  const live = screen.isTTY === true
  const show = (): void => {
    if (live) screen.write(`\r\u001B[K${fit(`${bar(read(), total)}  ${line()}`, screen.columns)}`)
    else screen.write(`${line()}\n`)
  }
  show()
  const timer = setInterval(show, live ? LIVE_EVERY_MS : PLAIN_EVERY_MS)
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer)
      show()
      if (live) screen.write('\n')
    },
  }
}

const LIVE_EVERY_MS = 100
const PLAIN_EVERY_MS = 2000
const BAR_WIDTH = 24
const WIDTH_UNKNOWN = 80

/** How many orders have ended. */
export function endedOrders(tally: Tally): number {
  return tally.confirmed + amendedOrders(tally)
}

function describe(tally: Tally, total: number, seconds: number): string {
  const ended = endedOrders(tally)
  return [
    `${ended} of ${total} orders ended`,
    `${tally.confirmed} confirmed`,
    `${amendedOrders(tally)} amended`,
    `${tally.compensations} steps undone`,
    `${tally.events} events`,
    `${seconds.toFixed(1)} s`,
  ].join(', ')
}

function bar(tally: Tally, total: number): string {
  const full = Math.min(
    BAR_WIDTH,
    Math.floor((endedOrders(tally) * BAR_WIDTH) / Math.max(1, total)),
  )
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`
}

/** A line that is wider than the terminal could not be rewritten. */
function fit(line: string, columns = 0): string {
  return line.slice(0, (columns > 0 ? columns : WIDTH_UNKNOWN) - 1)
}
