import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decide } from './decide.ts'
import {
  conditional,
  definition,
  failure,
  MS,
  parallel,
  Play,
  retriable,
  sequence,
  step,
  tries,
} from './machine.test.support.ts'

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
    play.done('a', undefined)
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

describe('conditionals', () => {
  const choice = conditional(
    'if',
    [sequence('if/0', [step('if/0/x'), step('if/0/y')]), sequence('if/1', [step('if/1/x')])],
    sequence('if/else', [step('if/else/x')]),
  )
  const around = definition([step('a'), choice, step('z')])

  test('take one branch, journalled once', () => {
    const play = new Play(around)
    play.done('a', 'A')
    assert.deepEqual(play.open, ['choose if'])
    play.tell({ kind: 'chosen', path: 'if', branch: 1 })
    assert.equal(play.action('run', 'if/1/x').value, 'A')
    assert.deepEqual(play.tell({ kind: 'chosen', path: 'if', branch: 0 }).entries, [])
    play.done('if/1/x', 'X')
    assert.equal(play.action('run', 'z').value, 'X')
  })

  test('take the other branch when no condition holds', () => {
    const play = new Play(around)
    play.done('a')
    play.tell({ kind: 'chosen', path: 'if', branch: 2 })
    assert.deepEqual(play.open, ['run if/else/x#1'])
  })

  test('without a match leave the value as it is, also after a crash [minos-B-14]', () => {
    const play = new Play(
      definition([step('a'), conditional('if', [sequence('if/0', [step('b')])])]),
    )
    play.done('a', 'A')
    play.tell({ kind: 'chosen', path: 'if', branch: -1 })
    assert.equal(play.stands, 'completed/not-needed')
    assert.deepEqual(play.folded(), play.state)
    assert.equal(play.folded().nodes.get('if')?.branch, -1)
  })

  test('a condition that throws fails the execution, and it is unwound [minos-F10, minos-B-02]', () => {
    const play = new Play(around)
    play.done('a')
    play.tell({ kind: 'choice-failed', path: 'if', failure: failure('if') })
    assert.equal(play.state.failure?.path, 'if')
    assert.deepEqual(play.open, ['undo a#1'])
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
  })

  test('undo the inner steps first, then the outer ones, each once [minos-F9]', () => {
    const play = new Play(around)
    play.done('a')
    play.tell({ kind: 'chosen', path: 'if', branch: 0 })
    play.done('if/0/x')
    play.fails('if/0/y')
    play.undone('if/0/x')
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
    assert.deepEqual(play.undoBegan, ['if/0/x', 'a'])
  })

  test('an undo that fails inside does not keep the outer ones from running [minos-F12, minos-B-03]', () => {
    const play = new Play(around)
    play.done('a')
    play.tell({ kind: 'chosen', path: 'if', branch: 0 })
    play.done('if/0/x')
    play.done('if/0/y')
    play.fails('z')
    play.undone('if/0/y')
    play.undoFails('if/0/x')
    play.undone('a')
    assert.equal(play.stands, 'failed/stuck')
    play.resolve('if/0/x', 'retry')
    play.undone('if/0/x')
    assert.equal(play.stands, 'failed/done')
  })
})

