import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { definition, failure, MS, Play, retriable, step, tries } from './machine.test.support.ts'

const abc = [step('a'), step('b'), step('c')]

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

  test('an undo that is refused is not retried, but waits for an operator', () => {
    const play = new Play(definition([step('a', { undoRetry: tries(5) }), step('b')]))
    play.done('a')
    play.fails('b')
    play.undoFails('a', 'refused')
    assert.deepEqual(play.waiting, ['undo a'])
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
