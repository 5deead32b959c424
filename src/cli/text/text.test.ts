import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Entry } from '../../machine/journal.ts'
import { UsageError } from '../command.ts'
import { printable, shellWord, shortened } from './printable.ts'
import { PAGE_WIDTH, tableLines } from './table.ts'
import { bytesText, durationMs, isoText, momentText, spanText } from './times.ts'
import { entryTexts, timelineLines } from './timeline.ts'
import { jsonValue, shownValue, typedValue } from './values.ts'
import { wrapped } from './wrapped.ts'

const ESCAPE = '\u001b[31m'

test('what is stored cannot steer a terminal', () => {
  assert.equal(printable(`a${ESCAPE}b\nc\u202e`), 'a\\u001b[31mb\\nc\\u202e')
  const [, line = ''] = tableLines([{ title: 'A' }], [[`${ESCAPE}x`]])
  assert.ok(!line.includes('\u001b'))
  assert.ok(!shownValue({ [ESCAPE]: ESCAPE }).includes('\u001b'))
  const at = 1n
  const odd: Entry = { kind: 'cancelled', reason: ESCAPE, at, begins: [] }
  assert.ok(!entryTexts(odd).join('').includes('\u001b'))
})

test('a table fits the page as long as what is needed whole does', () => {
  const cell = fc.string({ maxLength: 150 })
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell)), (rows) => {
      const whole = rows.map(([id, ...rest]) => [id.slice(0, 40), ...rest])
      const columns = [{ title: 'ID', isWhole: true }, { title: 'B' }, { title: 'C' }]
      const lines = tableLines(columns, whole)
      assert.equal(lines.length, rows.length + 1)
      const ids = Math.max(2, ...whole.map(([id = '']) => Array.from(printable(id)).length))
      for (const line of lines) assert.ok(Array.from(line).length <= Math.max(PAGE_WIDTH, ids + 20))
      whole.forEach(([id = ''], at) => {
        assert.ok(lines[at + 1]?.startsWith(printable(id).trimEnd()))
      })
    }),
  )
})

test('text is cut at whole characters, and says so', () => {
  assert.equal(shortened('abc', 3), 'abc')
  assert.equal(shortened('abcd', 3), 'ab…')
  assert.equal(shortened('😀😀😀', 2), '😀…')
})

test('lines are wrapped between words', () => {
  assert.deepEqual(wrapped('> ', 'aa bb cc', 8), ['> aa bb', '    cc'])
  assert.deepEqual(wrapped('> ', 'a-word-too-long b', 8), ['> a-word-too-long', '    b'])
})

test('words are quoted for the shell only where they must be', () => {
  assert.equal(shellWord('order-42'), 'order-42')
  assert.equal(shellWord("it's"), `'it'\\''s'`)
  assert.equal(shellWord(''), "''")
  assert.equal(shellWord('$(rm)'), "'$(rm)'")
})

test('times and durations are read and written', () => {
  const ms = 1_000_000n
  assert.equal(momentText(0n), '1970-01-01 00:00:00.000')
  assert.equal(isoText(2n ** 73n), String(2n ** 73n))
  const spans = [0n, 999n * ms, 61_000n * ms, 90_061_000n * ms, -5_000n * ms].map(spanText)
  assert.deepEqual(spans, ['0ms', '999ms', '1m 1s', '1d 1h', '5s'])
  assert.deepEqual(
    ['500ms', '1.5s', '10m', '2h', '7d', '0'].map((text) => durationMs('wait', text)),
    [500, 1_500, 600_000, 7_200_000, 604_800_000, 0],
  )
  for (const text of ['', '5', 'm', '-5m', '1e9d', '10 m', 'NaNs']) {
    assert.throws(() => durationMs('wait', text), UsageError)
  }
  assert.deepEqual([5, 12_345, 3_400_000].map(bytesText), ['5 B', '12 kB', '3.4 MB'])
})

test('values that JSON cannot express come and go', () => {
  const value = { when: new Date(0), many: 10n, set: new Set(['a']) }
  const typed = typedValue('data', JSON.stringify(jsonValue(value)))
  assert.deepEqual(typed, value)
  assert.equal(shownValue('x'.repeat(500)).length, 160)
  assert.ok(shownValue('x'.repeat(500), { isFull: true }).length > 500)
  for (const text of ['', ' ', '{', 'nope', '{"$":["date","x"]}']) {
    assert.throws(() => typedValue('data', text), UsageError)
  }
})

test('a timeline says what happened, what began, and how it stands', () => {
  const failure = { path: 'pay', outcome: 'unknown', code: 'GONE', message: 'no answer' } as const
  const request = { target: 'bank.pay', content: { amount: 3 } }
  const begin = { path: 'pay', direction: 'forward', attempt: 2, request } as const
  const first: Entry = {
    kind: 'failed',
    path: 'pay',
    attempt: 1,
    failure,
    happened: false,
    again: 2_000_000_000n,
    at: 0n,
    begins: [begin],
    turns: { forward: 'failed', backward: 'running', failure },
  }
  assert.deepEqual(timelineLines([first]), [
    '   0  1970-01-01 00:00:00.000  +0ms       pay may have happened, nobody knows: no answer [GONE];',
    '                                            tried again in 2s',
    '                                          -> pay asks bank.pay (attempt 2): { amount: 3 }',
    '                                          => it has failed: no answer [GONE]; it is being undone',
  ])
})
