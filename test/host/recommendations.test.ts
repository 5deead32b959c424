/** Every recommendation of the client's reference has a verdict, and a test that is there. */
import { strict as assert } from 'node:assert'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { projectRoot } from '../project-root.ts'

/** Rows of section 12 of the reference. */
const RECOMMENDATIONS = 40

const text = readFileSync(join(projectRoot, 'conformance/recommendations.tsv'), 'utf8')
const rows = text
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [number = '', topic = '', verdict = '', here = '', test = ''] = line.split('\t')
    const [file = '', title = ''] = test.split(' :: ')
    return { number: Number(number), topic, verdict, here, file, title }
  })

describe('the recommendations about the client', () => {
  it('are all there, in order, each with a verdict and what holds here', () => {
    const numbers = Array.from({ length: RECOMMENDATIONS }, (_, n) => n + 1)
    assert.deepEqual(
      rows.map(({ number }) => number),
      numbers,
    )
    for (const { number, topic, verdict, here } of rows) {
      assert.match(verdict, /^(?:followed|differs)$/, `${number}`)
      assert.ok(topic !== '' && here !== '', `${number}`)
    }
  })

  it('are shown by tests that are there', () => {
    const missing = rows.filter(({ file, title }) => {
      const path = join(projectRoot, file)
      return (
        title === '' || !existsSync(path) || !titlesIn(path).some((one) => one.startsWith(title))
      )
    })
    assert.deepEqual(missing, [])
  })
})

/** What a test file calls its tests, as far as that is written in it as one text. */
function titlesIn(path: string): readonly string[] {
  const source = readFileSync(path, 'utf8')
  const titles = source.matchAll(/\b(?:it|test|twice)\(\s*(?<quote>['`])(?<title>.*?)\k<quote>/g)
  return [...titles].map(({ groups }) => groups?.['title'] ?? '')
}
