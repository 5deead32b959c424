// What `npm test` says: a line per file, failures in full, and at the end the counts.
import { inspect, styleText } from 'node:util'

/** @typedef {import('./test-files.mjs').TestEvent} TestEvent */
/** @typedef {import('./test-files.mjs').FileResult} FileResult */

export class TestReport {
  passed = 0
  failed = 0
  /** @type {{ name: string, file: string, reason: string }[]} */
  skipped = []
  /** @type {string[]} */
  #failedNames = []
  #lastError = ''

  /** @param {FileResult} result */
  file({ file, events, durationMs }) {
    const tests = events.filter(({ type, data }) => isResult(type, data))
    const failures = tests.filter(({ type, data }) => type === 'test:fail' && !isMarked(data))
    for (const { type, data } of tests) {
      if (isMarked(data)) this.skipped.push({ name: data.name, file, reason: reasonOf(data) })
      else if (type === 'test:pass') this.passed++
      else this.failed++
    }
    const seconds = (durationMs / 1000).toFixed(1)
    const line = `${file}  ${tests.length} tests  ${seconds} s`
    console.log(failures.length === 0 ? `ok    ${line}` : styleText('red', `FAIL  ${line}`))
    for (const { data } of failures) this.#failure(file, data)
    if (failures.length > 0) process.stdout.write(outputOf(events))
  }

  /** @param {string} file @param {any} data */
  #failure(file, data) {
    this.#failedNames.push(`${file}: ${data.name}`)
    const error = data.details?.error
    const text = inspect(error?.cause instanceof Error ? error.cause : error, { depth: 6 })
    console.log(styleText('red', `\n  ${data.name}  (line ${data.line})`))
    // A failing hook fails every test of its suite with one and the same error.
    console.log((text === this.#lastError ? 'the same' : text).replace(/^/gm, '    '))
    this.#lastError = text
  }

  end() {
    if (this.skipped.length > 0) console.log('\nskipped:')
    for (const { file, name, reason } of this.skipped)
      console.log(`  ${file}: ${name}  (${reason})`)
    if (this.#failedNames.length > 0) console.log(styleText('red', '\nfailed:'))
    for (const name of this.#failedNames) console.log(`  ${name}`)
  }

  counts() {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped.length} skipped`
  }
}

/** Suites only repeat what their tests say, unless one fails or is skipped as a whole. */
function isResult(/** @type {string} */ type, /** @type {any} */ data) {
  if (type !== 'test:pass' && type !== 'test:fail') return false
  if (data.details?.type !== 'suite') return data.details?.error?.failureType !== 'subtestsFailed'
  if (type === 'test:pass') return isMarked(data)
  return data.details.error?.failureType !== 'subtestsFailed'
}

/** Skipped, or to do. */
function isMarked(/** @type {any} */ { skip, todo }) {
  return (skip !== undefined && skip !== false) || (todo !== undefined && todo !== false)
}

function reasonOf(/** @type {any} */ { skip, todo }) {
  const mark = skip ?? todo
  return typeof mark === 'string' && mark !== '' ? mark : 'no reason given'
}

function outputOf(/** @type {readonly TestEvent[]} */ events) {
  return events
    .filter(({ type }) => type === 'test:stdout' || type === 'test:stderr')
    .map(({ data }) => data.message)
    .join('')
}
