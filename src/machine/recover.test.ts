import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openActions } from './open-actions.ts'
import { definition, Play, step, tries } from './machine.test.support.ts'

const abc = [step('a'), step('b'), step('c')]

describe('after a crash', () => {
  test('the same actions come out of the journal alone', () => {
    const play = new Play(definition([step('a'), step('b', { does: 'request' })]))
    play.done('a')
    play.prepared('b')
    assert.deepEqual(openActions(play.definition, play.folded()), play.last.actions)
    play.crash()
    assert.deepEqual(play.last.entries, [])
  })

  test('a begun operation is run again under its key, beside its retry policy', () => {
    const play = new Play(definition(abc))
    for (let attempt = 2; attempt < 5; attempt++) {
      play.crash()
      assert.deepEqual(play.open, [`run a#${attempt}`])
      assert.equal(play.action('run', 'a').isAgain, true)
    }
    // Also in every later decision, whoever performs it.
    play.tell({ kind: 'signal', signal: 'any', data: 1 })
    assert.equal(play.action('run', 'a').isAgain, true)
    play.fails('a')
    assert.deepEqual(play.waiting, ['unknown a'])
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