describe('parallel groups', () => {
  const branch = (name: string, ...more: readonly string[]) =>
    sequence(`p/${name}`, [step(`p/${name}/x`), ...more.map((one) => step(`p/${name}/${one}`))])

  test('run side by side and leave a list', () => {
    const play = new Play(definition([parallel('p', [branch('l'), branch('r')]), step('z')]))
    assert.deepEqual(play.open, ['run p/l/x#1', 'run p/r/x#1'])
    play.done('p/r/x', 'R')
    play.done('p/l/x', 'L')
    assert.deepEqual(play.action('run', 'z').value, ['L', 'R'])
    assert.deepEqual(play.kinds.slice(-2), ['succeeded', 'joined'])
  })

  test('settle their siblings before anything is undone', () => {
    const play = new Play(definition([step('a'), parallel('p', [branch('l'), branch('r', 'y')])]))
    play.done('a')
    play.fails('p/l/x')
    assert.equal(play.stands, 'failed/running')
    assert.deepEqual(play.open, ['run p/r/x#1'])
    play.done('p/r/x')
    assert.deepEqual(play.open, ['undo p/r/x#1'])
    play.undone('p/r/x')
    assert.deepEqual(play.open, ['undo a#1'])
  })

  test('tell their siblings to stop when they are to', () => {
    const play = new Play(
      definition([parallel('p', [branch('l'), branch('r')], { abortSiblings: true })]),
    )
    play.fails('p/l/x')
    assert.deepEqual(play.open, ['run p/r/x#1', 'abort p/r/x#1'])
    assert.equal(play.action('abort', 'p/r/x').why, 'sibling-failed')
    play.fails('p/r/x', 'unknown')
    assert.deepEqual(play.waiting, ['unknown p/r/x'])
  })

  test('undo side by side, and what was before them only after all of them', () => {
    const group = parallel('p', [branch('l', 'y'), branch('r')])
    const play = new Play(definition([step('a'), group, step('z')]))
    play.done('a')
    play.done('p/l/x')
    play.done('p/l/y')
    play.done('p/r/x')
    play.fails('z')
    assert.deepEqual(play.open, ['undo p/l/y#1', 'undo p/r/x#1'])
    play.undone('p/r/x')
    play.undone('p/l/y')
    assert.deepEqual(play.open, ['undo p/l/x#1'])
    play.undone('p/l/x')
    assert.deepEqual(play.open, ['undo a#1'])
  })

  test('undo in order, the last branch first, when they are to', () => {
    const group = parallel('p', [branch('l', 'y'), branch('r')], { undo: 'in-order' })
    const play = new Play(definition([step('a'), group, step('z')]))
    for (const path of ['a', 'p/l/x', 'p/l/y', 'p/r/x']) play.done(path)
    play.fails('z')
    for (const path of ['p/r/x', 'p/l/y', 'p/l/x', 'a']) {
      assert.deepEqual(play.open, [`undo ${path}#1`])
      play.undone(path)
    }
    assert.equal(play.stands, 'failed/done')
  })

  test('merge what each branch changed', () => {
    const group = parallel('p', [branch('l'), branch('r')], { join: 'merge' })
    const play = new Play(definition([group, step('z')], { values: 'context' }), { n: 0, k: 1 })
    play.done('p/l/x', { n: 1, k: 1 })
    play.done('p/r/x', { n: 0, r: true })
    assert.deepEqual(play.action('run', 'z').value, { n: 1, r: true })
  })

  test('that change one key differently fail, and are undone', () => {
    const group = parallel('p', [branch('l'), branch('r')], { join: 'merge' })
    const play = new Play(definition([group, step('z')], { values: 'context' }), { n: 0 })
    play.done('p/l/x', { n: 1, left: 1 })
    play.done('p/r/x', { n: 2 })
    assert.equal(play.state.failure?.code, 'BRANCHES_CONFLICT')
    // Each branch is undone with the context it left.
    assert.deepEqual(play.action('undo', 'p/l/x').value, { n: 1, left: 1 })
    play.undone('p/l/x')
    play.undone('p/r/x')
    assert.equal(play.stands, 'failed/done')
  })
})

describe('retries', () => {
  test('of a failure wait as the policy says, a little longer each time', () => {
    const retry = { maxAttempts: 3, initialMs: 100, factor: 2, maxMs: 150, jitter: 'none' } as const
    const play = new Play(definition([step('a', { retry })]))
    play.fails('a')
    assert.deepEqual(
      play.last.actions.map((one) => (one.kind === 'wake' ? one.at - play.at : 0n)),
      [100n * MS],
    )
    assert.deepEqual(play.after(99).entries, [])
    play.after(1)
    assert.deepEqual(play.open, ['run a#2'])
    play.fails('a')
    play.after(149)
    assert.deepEqual(play.open, [])
    play.after(1)
    play.fails('a')
    assert.equal(play.stands, 'failed/not-needed')
  })

  test('draw their pauses when they are to', () => {
    const retry = { maxAttempts: 2, initialMs: 100, factor: 1, maxMs: 100, jitter: 'full' } as const
    const play = new Play(definition([step('a', { retry })]))
    play.random = 0.25
    play.fails('a')
    play.after(25)
    assert.deepEqual(play.open, ['run a#2'])
  })

  test('without a pause begin at once', () => {
    const play = new Play(definition([step('a', { retry: tries(2) })]))
    play.fails('a')
    assert.deepEqual(play.open, ['run a#2'])
    assert.deepEqual(play.kinds.slice(-2), ['failed', 'resumed'])
  })

  test('a refusal is never retried', () => {
    const play = new Play(definition([step('a', { retry: tries(5) })]))
    play.fails('a', 'refused')
    assert.equal(play.stands, 'failed/not-needed')
  })

  test('an undo is retried as its own policy says, then waits for an operator', () => {
    const play = new Play(definition([step('a', { undoRetry: tries(2) }), step('b')]))
    play.done('a')
    play.fails('b')
    play.undoFails('a')
    assert.deepEqual(play.open, ['undo a#2'])
    play.undoFails('a')
    assert.deepEqual(play.waiting, ['undo a'])
  })
})

