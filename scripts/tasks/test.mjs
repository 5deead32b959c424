// npm test [-- <filter> ...]
//
// Builds, and runs every compiled test, or those whose path contains one of the filters. After a
// whole run the citations are checked too. The last line is always the plain counts.
import { join } from 'node:path'
import { Citations, readCatalogue } from '../../conformance/citations.mjs'
import { build, filesBelow } from '../build.mjs'
import { root, whenStopped } from '../child.mjs'
import { runTestFiles, shortName } from '../test-files.mjs'
import { TestReport } from '../test-report.mjs'

const ALL_MS_MAX = 15 * 60_000
/** In CI a skip is a failure, unless its reason says that it is the platform's. */
const TOLERATED_SKIP = /^platform: /

const filters = process.argv.slice(2)
const report = new TestReport()
const citations = new Citations()
/** @type {string[]} */
const problems = []

const built = await build()
if (built === 0) await runAll()
else problems.push('the build failed')

report.end()
for (const problem of problems) console.log(`problem: ${problem}`)
console.log(report.counts())
process.exitCode = report.failed > 0 || problems.length > 0 ? 1 : 0

async function runAll() {
  const files = ['dist/src', 'dist/test', 'dist/examples']
    .flatMap(filesBelow)
    .filter((file) => file.endsWith('.test.js'))
    .filter(
      (file) => filters.length === 0 || filters.some((part) => shortName(file).includes(part)),
    )
    .map((file) => join(root, file))
  if (files.length === 0) problems.push(`no test file matches ${filters.join(' ')}`)
  const stop = new AbortController()
  whenStopped(() => stop.abort(new Error('interrupted')))
  const timer = setTimeout(
    () => stop.abort(new Error(`not done after ${ALL_MS_MAX / 60_000} minutes`)),
    ALL_MS_MAX,
  )
  await runTestFiles(files, {
    signal: stop.signal,
    onEvent: (event) => citations.take(event),
    onFile: (result) => report.file(result),
  })
  clearTimeout(timer)
  if (stop.signal.aborted) problems.push(stop.signal.reason.message)
  else if (filters.length === 0) checkWholeRun()
}

function checkWholeRun() {
  const rows = readCatalogue()
  problems.push(...citations.problems(rows))
  console.log(citations.summary(rows))
  if (!process.env.CI) return
  for (const { file, name, reason } of report.skipped) {
    if (!TOLERATED_SKIP.test(reason)) problems.push(`skipped in CI: ${file}: ${name} (${reason})`)
  }
}
