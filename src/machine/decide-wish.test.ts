import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { definition, failure, Play, retriable, step, tries } from './machine.test.support.ts'

const abc = [step('a'), step('b'), step('c')]

const pivot = step('p', { mode: 'pivot', undo: 'none' })

describe('cancellation', () => {
  test('tells what runs to stop, waits for it, and unwinds', () => {
    const play = new Play(definition(abc))
    play.done('a')
    play.tell({ kind: 'cancel', reason: 'no more' })
    assert.equal(play.stands, 'cancelled/running')
    assert.deepEqual(play.open, ['run b#1', 'abort b#1'])
    play.done('b')
    assert.deepEqual(play.open, ['undo b#1'])
    play.undone('b')
    play.undone('a')
    assert.equal(play.stands, 'cancelled/done')
    assert.equal(play.state.failure?.message, 'no more')
  })

  test('ends a pause at once', () => {
    const play = new Play(definition([step('a'), step('b', { retry: tries(2, 100) })]))
    play.done('a')
    play.fails('b')
    play.tell({ kind: 'cancel', reason: '' })
    assert.deepEqual(play.open, ['undo a#1'])
  })

  test('waits for a reply that the undo needs, within its time', () => {
    const request = step('a', { does: 'request', attemptTimeoutMs: 100, retry: tries(5) })
    const play = new Play(definition([request]))
    play.prepared('a')
    play.tell({ kind: 'cancel', reason: '' })
    assert.deepEqual(play.open, ['send a#1'])
    play.after(100)
    assert.deepEqual(play.waiting, ['unknown a'])
  })

  test('makes a request a work item at once when nothing bounds the wait for its reply', () => {
    const play = new Play(definition([step('a', { does: 'request' })]))
    play.prepared('a')
    play.tell({ kind: 'cancel', reason: '' })
    assert.equal(play.stands, 'cancelled/stuck')
    assert.equal(play.items[0]?.failure?.code, 'EXECUTION_CANCELLED')
  })

  test('does not wait for a reply, and undoes what may have happened', () => {
    const request = step('a', { does: 'request', undoesUnknown: true })
    const play = new Play(definition([request]))
    play.prepared('a')
    play.tell({ kind: 'cancel', reason: '' })
    assert.deepEqual(play.open, ['prepare back a'])
  })

  test('is refused behind the pivot, and while it runs', () => {
    const play = new Play(definition([pivot, retriable('r')]))
    assert.equal(play.tell({ kind: 'cancel', reason: '' }).refused, 'PAST_PIVOT')
    play.done('p')
    assert.equal(play.tell({ kind: 'cancel', reason: '' }).refused, 'PAST_PIVOT')
    assert.equal(play.stands, 'running/not-needed')
  })

  test('is taken while the pivot pauses after a failure that certainly did nothing', () => {
    const retried = step('p', { mode: 'pivot', undo: 'none', retry: tries(3, 100) })
    const play = new Play(definition([step('a'), retried]))
    play.done('a')
    play.fails('p')
    play.tell({ kind: 'cancel', reason: '' })
    assert.deepEqual(play.open, ['undo a#1'])
  })

  test('is refused when it has ended', () => {
    const play = new Play(definition([step('a')]))
    play.done('a')
    assert.equal(play.tell({ kind: 'cancel', reason: '' }).refused, 'ENDED')
  })

  test('does not stop an undo', () => {
    const play = new Play(definition(abc))
    play.done('a')
    play.fails('b')
    assert.deepEqual(play.tell({ kind: 'cancel', reason: '' }).entries, [])
    assert.deepEqual(play.open, ['undo a#1'])
  })
})

describe('signals', () => {
  const waits = step('s', { does: 'signal', signal: 'paid', undo: 'none', attemptTimeoutMs: 100 })

  test('are waited for', () => {
    const play = new Play(definition([waits]))
    assert.deepEqual(play.open, [])
    play.tell({ kind: 'signal', signal: 'other', data: 0 })
    assert.deepEqual(play.open, [])
    play.tell({ kind: 'signal', signal: 'paid', data: 5 })
    const { data, value } = play.action('receive', 's')
    assert.deepEqual([data, value], [5, 'in'])
    play.done('s')
    assert.equal(play.stands, 'completed/not-needed')
  })

  test('that come early are kept, and the oldest of the name is taken', () => {
    const play = new Play(definition([step('a'), waits]))
    play.tell({ kind: 'signal', signal: 'paid', data: 1 })
    play.tell({ kind: 'signal', signal: 'paid', data: 2 })
    play.done('a')
    assert.equal(play.action('receive', 's').data, 1)
    assert.deepEqual(play.state.signals, [{ signal: 'paid', data: 2 }])
  })

  test('that do not come in time fail the step, with nothing left open', () => {
    const play = new Play(definition([waits]))
    play.after(100)
    assert.equal(play.stands, 'failed/not-needed')
  })

  test('are refused when it has ended', () => {
    const play = new Play(definition([step('a')]))
    play.done('a')
    assert.equal(play.tell({ kind: 'signal', signal: 'paid', data: 1 }).refused, 'ENDED')
  })
})

