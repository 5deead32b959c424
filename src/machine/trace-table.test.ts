/** The expected traces of compensating workflows, as the machine sees them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide } from './decide.ts'
import type { StepNode } from './definition.ts'
import type { Told } from './input.ts'
import {
  definition,
  failure,
  parallel,
  Play,
  sequence,
  step,
  tries,
} from './machine.test.support.ts'

const steps = (second: Partial<StepNode> = {}, goesOn = true): Play =>
  new Play(definition([step('1'), step('2', second), step('3')], { continueOnUndoFailure: goesOn }))

const upToThree = (play: Play): Play => {
  play.done('1')
  play.done('2')
  play.fails('3')
  return play
}

test('three steps that go well leave the output of the third, and nothing is undone', () => {
  const play = steps()
  for (const path of ['1', '2', '3']) play.done(path, `out ${path}`)
  assert.equal(play.state.values.get(''), 'out 3')
  assert.deepEqual(play.undoBegan, [])
})

test('the first of three fails: nothing is undone', () => {
  const play = steps()
  play.fails('1')
  assert.deepEqual([play.stands, play.undoBegan], ['failed/not-needed', []])
})

test('the third fails: 2 and 1 are undone', () => {
  const play = upToThree(steps())
  play.undone('2')
  play.undone('1')
  assert.deepEqual([play.stands, play.undoBegan], ['failed/done', ['2', '1']])
})

test('the third fails and 2 has no undo: 1 is undone', () => {
  const play = upToThree(steps({ undo: 'none' }))
  play.undone('1')
  assert.deepEqual([play.stands, play.undoBegan], ['failed/done', ['1']])
})

test('the third fails, then the undo of 2: 1 is undone all the same', () => {
  const play = upToThree(steps())
  play.undoFails('2')
  play.undone('1')
  assert.deepEqual([play.stands, play.undoBegan], ['failed/stuck', ['2', '1']])
  assert.equal(play.state.failure?.path, '3')
})

test('the third fails, then the undo of 2, which holds back 1', () => {
  const play = upToThree(steps({}, false))
  play.undoFails('2')
  assert.deepEqual([play.stands, play.undoBegan], ['failed/stuck', ['2']])
  assert.equal(play.state.nodes.get('1')?.undo, undefined)
})

test('a step that is tried three times is undone once', () => {
  const play = new Play(definition([step('1', { retry: tries(3) }), step('2')]))
  play.fails('1')
  play.fails('1')
  play.done('1')
  play.fails('2')
  play.undone('1')
  assert.deepEqual([play.stands, play.undoBegan], ['failed/done', ['1']])
})

test('a step whose time is up is reported unknown, and what was before is undone', () => {
  const play = new Play(definition([step('1'), step('2')]))
  play.done('1')
  play.fails('2', 'unknown')
  play.undone('1')
  assert.deepEqual(play.undoBegan, ['1'])
  assert.deepEqual([play.stands, play.waiting], ['failed/stuck', ['unknown 2']])
})

test('a nested sequence that fails inside is undone first, then what was before it', () => {
  const inner = sequence('2', [step('2/a'), step('2/b'), step('2/c')])
  const play = new Play(definition([step('1'), inner]))
  for (const path of ['1', '2/a', '2/b']) play.done(path)
  play.fails('2/c')
  for (const path of ['2/b', '2/a', '1']) play.undone(path)
  assert.deepEqual([play.stands, play.undoBegan], ['failed/done', ['2/b', '2/a', '1']])
})

test('a nested sequence that completed is undone with what is around it', () => {
  const play = new Play(definition([step('1'), sequence('2', [step('2/a')]), step('3')]))
  for (const path of ['1', '2/a']) play.done(path)
  play.fails('3')
  for (const path of ['2/a', '1']) play.undone(path)
  assert.deepEqual(play.undoBegan, ['2/a', '1'])
})

test('a group within a group settles and is undone whole', () => {
  const inner = parallel('g/a/h', [
    sequence('g/a/h/x', [step('g/a/h/x/1')]),
    sequence('g/a/h/y', [step('g/a/h/y/1')]),
  ])
  const group = parallel('g', [sequence('g/a', [inner]), sequence('g/b', [step('g/b/1')])])
  const play = new Play(definition([group]))
  play.done('g/a/h/x/1')
  play.fails('g/b/1')
  assert.deepEqual(play.open, ['run g/a/h/y/1#1'])
  play.done('g/a/h/y/1')
  assert.deepEqual(play.open, ['undo g/a/h/x/1#1', 'undo g/a/h/y/1#1'])
  play.undone('g/a/h/y/1')
  play.undone('g/a/h/x/1')
  assert.equal(play.stands, 'failed/done')
})

test('a thousand steps are walked forth and back', () => {
  const names = Array.from({ length: 1_000 }, (_, at) => `s${at}`)
  const of = definition(names.map((name) => step(name)))
  const moment = { at: 1n, random: 0 }
  const start = { kind: 'start', id: 'x', fingerprint: '', value: 0, correlationId: '' } as const
  let { state, actions } = decide(of, undefined, { ...start, ...moment })
  const seen: string[] = []
  for (let action = actions[0]; action !== undefined; action = actions[0]) {
    assert.ok(action.kind === 'run' || action.kind === 'undo')
    const { kind, path, attempt } = action
    seen.push(`${kind} ${path}`)
    const told: Told =
      kind === 'undo'
        ? { kind: 'undone', path, attempt }
        : path === 's999'
          ? { kind: 'failed', path, attempt, failure: failure(path) }
          : { kind: 'succeeded', path, attempt, value: seen.length }
    ;({ state, actions } = decide(of, state, { ...told, ...moment }))
  }
  const back = names.slice(0, -1).toReversed()
  assert.deepEqual(seen, [
    ...names.map((name) => `run ${name}`),
    ...back.map((name) => `undo ${name}`),
  ])
  assert.deepEqual([state.forward, state.backward], ['failed', 'done'])
})
