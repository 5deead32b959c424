// Runs test files in processes of their own, a few at a time, and passes their events on.
//
// 1. A file that says nothing for too long is ended and counts as failed: a test hangs, or a
//    handle was left open and keeps the process alive.
// 2. A file without tests counts as failed.
import { run } from 'node:test'
import { root } from './child.mjs'

const FILES_AT_A_TIME = 2
const TEST_MS_MAX = 120_000
const SILENCE_MS_MAX = 150_000

/** @typedef {{ type: string, data: any }} TestEvent */
/** @typedef {{ file: string, events: TestEvent[], durationMs: number }} FileResult */

/**
 * @param {readonly string[]} files compiled test files
 * @param {{ signal: AbortSignal, onEvent: (event: TestEvent) => void, onFile: (result: FileResult) => void }} options
 */
export async function runTestFiles(files, options) {
  const waiting = [...files]
  await Promise.all(
    Array.from({ length: FILES_AT_A_TIME }, async () => {
      for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
        if (options.signal.aborted) return
        options.onFile(await runFile(file, options))
      }
    }),
  )
}

/**
 * @param {string} file
 * @param {{ signal: AbortSignal, onEvent: (event: TestEvent) => void }} options
 * @returns {Promise<FileResult>}
 */
async function runFile(file, { signal, onEvent }) {
  const silence = new AbortController()
  const hush = () =>
    silence.abort(
      new Error(`silent for ${SILENCE_MS_MAX / 1000} s: a test hangs, or a handle is open`),
    )
  let timer = setTimeout(hush, SILENCE_MS_MAX)
  const started = performance.now()
  /** @type {TestEvent[]} */
  const events = []
  const stream = run({
    files: [file],
    concurrency: 1,
    timeout: TEST_MS_MAX,
    execArgv: ['--enable-source-maps'],
    signal: AbortSignal.any([signal, silence.signal]),
  })
  for await (const raw of stream) {
    clearTimeout(timer)
    timer = setTimeout(hush, SILENCE_MS_MAX)
    const event = asEvent(raw, file)
    events.push(event)
    onEvent(event)
  }
  clearTimeout(timer)
  return { file: shortName(file), events, durationMs: performance.now() - started }
}

/**
 * A file that passes under its own name has no tests in it.
 *
 * @param {TestEvent} event
 * @param {string} file
 * @returns {TestEvent}
 */
function asEvent(event, file) {
  if (event.type !== 'test:pass' || event.data.name !== file) return event
  const details = { type: 'test', error: new Error('this file has no tests') }
  return { type: 'test:fail', data: { ...event.data, details } }
}

/** The source of a compiled test file, as a path of the project. */
export function shortName(/** @type {string} */ file) {
  return file
    .replace(`${root}/`, '')
    .replace(/^dist\//, '')
    .replace(/\.js$/, '.ts')
}