describe('nested executions', () => {
  const child = step('c', { does: 'execution', definition: 'sub' })
  const ended = (play: Play, forward: 'completed' | 'failed', backward: string): void => {
    const value = 'C'
    const as = backward as 'done'
    const why = forward === 'failed' ? { failure: failure('inner') } : {}
    play.tell({ kind: 'child', path: 'c', forward, backward: as, value, ...why })
  }

  test('leave what the child left', () => {
    const play = new Play(definition([child, step('z')]))
    assert.deepEqual(play.open, ['child c#1'])
    ended(play, 'completed', 'not-needed')
    assert.equal(play.action('run', 'z').value, 'C')
  })

  test('that failed and are compensated fail the step, with nothing to undo there', () => {
    const play = new Play(definition([step('a'), child]))
    play.done('a')
    ended(play, 'failed', 'running')
    assert.equal(play.stands, 'running/not-needed')
    ended(play, 'failed', 'done')
    assert.deepEqual(play.open, ['undo a#1'])
    assert.equal(play.state.failure?.path, 'c')
  })

  test('that are stuck make the parent stuck while its other undos run', () => {
    const play = new Play(definition([step('a'), child]))
    play.done('a')
    ended(play, 'failed', 'stuck')
    assert.deepEqual(play.open, ['undo a#1'])
    play.undone('a')
    assert.equal(play.stands, 'failed/stuck')
    assert.deepEqual(
      play.items.map(({ kind, child: name }) => [kind, name]),
      [['child', 'sub']],
    )
    ended(play, 'failed', 'done')
    assert.equal(play.stands, 'failed/done')
  })

  test('that completed are undone as executions', () => {
    const play = new Play(definition([child, step('z')]))
    ended(play, 'completed', 'not-needed')
    play.fails('z')
    assert.deepEqual(play.open, ['child back c#1'])
    ended(play, 'completed', 'running')
    ended(play, 'completed', 'stuck')
    assert.equal(play.stands, 'failed/stuck')
    ended(play, 'completed', 'waived')
    assert.equal(play.stands, 'failed/waived')
  })

  test('are told to stop when the parent is cancelled', () => {
    const play = new Play(definition([child]))
    play.tell({ kind: 'cancel', reason: '' })
    assert.deepEqual(play.open, ['child c#1', 'abort c#1'])
    ended(play, 'failed', 'done')
    assert.equal(play.stands, 'cancelled/not-needed')
  })
})

describe('undoing on request', () => {
  test('a completed execution is undone later', () => {
    const play = new Play(definition(abc))
    for (const path of ['a', 'b', 'c']) play.done(path)
    play.tell({ kind: 'compensate', reason: 'returned' })
    assert.equal(play.stands, 'completed/running')
    for (const path of ['c', 'b', 'a']) {
      assert.deepEqual(play.open, [`undo ${path}#1`])
      play.undone(path)
    }
    assert.equal(play.stands, 'completed/done')
    assert.deepEqual(play.tell({ kind: 'compensate', reason: 'again' }).entries, [])
  })

  test('one in which nothing has an undo says that it is done all the same', () => {
    const play = new Play(definition([step('a', { undo: 'none' })]))
    play.done('a')
    play.tell({ kind: 'compensate', reason: 'returned' })
    assert.equal(play.stands, 'completed/done')
  })

  test('not when it has not completed, nor behind the pivot', () => {
    const play = new Play(definition([pivot]))
    assert.equal(play.tell({ kind: 'compensate', reason: '' }).refused, 'NOT_COMPLETED')
    play.done('p')
    assert.equal(play.tell({ kind: 'compensate', reason: '' }).refused, 'PAST_PIVOT')
  })
})
