// A reporter for `node --test`: checks the citations of a whole run against the catalogue.
//
//   node --test --test-reporter=./conformance/citation-reporter.mjs <all test files>
import { Citations, readCatalogue } from './citations.mjs'

/** @param {AsyncIterable<{ type: string, data: any }>} source */
export default async function* citationReporter(source) {
  const citations = new Citations()
  for await (const event of source) citations.take(event)
  const rows = readCatalogue()
  const problems = citations.problems(rows)
  if (problems.length > 0) process.exitCode = 1
  yield `${[...problems, citations.summary(rows)].join('\n')}\n`
}
