import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Action } from '../../machine/action.ts'
import type { Backward, Forward } from '../../machine/journal.ts'
import type { ExecutionState } from '../../machine/state.ts'
import { endOf, occupationOf } from './standing.ts'

const state = (forward: Forward, backward: Backward, stuck: readonly string[] = []) =>
  // Only these fields are looked at.
  ({ forward, backward, stuck }) as ExecutionState

const wake: Action = { key: 'w', kind: 'wake', at: 7n }
const run: Action = { key: 'r', kind: 'run', path: 'a', attempt: 1, value: 0, isAgain: false }
const send: Action = {
  key: 's',
  kind: 'send',
  path: 'a',
  direction: 'forward',
  attempt: 1,
  request: { target: 'bank.pay', content: 0 },
  value: 0,
}

test('what is open tells what an execution is busy with', () => {
  const running = state('running', 'not-needed')
  assert.deepEqual(occupationOf(running, [send, run, wake]).kind, 'works')
  assert.deepEqual(occupationOf(running, [wake, send]), {
    kind: 'awaits-reply',
    waitsFor: 'bank.pay',
    wakeAt: 7n,
  })
  assert.equal(occupationOf(running, [wake]).kind, 'pauses')
  assert.equal(occupationOf(running, []).kind, 'awaits-signal')
  assert.equal(occupationOf(state('completed', 'not-needed'), []).kind, 'rests')
})

const ENDS: readonly (readonly [ExecutionState, readonly Action[], string | undefined])[] = [
  [state('running', 'not-needed'), [run], undefined],
  [state('completed', 'not-needed'), [], 'completed'],
  [state('completed', 'running'), [run], undefined],
  [state('completed', 'done'), [], 'compensated'],
  [state('failed', 'not-needed'), [], 'compensated'],
  [state('cancelled', 'done'), [], 'compensated'],
  [state('failed', 'waived'), [], 'waived'],
  [state('failed', 'stuck', ['a']), [], 'stuck'],
  // Others are still being undone, or pause before they are tried again.
  [state('failed', 'running', ['a']), [send], undefined],
  [state('failed', 'running', ['a']), [wake], undefined],
  [state('running', 'not-needed', ['a']), [], 'stuck'],
]

for (const [of, actions, standing] of ENDS) {
  test(`${of.forward}/${of.backward} with ${actions.length} open and ${of.stuck.length} stuck stands ${standing ?? 'open'}`, () => {
    assert.equal(endOf(of, occupationOf(of, actions)), standing)
  })
}