describe('outcomes that nobody knows', () => {
  test('are settled by a probe: it happened', () => {
    const play = new Play(definition([step('a', { probes: true }), step('b')]))
    play.fails('a', 'unknown')
    assert.deepEqual(play.open, ['probe a#1'])
    play.tell({ kind: 'probed', path: 'a', attempt: 1, found: 'happened', value: 'A' })
    assert.equal(play.action('run', 'b').value, 'A')
  })

  test('are settled by a probe: it did not happen, and is retried as a failure', () => {
    const play = new Play(definition([step('a', { probes: true, retry: tries(2) })]))
    play.fails('a', 'unknown')
    play.tell({ kind: 'probed', path: 'a', attempt: 1, found: 'did-not-happen' })
    assert.deepEqual(play.open, ['run a#2'])
    assert.equal(play.action('run', 'a').isAgain, false)
    play.fails('a')
    assert.equal(play.state.nodes.get('a')?.status, 'failed')
  })

  test('are settled by the same operation within the retry policy', () => {
    const play = new Play(definition([step('a', { retry: tries(2) }), step('b')]))
    play.fails('a', 'unknown')
    assert.deepEqual(play.open, ['run a#2'])
    assert.equal(play.action('run', 'a').isAgain, true)
    play.done('a')
    assert.deepEqual(play.open, ['run b#1'])
  })

  test('are not repeated when the step runs at most once', () => {
    const play = new Play(definition([step('a', { retry: tries(5), atMostOnce: true })]))
    play.fails('a', 'unknown')
    assert.equal(play.stands, 'failed/stuck')
  })

  test('stay unknown when the repetition only says that it did not happen itself', () => {
    const play = new Play(definition([step('a', { retry: tries(2), undoesUnknown: true })]))
    play.fails('a', 'unknown')
    play.fails('a', 'failed')
    assert.deepEqual(play.open, ['undo a#1 unknown'])
  })

  test('are undone without an output where that can be', () => {
    const play = new Play(definition([step('a', { undoesUnknown: true })]))
    play.fails('a', 'unknown')
    assert.deepEqual(play.open, ['undo a#1 unknown'])
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
  })

  test('are never reported compensated where they cannot be undone', () => {
    const play = new Play(definition([step('a'), step('b', { undo: 'none' })]))
    play.done('a')
    play.fails('b', 'unknown')
    play.undone('a')
    assert.equal(play.stands, 'failed/stuck')
    assert.deepEqual(play.items, [
      {
        path: 'b',
        kind: 'unknown',
        failure: failure('b', 'unknown'),
        since: play.at,
        verbs: ['retry', 'edit', 'replace', 'waive'],
      },
    ])
  })

  test('of a step that needs no undo either way leave nothing', () => {
    const play = new Play(definition([step('a', { undo: 'none', undoesUnknown: true })]))
    play.fails('a', 'unknown')
    assert.equal(play.stands, 'failed/not-needed')
  })

  test('a reply that comes late after all leads to the undo', () => {
    const play = new Play(
      definition([step('a', { does: 'request', attemptTimeoutMs: 100 })], { values: 'context' }),
      {},
    )
    play.prepared('a')
    play.after(100)
    assert.equal(play.stands, 'failed/stuck')
    play.tell({ kind: 'succeeded', path: 'a', attempt: 1, value: { room: '12' } })
    assert.equal(play.stands, 'failed/running')
    assert.deepEqual(play.action('prepare', 'a').value, { room: '12' })
    play.prepared('a', 'backward')
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
    assert.deepEqual(play.waiting, [])
  })

  test('a refusal that comes late settles the step as well', () => {
    const play = new Play(definition([step('a', { does: 'request', attemptTimeoutMs: 100 })]))
    play.prepared('a')
    play.after(100)
    play.fails('a', 'refused')
    assert.equal(play.stands, 'failed/done')
    assert.deepEqual(play.undoBegan, [])
  })

  test('an operation that ends after it was undone without its output is undone again', () => {
    const play = new Play(definition([step('a', { undoesUnknown: true }), step('b')]))
    play.fails('a', 'unknown')
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
    play.tell({ kind: 'succeeded', path: 'a', attempt: 1, value: 'A' })
    const { part, value } = play.action('undo', 'a')
    assert.deepEqual([part, value], ['undo:late', 'A'])
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
  })
})

