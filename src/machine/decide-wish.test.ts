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

  test('not when it has not completed, nor behind the pivot', () => {
    const play = new Play(definition([pivot]))
    assert.equal(play.tell({ kind: 'compensate', reason: '' }).refused, 'NOT_COMPLETED')
    play.done('p')
    assert.equal(play.tell({ kind: 'compensate', reason: '' }).refused, 'PAST_PIVOT')
  })
})

describe('after a crash', () => {
  test('the same actions come out of the journal alone', () => {
    const play = new Play(definition(abc))
    play.done('a')
    const keys = play.last.actions.map(({ key }) => key)
    play.crash()
    assert.deepEqual(
      play.last.actions.map(({ key }) => key),
      keys,
    )
    assert.equal(play.action('run', 'b').isAgain, true)
    assert.deepEqual(play.last.entries, [])
  })

  test('a begun operation is settled by its probe', () => {
    const play = new Play(definition([step('a', { probes: true })]))
    play.crash()
    assert.deepEqual(play.open, ['probe a#1'])
  })

  test('one that runs at most once is given up as unknown', () => {
    const play = new Play(definition([step('a', { atMostOnce: true })]))
    play.crash()
    assert.equal(play.stands, 'failed/stuck')
    assert.equal(play.state.failure?.code, 'ATTEMPT_INTERRUPTED')
  })

  test('one that was told to stop is given up as unknown', () => {
    const play = new Play(definition([step('a', { undoesUnknown: true })]))
    play.tell({ kind: 'cancel', reason: '' })
    play.crash()
    assert.deepEqual(play.open, ['undo a#1 unknown'])
  })

  test('a request that was waiting is waited for again [minos-B-17]', () => {
    const play = new Play(definition([step('a', { does: 'request' })]))
    play.prepared('a')
    play.crash()
    assert.deepEqual(play.open, ['send a#1'])
    play.done('a')
    assert.equal(play.stands, 'completed/not-needed')
  })

  test('an undo that was begun is run again under its key', () => {
    const play = new Play(definition(abc))
    play.done('a')
    play.fails('b')
    play.crash()
    assert.deepEqual(play.open, ['undo a#1'])
    assert.equal(play.action('undo', 'a').isAgain, true)
  })

  test('what became due in the meantime is decided', () => {
    const play = new Play(definition([step('a', { retry: tries(2, 100) })]))
    play.fails('a')
    play.at += 1_000_000_000n
    play.crash()
    assert.deepEqual(play.open, ['run a#2'])
  })
})
