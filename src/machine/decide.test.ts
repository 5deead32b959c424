import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decide } from './decide.ts'
import { definition, failure, Play, sequence, step } from './machine.test.support.ts'

const abc = [step('a'), step('b'), step('c')]

describe('the way forward', () => {
  test('steps run one after the other, each with what the one before left', () => {
    const play = new Play(definition(abc))
    assert.deepEqual(play.open, ['run a#1'])
    assert.equal(play.action('run', 'a').value, 'in')
    play.done('a', 1)
    assert.equal(play.action('run', 'b').value, 1)
    play.done('b', 2)
    play.done('c', 3)
    assert.equal(play.stands, 'completed/not-needed')
    assert.equal(play.state.values.get(''), 3)
    assert.deepEqual(play.open, [])
  })

  test('an intent is journalled with the entry that brings it about', () => {
    const play = new Play(definition(abc))
    play.done('a')
    assert.deepEqual(
      play.entries.map(({ kind, begins }) => [kind, begins.map(({ path }) => path)]),
      [
        ['started', ['a']],
        ['succeeded', ['b']],
      ],
    )
  })

  test('the entry in which it ends says how it stands', () => {
    const play = new Play(definition([step('a')]))
    play.done('a')
    assert.deepEqual(play.entries.at(-1)?.turns, { forward: 'completed', backward: 'not-needed' })
  })

  test('what comes twice, too early or from elsewhere decides nothing', () => {
    const play = new Play(definition(abc))
    play.done('a')
    const { state } = play
    for (const told of [
      { kind: 'succeeded', path: 'a', attempt: 1, value: 9 },
      { kind: 'succeeded', path: 'c', attempt: 1, value: 9 },
      { kind: 'succeeded', path: 'nowhere', attempt: 1, value: 9 },
      { kind: 'succeeded', path: 'b', attempt: 2, value: 9 },
      { kind: 'failed', path: 'b', attempt: 7, failure: failure('b') },
      { kind: 'undone', path: 'a', attempt: 1 },
      { kind: 'chosen', path: 'a', branch: 0 },
      { kind: 'prepared', path: 'b', direction: 'forward', request: undefined },
      { kind: 'start', id: 'x', fingerprint: 'f', value: 1, correlationId: 'c' },
      { kind: 'time' },
    ] as const) {
      const { entries } = play.tell(told)
      assert.deepEqual(entries, [], told.kind)
      assert.equal(play.state, state)
    }
  })

  test('anything but a start needs an execution', () => {
    const told = { kind: 'time', at: 1n, random: 0 } as const
    assert.throws(() => decide(definition(abc), undefined, told), { code: 'EXECUTION_NOT_STARTED' })
  })

  test('a context changes key by key, and what does not change is not journalled', () => {
    const play = new Play(definition(abc, { values: 'context' }), { who: 'ada', nights: 2 })
    play.done('a', { who: 'ada', nights: 3, room: '12' })
    const entry = play.entries.at(-1)
    assert.ok(entry?.kind === 'succeeded')
    assert.deepEqual(entry.change, { kind: 'patch', set: { nights: 3, room: '12' }, unset: [] })
    play.done('b', { who: 'ada', room: '12' })
    assert.deepEqual(play.state.values.get(''), { who: 'ada', room: '12' })
  })

  test('a handler that returns nothing keeps the context [minos-F15, minos-B-09]', () => {
    const play = new Play(definition(abc, { values: 'context' }), { who: 'ada' })
    play.tell({ kind: 'succeeded', path: 'a', attempt: 1, value: undefined })
    assert.deepEqual(play.action('run', 'b').value, { who: 'ada' })
    assert.equal(play.stands, 'running/not-needed')
  })

  test('a step whose request is empty is done without anything being sent [minos-B-06]', () => {
    const play = new Play(definition([step('a', { does: 'request' }), step('b')]))
    assert.deepEqual(play.open, ['prepare a'])
    play.tell({ kind: 'prepared', path: 'a', direction: 'forward', request: undefined })
    assert.deepEqual(play.open, ['run b#1'])
    play.fails('b')
    assert.equal(play.stands, 'failed/not-needed')
  })
})

