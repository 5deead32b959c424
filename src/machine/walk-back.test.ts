import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { definition, failure, parallel, Play, sequence, step } from './machine.test.support.ts'

describe('in a sequence that stops at an undo that fails', () => {
  const stops = { continueOnUndoFailure: false }

  test('a step of unknown outcome waits for an operator and holds back nothing', () => {
    const play = new Play(definition([step('1'), step('2'), step('3')], stops))
    play.done('1')
    play.done('2')
    play.fails('3', 'unknown')
    play.undone('2')
    play.undone('1')
    assert.deepEqual(play.undoBegan, ['2', '1'])
    assert.deepEqual([play.stands, play.waiting], ['failed/stuck', ['unknown 3']])
    play.resolve('3', 'waive')
    assert.equal(play.stands, 'failed/waived')
  })

  test('nor does a child that failed and could not undo itself', () => {
    const child = step('2', { does: 'execution', definition: 'inner' })
    const play = new Play(definition([step('1'), child], stops))
    play.done('1')
    const ended = { forward: 'failed', value: undefined, failure: failure('x') } as const
    play.tell({ kind: 'child', path: '2', backward: 'stuck', ...ended })
    play.undone('1')
    assert.deepEqual([play.stands, play.waiting], ['failed/stuck', ['child 2']])
  })

  for (const outcome of ['refused', 'failed'] as const) {
    test(`a child that was ${outcome} and could not undo itself waits for an operator in its parent too`, () => {
      const child = step('2', { does: 'execution', definition: 'inner' })
      const play = new Play(definition([step('1'), child]))
      play.done('1')
      const why = { ...failure('x'), outcome }
      const ended = { forward: 'failed', value: undefined, failure: why } as const
      play.tell({ kind: 'child', path: '2', backward: 'stuck', ...ended })
      play.undone('1')
      assert.deepEqual([play.stands, play.waiting], ['failed/stuck', ['child 2']])
      play.tell({ kind: 'child', path: '2', backward: 'done', ...ended })
      assert.deepEqual([play.stands, play.waiting], ['failed/done', []])
    })
  }

  test('what certainly happened and has no undo for that holds back what is before it', () => {
    const play = new Play(definition([step('1'), step('2')], stops))
    play.done('1')
    play.fails('2', 'failed', true)
    assert.deepEqual([play.stands, play.undoBegan], ['failed/stuck', []])
    play.crash()
    assert.deepEqual(play.undoBegan, [])
  })

  test('an undo that failed after an operator found out that its step happened stops nothing more', () => {
    const play = new Play(definition([step('1'), step('2')], stops))
    play.done('1')
    play.fails('2', 'unknown')
    play.undone('1')
    play.resolve('2', 'edit', { data: 'it did' })
    play.undoFails('2')
    assert.deepEqual([play.stands, play.undoBegan], ['failed/stuck', ['1', '2']])
  })
})

test('what happened after all while it is undone without its output is undone again, and waited for', () => {
  const play = new Play(definition([step('1', { undoesUnknown: true })]))
  play.fails('1', 'unknown')
  assert.deepEqual(play.open, ['undo 1#1 unknown'])
  play.tell({ kind: 'succeeded', path: '1', attempt: 1, value: 'late' })
  assert.deepEqual([play.stands, play.open], ['failed/running', ['undo 1#1 unknown']])
  play.undone('1')
  assert.deepEqual([play.stands, play.open], ['failed/running', ['undo 1#2']])
  play.undone('1')
  assert.equal(play.stands, 'failed/done')
})

test('an answer that comes before the way back has come to its step is undone in its turn', () => {
  const ask = step('g/a/x', { does: 'request', undoesUnknown: true })
  const branches = [
    sequence('g/a', [ask]),
    sequence('g/b', [step('g/b/x')]),
    sequence('g/c', [step('g/c/x')]),
  ]
  const play = new Play(
    definition([step('1'), parallel('g', branches, { undo: 'in-order', abortSiblings: true })]),
  )
  play.done('1')
  play.tell({ kind: 'prepared', path: 'g/a/x', direction: 'forward', request: asked })
  play.done('g/b/x')
  play.fails('g/c/x')
  assert.deepEqual(play.open, ['undo g/b/x#1'])
  play.tell({ kind: 'succeeded', path: 'g/a/x', attempt: 1, value: 'late' })
  assert.deepEqual(play.open, ['undo g/b/x#1'])
  play.undone('g/b/x')
  play.tell({ kind: 'prepared', path: 'g/a/x', direction: 'backward', request: asked })
  play.tell({ kind: 'undone', path: 'g/a/x', attempt: 1 })
  assert.deepEqual([play.open, play.undoBegan], [['undo 1#1'], ['g/b/x', 'g/a/x', '1']])
})

const asked = { target: 't', content: undefined }
