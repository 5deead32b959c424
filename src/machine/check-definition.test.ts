import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ErrorCode } from '../errors.ts'
import { checkDefinition } from './check-definition.ts'
import type { Definition } from './definition.ts'
import { fingerprintOf } from './fingerprint.ts'
import {
  conditional,
  definition,
  parallel,
  retriable,
  sequence,
  step,
  tries,
} from './machine.test.support.ts'

const pivot = step('p', { mode: 'pivot', undo: 'none' })

describe('a definition', () => {
  test('with a pivot and what is retried behind it can be run', () => {
    const branches = [sequence('g/a', [retriable('g/a/x')]), sequence('g/b', [retriable('g/b/x')])]
    checkDefinition(definition([step('a'), pivot, retriable('r'), parallel('g', branches)]))
  })

  test('may have its pivot in a sequence within a sequence', () => {
    checkDefinition(definition([sequence('s', [step('s/a'), pivot]), retriable('r')]))
  })

  const bad: readonly (readonly [string, Definition, ErrorCode])[] = [
    ['without a name', definition([step('a')], { name: ' ' }), 'SAGA_NAME_INVALID'],
    ['without steps', definition([]), 'SAGA_EMPTY'],
    ['with an empty group', definition([parallel('g', [])]), 'SAGA_EMPTY'],
    ['with an empty branch', definition([conditional('c', [sequence('c/0', [])])]), 'SAGA_EMPTY'],
    ['with one path twice', definition([step('a'), step('a')]), 'SAGA_STEP_NAME_DUPLICATE'],
    ['with a step without a name', definition([step('a', { name: '' })]), 'SAGA_STEP_NAME_INVALID'],
    ['with a slash in a name', definition([step('a', { name: 'a/b' })]), 'SAGA_STEP_NAME_INVALID'],
    ['with two pivots', definition([pivot, step('q', { mode: 'pivot' })]), 'SAGA_PIVOT_TWICE'],
    [
      'with a pivot in a group',
      definition([parallel('g', [sequence('g/a', [pivot])])]),
      'SAGA_PIVOT_MISPLACED',
    ],
    [
      'with a pivot under a condition',
      definition([conditional('c', [sequence('c/0', [pivot])])]),
      'SAGA_PIVOT_MISPLACED',
    ],
    [
      'with a retriable step before the pivot',
      definition([retriable('r')]),
      'SAGA_PIVOT_MISPLACED',
    ],
    ['with an undo behind the pivot', definition([pivot, step('a')]), 'SAGA_UNDO_AFTER_PIVOT'],
    [
      'with a retriable step that has an undo',
      definition([pivot, retriable('r', { undo: 'declared' })]),
      'SAGA_UNDO_AFTER_PIVOT',
    ],
    ['with a negative time', definition([step('a', { timeoutMs: -1 })]), 'SAGA_OPTION_INVALID'],
    [
      'with a time that is no number',
      definition([step('a')], { deadlineMs: NaN }),
      'SAGA_OPTION_INVALID',
    ],
    ['with no attempt at all', definition([step('a', { retry: tries(0) })]), 'SAGA_OPTION_INVALID'],
    [
      'with pauses that shrink',
      definition([step('a', { undoRetry: { ...tries(2), factor: 0.5 } })]),
      'SAGA_OPTION_INVALID',
    ],
    [
      'with a signal without a name',
      definition([step('a', { does: 'signal' })]),
      'SAGA_OPTION_INVALID',
    ],
    [
      'with a probe for a request',
      definition([step('a', { does: 'request', probes: true })]),
      'SAGA_OPTION_INVALID',
    ],
    [
      'with a child without a name',
      definition([step('a', { does: 'execution' })]),
      'SAGA_OPTION_INVALID',
    ],
  ]
  for (const [what, of, code] of bad) {
    test(`${what} is refused`, () => assert.throws(() => checkDefinition(of), { code }))
  }

  test('an error names the definition, the path and the field', () => {
    const of = definition([step('a', { retry: { ...tries(2), initialMs: -5 } })])
    assert.throws(() => checkDefinition(of), {
      details: { definition: 'test', path: 'a', field: 'retry.initialMs', input: '-5' },
    })
  })
})

describe('a fingerprint', () => {
  const of = (options = {}, version = ''): string =>
    fingerprintOf(definition([step('a', options), step('b')], { version }))

  test('is the same for the same, and stays what it is', () => {
    assert.equal(of(), of())
    assert.match(of(), /^[0-9a-f]{16}$/)
    assert.equal(of(), 'c3be71dec1f7e4ae')
  })

  test('differs by path, kind, pivot, undo and version', () => {
    const all = [
      of(),
      of({ path: 'c' }),
      of({ does: 'request' }),
      of({ mode: 'pivot' }),
      of({ undo: 'none' }),
      of({}, '2'),
      fingerprintOf(definition([sequence('s', [step('a'), step('b')])])),
      fingerprintOf(definition([step('b'), step('a')])),
    ]
    assert.equal(new Set(all).size, all.length)
  })

  test('does not change with how often or how long something is tried', () => {
    assert.equal(of(), of({ retry: tries(9), timeoutMs: 5, attemptTimeoutMs: 6 }))
  })
})
