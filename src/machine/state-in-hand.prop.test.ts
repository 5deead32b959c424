import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { codeOf } from '../errors.ts'
import { scripts, World } from './crashing-machine.test.support.ts'
import { decide } from './decide.ts'
import type { Verb } from './journal.ts'
import { definitions } from './random-definitions.test.support.ts'
import { StateInHand } from './state-in-hand.ts'
import type { ExecutionState } from './state.ts'

const numRuns = Number(globalThis.process.env['AMENDS_PROPERTY_RUNS'] ?? 300)
const verbs = fc.constantFrom<Verb>('retry', 'edit', 'replace', 'waive')

test('a state that is written into comes to what copies come to, input by input', () => {
  fc.assert(
    fc.property(definitions, scripts, verbs, (of, script, verb) => {
      const world = new World(of, { ...script, crashes: [] }).run().resolveAll(verb)
      const hand = new StateInHand(of)
      let state: ExecutionState | undefined
      for (const input of world.inputs) {
        const { at, random } = input
        const expected = decide(of, state, input)
        const decided = hand.decide(input, { at, random })
        assert.deepEqual(decided, expected)
        assert.equal(decided.state, hand.state)
        state = expected.state
      }
      assert.deepEqual(hand.state, world.state)
    }),
    { numRuns },
  )
})

test('an execution in hand begins with its start', () => {
  fc.assert(
    fc.property(definitions, (of) => {
      const hand = new StateInHand(of)
      assert.equal(hand.state, undefined)
      assert.throws(
        () => hand.decide({ kind: 'time' }, { at: 1n, random: 0 }),
        (error: unknown) => codeOf(error) === 'EXECUTION_NOT_STARTED',
      )
    }),
    { numRuns: 20 },
  )
})
