import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  conditional,
  definition,
  failure,
  parallel,
  Play,
  retriable,
  sequence,
  step,
  tries,
} from './machine.test.support.ts'

const pivot = step('p', { mode: 'pivot', undo: 'none' })

describe('behind the pivot', () => {
  test('a pivot that fails unwinds', () => {
    const play = new Play(definition([step('a'), pivot]))
    play.done('a')
    play.fails('p')
    assert.deepEqual(play.open, ['undo a#1'])
  })

  test('a step that cannot go on waits for an operator, and nothing is undone', () => {
    const play = new Play(definition([step('a'), pivot, retriable('r', { retry: tries(2) })]))
    play.done('a')
    play.done('p')
    play.fails('r')
    play.fails('r')
    assert.equal(play.stands, 'running/stuck')
    assert.deepEqual(play.waiting, ['exhausted r'])
    play.resolve('r', 'retry')
    assert.equal(play.stands, 'running/not-needed')
    assert.deepEqual(play.open, ['run r#3'])
    play.done('r')
    assert.equal(play.stands, 'completed/not-needed')
  })

  test('a refusal waits for an operator at once; it goes on with another value', () => {
    const last = retriable('r', { retry: tries(9) })
    const play = new Play(definition([pivot, last], { values: 'context' }), { n: 1 })
    play.done('p')
    play.fails('r', 'refused')
    play.resolve('r', 'edit', { data: { n: 2 } })
    assert.deepEqual(play.action('run', 'r').value, { n: 2 })
    play.done('r')
    assert.equal(play.stands, 'completed/not-needed')
  })

  test('a step that is waived is left out, and that shows', () => {
    const play = new Play(definition([pivot, retriable('r'), retriable('s')]))
    play.done('p')
    play.fails('r')
    play.resolve('r', 'waive')
    assert.deepEqual(play.open, ['run s#1'])
    assert.equal(play.stands, 'running/not-needed')
    play.done('s')
    assert.equal(play.stands, 'completed/waived')
  })

  test('a step of unknown outcome that is waived is left out at once', () => {
    const play = new Play(definition([pivot, retriable('r', { atMostOnce: true }), retriable('s')]))
    play.done('p')
    play.fails('r', 'unknown')
    assert.deepEqual(play.waiting, ['unknown r'])
    play.resolve('r', 'waive')
    assert.deepEqual([play.waiting, play.open], [[], ['run s#1']])
    play.done('s')
    assert.equal(play.stands, 'completed/waived')
  })

  test('a condition that throws waits for an operator', () => {
    const choice = conditional('if', [sequence('if/0', [retriable('if/0/x')])])
    const play = new Play(definition([pivot, choice]))
    play.done('p')
    play.tell({ kind: 'choice-failed', path: 'if', failure: failure('if') })
    assert.deepEqual(play.waiting, ['exhausted if'])
    play.resolve('if', 'retry')
    assert.deepEqual(play.open, ['choose if'])
    play.tell({ kind: 'chosen', path: 'if', branch: 0 })
    play.done('if/0/x')
    assert.equal(play.stands, 'completed/not-needed')
  })

  test('branches that conflict wait for a value', () => {
    const branch = (name: string) => sequence(`g/${name}`, [retriable(`g/${name}/x`)])
    const group = parallel('g', [branch('l'), branch('r')], { join: 'merge' })
    const play = new Play(definition([pivot, group], { values: 'context' }), { n: 0 })
    play.done('p', { n: 0 })
    play.done('g/l/x', { n: 1 })
    play.done('g/r/x', { n: 2 })
    assert.deepEqual(play.waiting, ['exhausted g'])
    play.resolve('g', 'edit', { data: { n: 3 } })
    assert.equal(play.stands, 'completed/not-needed')
    assert.deepEqual(play.state.values.get(''), { n: 3 })
  })

  test('a sibling that goes on keeps it from being stuck', () => {
    const branch = (name: string) => sequence(`g/${name}`, [retriable(`g/${name}/x`)])
    const play = new Play(definition([pivot, parallel('g', [branch('l'), branch('r')])]))
    play.done('p')
    play.fails('g/l/x')
    assert.equal(play.stands, 'running/not-needed')
    assert.deepEqual(play.waiting, ['exhausted g/l/x'])
    play.done('g/r/x')
    assert.equal(play.stands, 'running/stuck')
  })
})