describe('requests', () => {
  const request = { does: 'request', attemptTimeoutMs: 100, retry: tries(2) } as const

  test('hold nothing but their place until the reply comes', () => {
    const play = new Play(definition([step('a', request)]))
    play.prepared('a')
    assert.deepEqual(play.action('send', 'a').request, { target: 'svc', content: 'a' })
    play.done('a', 'A')
    assert.equal(play.stands, 'completed/not-needed')
  })

  test('a reply to any attempt settles the step, and once [minos-B-05]', () => {
    const play = new Play(definition([step('a', request), step('b', { does: 'request' })]))
    play.prepared('a')
    play.after(100)
    assert.deepEqual(play.open, ['send a#2'])
    play.tell({ kind: 'succeeded', path: 'a', attempt: 1, value: 'A' })
    assert.deepEqual(play.open, ['prepare b'])
    assert.deepEqual(
      play.tell({ kind: 'succeeded', path: 'a', attempt: 2, value: 'A' }).entries,
      [],
    )
    play.prepared('b')
    assert.deepEqual(
      play.tell({ kind: 'succeeded', path: 'a', attempt: 1, value: 'A' }).entries,
      [],
    )
    assert.deepEqual(play.open, ['send b#1'])
  })

  test('an old reply that nothing happened does not fail a newer attempt', () => {
    const play = new Play(definition([step('a', request)]))
    play.prepared('a')
    play.after(100)
    const late = { kind: 'failed', path: 'a', attempt: 1, failure: failure('a') } as const
    assert.deepEqual(play.tell(late).entries, [])
  })

  test('a reply that does not come fails the step, and everything is undone [minos-F14, minos-B-08]', () => {
    const play = new Play(
      definition([step('a'), step('b', { ...request, retry: tries(1), undoesUnknown: true })]),
    )
    play.done('a')
    play.prepared('b')
    play.after(100)
    play.prepared('b', 'backward')
    play.undone('b')
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
    assert.deepEqual(play.undoBegan, ['b', 'a'])
  })

  test('the reply to an undo is waited for, and asked for again [minos-B-04]', () => {
    const undoes = { ...request, undoRetry: tries(2) }
    const play = new Play(definition([step('a', undoes), step('b')]))
    play.prepared('a')
    play.done('a')
    play.fails('b')
    play.prepared('a', 'backward')
    play.after(100)
    assert.deepEqual(play.open, ['send back a#2'])
    play.tell({ kind: 'undone', path: 'a', attempt: 1 })
    assert.equal(play.stands, 'failed/done')
    assert.deepEqual(play.tell({ kind: 'undone', path: 'a', attempt: 2 }).entries, [])
  })

  test('the services of a failing step are known as well', () => {
    const play = new Play(definition([step('a', { does: 'request' })]))
    play.prepared('a')
    const failed = { path: 'a', attempt: 1, failure: failure('a'), services: ['hotel'] }
    play.tell({ kind: 'failed', ...failed })
    assert.deepEqual(play.state.nodes.get('a')?.services, ['hotel'])
  })
})

describe('times', () => {
  test('a step whose time is up between attempts fails', () => {
    const play = new Play(definition([step('a', { retry: tries(9, 80), timeoutMs: 100 })]))
    play.fails('a')
    play.after(80)
    play.fails('a')
    play.after(20)
    assert.equal(play.stands, 'failed/not-needed')
    assert.equal(play.state.failure?.code, 'STEP_TIMED_OUT')
  })

  test('a running operation is told to stop, and not tried again', () => {
    const play = new Play(definition([step('a', { retry: tries(9), timeoutMs: 100 })]))
    play.after(100)
    assert.equal(play.action('abort', 'a').why, 'timeout')
    assert.deepEqual(play.after(100).entries, [])
    play.fails('a', 'unknown')
    assert.deepEqual(play.waiting, ['unknown a'])
  })

  test('one that succeeds all the same has succeeded', () => {
    const play = new Play(definition([step('a', { timeoutMs: 100 })]))
    play.after(100)
    play.done('a')
    assert.equal(play.stands, 'completed/not-needed')
  })

  test('the deadline unwinds', () => {
    const play = new Play(definition(abc, { deadlineMs: 100 }))
    play.done('a')
    play.after(100)
    assert.equal(play.action('abort', 'b').why, 'deadline')
    assert.equal(play.state.failure?.code, 'EXECUTION_DEADLINE_PASSED')
    play.done('b')
    play.undone('b')
    play.undone('a')
    assert.equal(play.stands, 'failed/done')
  })

  test('the deadline does not count behind the pivot', () => {
    const play = new Play(
      definition([step('p', { mode: 'pivot', undo: 'none' }), retriable('r')], { deadlineMs: 100 }),
    )
    assert.deepEqual(play.after(500).entries, [])
    play.done('p')
    assert.deepEqual(play.after(500).entries, [])
    play.done('r')
    assert.equal(play.stands, 'completed/not-needed')
  })
})
