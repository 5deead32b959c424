import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  conditional,
  definition,
  failure,
  parallel,
  Play,
  sequence,
  step,
} from './machine.test.support.ts'

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

  test('are gone past once, also when an operator brings one of their undos back', () => {
    const stops = sequence('p/l', [step('p/l/x'), step('p/l/y')], false)
    const play = new Play(definition([step('a'), parallel('p', [stops, branch('r')]), step('z')]))
    for (const path of ['a', 'p/l/x', 'p/l/y', 'p/r/x']) play.done(path)
    play.fails('z')
    play.undoFails('p/l/y')
    play.resolve('p/l/y', 'waive')
    play.undone('p/l/x')
    assert.deepEqual(play.open, ['undo p/r/x#1'])
    play.undone('p/r/x')
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
