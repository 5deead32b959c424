import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codedError } from '../../errors.ts'
import type { UndoInfo } from '../bindings.ts'
import type { Told } from '../input.ts'
import { conditional, definition, sequence, step } from '../machine.test.support.ts'
import { perform } from './perform.ts'
import type { LocalAction } from './performing.ts'
import { StopSignal } from './stop-signal.ts'
import { type World, world, operation, undo, short } from './perform.test.support.ts'

describe('an undo', () => {
  const infos: UndoInfo[] = []
  const note = (what: string) => (value: unknown, info: UndoInfo) => {
    infos.push(info)
    return `${what} ${String(value)}`
  }
  const at = world(
    operation(() => 1, { undo: note('own'), undoUnknown: note('unknown') }),
    { undos: { release: note('named') } },
  )
  const value = (told: Told | Promise<Told>): unknown =>
    'kind' in told && told.kind === 'undone' ? told.value : told

  test('takes what its kind takes', () => {
    assert.equal(value(perform(undo, at)), 'own A')
    assert.equal(value(perform({ ...undo, undo: 'unknown' }, at)), 'unknown in')
    const named = { ...undo, undo: { name: 'release', data: 7 }, part: 'undo:release#0' }
    assert.equal(value(perform(named, at)), 'named 7')
    assert.deepEqual(
      infos.map(({ idempotencyKey }) => idempotencyKey),
      ['order-42/a/undo', 'order-42/a/undo', 'order-42/a/undo:release#0'],
    )
  })

  test('is shielded: what stops the step does not stop it', async () => {
    const stop = new StopSignal()
    stop.stop(new Error('cancelled'))
    let isAborted: boolean | undefined
    const shielded = world(
      operation(() => 1, {
        undo: (_, { signal }) => {
          isAborted = signal.aborted
        },
      }),
      { stop },
    )
    assert.equal(await short(perform(undo, shielded)), 'undone')
    assert.equal(isAborted, false)
  })

  test('that throws, or that nobody knows, has failed', async () => {
    const throws = world(operation(() => 1, { undo: () => Promise.reject(new Error('no')) }))
    assert.equal(await short(perform(undo, throws)), 'undo-failed failed Error')
    const named = { ...undo, undo: { name: 'nowhere', data: 7 } }
    assert.equal(await short(perform(named, at)), 'undo-failed failed UNDO_UNKNOWN')
  })

  test('that runs too long is tried again', async () => {
    const of = definition([step('a', { undoTimeoutMs: 100, abandonAfterMs: 50 })])
    const hangs = world(
      operation(() => 1, { undo: () => new Promise(() => undefined) }),
      { of },
    )
    const told = perform(undo, hangs)
    hangs.clock.advance(100)
    hangs.clock.advance(50)
    assert.equal(await short(told), 'undo-failed unknown ATTEMPT_ABANDONED')
  })
})

describe('a probe', () => {
  const probing = (answer: () => unknown): World =>
    world(operation(() => 1, { probe: answer as never }))
  const probe: LocalAction = { key: 'p', kind: 'probe', path: 'a', attempt: 1, value: 'in' }

  test('says what it found', () => {
    assert.deepEqual(
      perform(
        probe,
        probing(() => ({ happened: true, output: 'A' })),
      ),
      {
        kind: 'probed',
        path: 'a',
        attempt: 1,
        found: 'happened',
        value: 'A',
      },
    )
    const told = perform(
      probe,
      probing(() => ({ happened: false })),
    )
    assert.ok('found' in told && told.found === 'did-not-happen')
  })

  test('that throws or answers something else has found out nothing', async () => {
    for (const answer of [
      () => Promise.reject(new Error('down')),
      () => 'unknown',
      () => undefined,
      () => ({ happened: 'maybe' }),
    ]) {
      const told = await perform(probe, probing(answer))
      assert.ok(told.kind === 'probed' && told.found === 'unknown')
    }
  })
})

describe('a choice', () => {
  const of = definition([
    conditional('a', [sequence('a/0', [step('a/0/x')]), sequence('a/1', [step('a/1/x')])]),
  ])
  const choose: LocalAction = { key: 'c', kind: 'choose', path: 'a', value: 1 }
  const choosing = (...conditions: readonly (() => boolean | Promise<boolean>)[]): World =>
    world({ kind: 'choice', conditions }, { of })

  test('takes the first condition that holds, and asks no further', async () => {
    const never = (): boolean => assert.fail('asked')
    const told = await perform(
      choose,
      choosing(
        () => false,
        async () => true,
        never,
      ),
    )
    assert.deepEqual(told, { kind: 'chosen', path: 'a', branch: 1 })
  })

  test('takes none when none holds', async () => {
    const told = await perform(
      choose,
      choosing(() => false),
    )
    assert.deepEqual(told, { kind: 'chosen', path: 'a', branch: -1 })
  })

  test('that throws fails, and certainly nothing happened', async () => {
    const aborts = (): never => {
      throw new DOMException('x', 'AbortError')
    }
    assert.equal(await short(perform(choose, choosing(aborts))), 'choice-failed failed AbortError')
  })
})

test('a signal is received, and what fails there left nothing behind', async () => {
  const at = world({ kind: 'signal', receive: (value, data) => [value, data] })
  const receive: LocalAction = {
    key: 'r',
    kind: 'receive',
    path: 'a',
    attempt: 1,
    value: 1,
    data: 2,
  }
  const told = await perform(receive, at)
  assert.ok(told.kind === 'succeeded')
  assert.deepEqual(told.value, [1, 2])
  const fails = world({ kind: 'signal', receive: () => Promise.reject(codedError('ABORTED')) })
  assert.equal(await short(perform(receive, fails)), 'failed failed ABORTED')
})