describe('a pivot of unknown outcome', () => {
  const unknown = (): Play => {
    const play = new Play(definition([step('a'), pivot, retriable('r')]))
    play.done('a')
    play.fails('p', 'unknown')
    assert.equal(play.stands, 'running/stuck')
    assert.deepEqual(play.waiting, ['unknown p'])
    return play
  }

  test('is found out again', () => {
    const play = unknown()
    play.resolve('p', 'retry')
    assert.deepEqual(play.open, ['run p#2'])
    play.done('p')
    assert.deepEqual(play.open, ['run r#1'])
  })

  test('is taken as happened', () => {
    const play = unknown()
    play.resolve('p', 'edit', { data: 'P' })
    assert.equal(play.action('run', 'r').value, 'P')
  })

  test('is taken as not happened', () => {
    const play = unknown()
    play.resolve('p', 'waive')
    assert.deepEqual(play.open, ['undo a#1'])
    play.undone('a')
    assert.equal(play.stands, 'failed/waived')
  })

  test('goes on when the answer comes after all', () => {
    const play = unknown()
    play.tell({ kind: 'succeeded', path: 'p', attempt: 1, value: 'P' })
    assert.deepEqual(play.open, ['run r#1'])
    assert.deepEqual(play.waiting, [])
  })
})

describe('the four verbs', () => {
  test('a step of unknown outcome that has no undo is taken as happened, and nothing is undone', () => {
    const play = new Play(definition([step('a', { undo: 'none' })]))
    play.fails('a', 'unknown')
    assert.deepEqual(play.waiting, ['unknown a'])
    play.resolve('a', 'edit', { data: 'A' })
    assert.deepEqual([play.stands, play.undoBegan], ['failed/done', []])
  })

  const stuck = (): Play => {
    const play = new Play(definition([step('a'), step('b')]))
    play.done('a', 'A')
    play.fails('b')
    play.undoFails('a')
    assert.equal(play.stands, 'failed/stuck')
    return play
  }

  test('retry runs the undo again', () => {
    const play = stuck()
    play.resolve('a', 'retry')
    assert.equal(play.stands, 'failed/running')
    assert.equal(play.action('undo', 'a').value, 'A')
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
  })

  test('edit gives it other data', () => {
    const play = stuck()
    play.resolve('a', 'edit', { data: 'B' })
    assert.equal(play.action('undo', 'a').value, 'B')
  })

  test('replace runs another undo under a key of its own', () => {
    const play = stuck()
    play.resolve('a', 'replace', { undo: 'by-hand', data: 7 })
    const action = play.action('undo', 'a')
    assert.deepEqual([action.undo, action.part], [{ name: 'by-hand', data: 7 }, 'undo:by-hand'])
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
  })

  test('waive lets it go, and that shows', () => {
    const play = stuck()
    play.resolve('a', 'waive')
    assert.equal(play.stands, 'failed/waived')
    assert.deepEqual(play.waiting, [])
  })

  test('are refused where nothing waits, and where they mean nothing', () => {
    const play = stuck()
    assert.equal(play.resolve('b', 'retry').refused, 'NO_SUCH_ITEM')
    assert.equal(play.resolve('nowhere', 'retry').refused, 'NO_SUCH_ITEM')
    assert.equal(play.resolve('a', 'replace').refused, 'VERB_NOT_ALLOWED')
    assert.equal(play.stands, 'failed/stuck')
  })

  test('an unknown step is found out again, and then undone', () => {
    const play = new Play(definition([step('a')]))
    play.fails('a', 'unknown')
    play.resolve('a', 'retry')
    assert.deepEqual(play.open, ['run a#2'])
    play.done('a', 'A')
    assert.equal(play.action('undo', 'a').value, 'A')
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
  })

  test('an unknown step is taken as happened, with an output', () => {
    const play = new Play(definition([step('a')]))
    play.fails('a', 'unknown')
    play.resolve('a', 'edit', { data: 'A' })
    assert.equal(play.action('undo', 'a').value, 'A')
  })
})

describe('undos that were added while the operation ran', () => {
  const added = (): Play => {
    const play = new Play(definition([step('a'), step('b')]))
    play.tell({ kind: 'undo-added', path: 'a', name: 'one', data: 1 })
    play.tell({ kind: 'undo-added', path: 'a', name: 'two', data: 2 })
    return play
  }

  test('run before its own, the last one first', () => {
    const play = added()
    play.done('a')
    play.fails('b')
    assert.deepEqual(play.open, ['undo a#1 two'])
    play.undone('a')
    assert.deepEqual(play.open, ['undo a#2 one'])
    play.undone('a')
    assert.deepEqual(play.open, ['undo a#3'])
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
  })

  test('run also when the operation failed', () => {
    const play = added()
    play.fails('a')
    assert.deepEqual(play.open, ['undo a#1 two'])
    play.undone('a')
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
  })

  test('each wait for an operator by themselves', () => {
    const play = added()
    play.fails('a')
    play.undoFails('a')
    play.undoFails('a')
    assert.deepEqual(
      play.items.map(({ undo, added: which }) => [undo, which]),
      [
        ['two', 1],
        ['one', 0],
      ],
    )
    play.resolve('a', 'waive', { added: 1 })
    play.resolve('a', 'retry')
    assert.deepEqual(play.open, ['undo a#3 one'])
    play.undone('a')
    assert.equal(play.stands, 'failed/waived')
  })
})