describe('a failure', () => {
  test('undoes what happened, the last first, and not the step that failed', () => {
    const play = new Play(definition(abc))
    play.done('a', 'A')
    play.done('b', 'B')
    play.fails('c')
    assert.equal(play.stands, 'failed/running')
    assert.deepEqual(play.open, ['undo b#1'])
    assert.equal(play.action('undo', 'b').value, 'B')
    assert.equal(play.action('undo', 'b').input, 'A')
    play.undone('b')
    assert.equal(play.action('undo', 'a').value, 'A')
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
    assert.equal(play.state.failure?.path, 'c')
  })

  test('of the first step leaves nothing to undo', () => {
    const play = new Play(definition(abc))
    play.fails('a')
    assert.equal(play.stands, 'failed/not-needed')
    assert.deepEqual(play.entries.at(-1)?.turns, {
      forward: 'failed',
      backward: 'not-needed',
      failure: failure('a'),
    })
  })

  test('passes over a step without an undo', () => {
    const play = new Play(definition([step('a'), step('b', { undo: 'none' }), step('c')]))
    play.done('a')
    play.done('b')
    play.fails('c')
    assert.deepEqual(play.open, ['undo a#1'])
    assert.equal(play.state.nodes.get('b')?.undo?.status, 'not-needed')
  })

  test('of an undo lets the others go on and keeps the first failure [minos-F11, minos-B-01]', () => {
    const play = new Play(definition(abc))
    play.done('a')
    play.done('b')
    play.fails('c')
    play.undoFails('b')
    assert.deepEqual(play.open, ['undo a#1'])
    play.undone('a')
    assert.equal(play.stands, 'failed/stuck')
    assert.deepEqual(play.waiting, ['undo b'])
    assert.equal(play.state.failure?.path, 'c')
    assert.equal(play.items[0]?.failure?.path, 'b')
  })

  test('of an undo holds back the earlier ones when the sequence says so', () => {
    const play = new Play(definition(abc, { continueOnUndoFailure: false }))
    play.done('a')
    play.done('b')
    play.fails('c')
    play.undoFails('b')
    assert.deepEqual(play.open, [])
    assert.equal(play.stands, 'failed/stuck')
    play.resolve('b', 'retry')
    assert.deepEqual(play.open, ['undo b#2'])
    play.undone('b')
    assert.deepEqual(play.open, ['undo a#1'])
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
  })

  test('of a nested undo holds back its own sequence only', () => {
    const inner = sequence('in', [step('in/x'), step('in/y')], false)
    const play = new Play(definition([step('a'), inner, step('c')]))
    play.done('a')
    play.done('in/x')
    play.done('in/y')
    play.fails('c')
    play.undoFails('in/y')
    assert.deepEqual(play.open, ['undo a#1'])
    play.undone('a')
    assert.equal(play.stands, 'failed/stuck')
    play.resolve('in/y', 'waive')
    assert.deepEqual(play.open, ['undo in/x#1'])
    play.undone('in/x')
    assert.equal(play.stands, 'failed/waived')
    assert.deepEqual(play.undoBegan, ['in/y', 'a', 'in/x'])
  })

  test('of a local operation does not undo that operation [minos-F8]', () => {
    const play = new Play(definition([step('a'), step('b', { undoesUnknown: true })]))
    play.done('a')
    play.fails('b')
    assert.deepEqual(play.open, ['undo a#1'])
  })

  test('undoes the step itself when its author asks for it', () => {
    const play = new Play(definition([step('a', { undoesOwnFailure: true })]))
    play.fails('a')
    assert.deepEqual(play.open, ['undo a#1 unknown'])
  })

  test('never undoes a step that refused, even then', () => {
    const play = new Play(definition([step('a', { undoesOwnFailure: true, undoesUnknown: true })]))
    play.fails('a', 'refused')
    assert.equal(play.stands, 'failed/not-needed')
  })

  test('in an error handler after the operation happened undoes that step first [minos-F5, minos-F6]', () => {
    const request = { does: 'request', undoesUnknown: true } as const
    const play = new Play(
      definition([step('a', request), step('b', request)], { values: 'context' }),
    )
    play.prepared('a')
    play.done('a')
    play.prepared('b')
    play.fails('b', 'failed', true)
    assert.deepEqual(play.open, ['prepare back b'])
    play.prepared('b', 'backward')
    assert.deepEqual(play.open, ['send back b#1'])
    play.undone('b')
    assert.deepEqual(play.open, ['prepare back a'])
  })

  test('of the undo that runs first does not keep the earlier ones from running [minos-F7]', () => {
    const play = new Play(definition([step('a'), step('b')], { values: 'context' }), {})
    play.done('a')
    play.fails('b', 'failed', true)
    play.undoFails('b')
    play.undone('a')
    assert.equal(play.stands, 'failed/stuck')
    assert.equal(play.state.failure?.path, 'b')
    assert.deepEqual(play.undoBegan, ['b', 'a'])
  })

  test('while a request is built fails the step: nothing was sent [minos-F1]', () => {
    const play = new Play(definition([step('a'), step('b', { does: 'request' })]))
    play.done('a')
    const failed = failure('b')
    play.tell({ kind: 'prepare-failed', path: 'b', direction: 'forward', failure: failed })
    assert.equal(play.state.nodes.get('b')?.status, 'failed')
    assert.deepEqual(play.open, ['undo a#1'])
  })

  test('while the undo of a request is built makes it a work item', () => {
    const play = new Play(definition([step('a', { does: 'request' }), step('b')]))
    play.prepared('a')
    play.done('a')
    play.fails('b')
    const failed = failure('a')
    play.tell({ kind: 'prepare-failed', path: 'a', direction: 'backward', failure: failed })
    assert.deepEqual(play.waiting, ['undo a'])
    play.resolve('a', 'edit', { data: 'other' })
    assert.equal(play.action('prepare', 'a').value, 'other')
    play.prepared('a', 'backward')
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
  })

  test('an undo that has nothing to send is not needed [minos-B-06]', () => {
    const play = new Play(definition([step('a', { does: 'request' }), step('b')]))
    play.prepared('a')
    play.done('a')
    play.fails('b')
    play.tell({ kind: 'prepared', path: 'a', direction: 'backward', request: undefined })
    assert.equal(play.stands, 'failed/done')
    assert.equal(play.state.nodes.get('a')?.undo?.status, 'not-needed')
  })
})

describe('the context on the way back', () => {
  test('an undo takes the latest context and may replace it', () => {
    const play = new Play(definition(abc, { values: 'context' }), { n: 0 })
    play.done('a', { n: 1, a: true })
    play.done('b', { n: 2, a: true, b: true })
    play.fails('c')
    assert.deepEqual(play.action('undo', 'b').value, { n: 2, a: true, b: true })
    play.undone('b', { n: 2, a: true })
    assert.deepEqual(play.action('undo', 'a').value, { n: 2, a: true })
    play.undone('a')
    assert.deepEqual(play.state.values.get(''), { n: 2, a: true })
  })
})
