import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import fc from 'fast-check'
import type { Action } from '../../machine/action.ts'
import { decide } from '../../machine/decide.ts'
import {
  type Definition,
  type Node,
  NO_RETRY,
  type RetryPolicy,
  type SequenceNode,
  type StepNode,
} from '../../machine/definition.ts'
import { fold } from '../../machine/fold.ts'
import type { Input, Told } from '../../machine/input.ts'
import type { Entry } from '../../machine/journal.ts'
import type { ExecutionState } from '../../machine/state.ts'
import { ExecutionSnapshotSchema } from '../../proto/amends/saga/v1/execution_pb.ts'
import { messageCodec } from '../../wire/message-codec.ts'
import { asStored } from '../../wire/values/arbitrary-value.test.support.ts'
import { decodeEntry } from './decode-entry.ts'
import { encodeEntry } from './encode-entry.ts'
import { decodeState, encodeState } from './state-codec.ts'

const TWICE: RetryPolicy = { ...NO_RETRY, maxAttempts: 2, initialMs: 100 }

function step(path: string): StepNode {
  return {
    kind: 'step',
    path,
    name: path,
    does: 'operation',
    mode: 'compensatable',
    undo: 'declared',
    undoesUnknown: false,
    probes: false,
    atMostOnce: false,
    undoesOwnFailure: false,
    retry: TWICE,
    undoRetry: NO_RETRY,
  }
}

function sequence(path: string, ...nodes: readonly Node[]): SequenceNode {
  return { kind: 'sequence', path, nodes, continueOnUndoFailure: true }
}

const definition: Definition = {
  name: 'checkout',
  version: '',
  values: 'context',
  root: sequence(
    '',
    step('reserve'),
    {
      kind: 'parallel',
      path: 'fork',
      branches: [sequence('fork/a', step('fork/a/pack')), sequence('fork/b', step('fork/b/pay'))],
      undo: 'parallel',
      join: 'merge',
      abortSiblings: false,
    },
    step('ship'),
  ),
}

/** What happens next: an outcome of one of the open actions, or something from outside. */
type Turn = {
  readonly pick: number
  readonly happens: 'good' | 'bad' | 'time' | 'cancel' | 'signal'
}

const turns: fc.Arbitrary<readonly Turn[]> = fc.array(
  fc.record({
    pick: fc.nat(100),
    happens: fc.constantFrom<Turn['happens']>(
      ...Array.from({ length: 10 }, () => 'good' as const),
      ...Array.from({ length: 4 }, () => 'bad' as const),
      'time',
      'cancel',
      'signal',
    ),
  }),
  { maxLength: 25 },
)

function toldBy({ pick, happens }: Turn, actions: readonly Action[]): Told {
  if (happens === 'cancel') return { kind: 'cancel', reason: 'changed my mind' }
  if (happens === 'signal') return { kind: 'signal', signal: 'hurry', data: [1n, undefined] }
  const open = actions.filter(({ kind }) => kind === 'run' || kind === 'undo')
  const action = open[pick % open.length]
  if (happens === 'time' || action === undefined) return { kind: 'time' }
  if (action.kind !== 'run' && action.kind !== 'undo') return { kind: 'time' }
  const { path, attempt } = action
  if (happens === 'bad') {
    const error = new Error('no')
    const failure = { path, outcome: 'failed', code: 'NO', message: 'no', error } as const
    return { kind: action.kind === 'run' ? 'failed' : 'undo-failed', path, attempt, failure }
  }
  if (action.kind === 'undo') return { kind: 'undone', path, attempt }
  const value = { sku: 'chai', [path]: { at: new Date(pick), bytes: new Uint8Array([1, pick]) } }
  return { kind: 'succeeded', path, attempt, value }
}

const start: Told = {
  kind: 'start',
  id: 'order-42',
  fingerprint: 'f',
  value: { sku: 'chai' },
  correlationId: 'c',
}

/** The same told at a time of its own. */
function inputAt(place: number, told: Told): Input {
  return { ...told, at: BigInt(place) * 1_000_000_000n, random: 0.5 }
}

describe('an execution', () => {
  it('goes on from its snapshot as it would have gone on itself', () => {
    fc.assert(
      fc.property(turns, fc.nat(25), (all, restart) => {
        let { state, actions } = decide(definition, undefined, inputAt(0, start))
        let restored = state
        all.forEach((turn, place) => {
          if (place === restart) {
            const read = decodeState(definition, encodeState(restored))
            assert.ok(read)
            restored = read
          }
          const input = inputAt(place + 1, toldBy(turn, actions))
          const decided = decide(definition, state, input)
          const again = decide(definition, restored, input)
          assert.deepStrictEqual(plain(again.entries), plain(decided.entries))
          assert.deepStrictEqual(plain(again.actions), plain(decided.actions))
          state = decided.state
          actions = decided.actions
          restored = again.state
        })
      }),
    )
  })

  it('comes to the same state when its stored journal is folded', () => {
    const ends = new Set<string>()
    fc.assert(
      fc.property(turns, (all) => {
        let { state, actions, entries } = decide(definition, undefined, inputAt(0, start))
        let folded = entries.reduce(foldStored, undefined)
        all.forEach((turn, place) => {
          const input = inputAt(place + 1, toldBy(turn, actions))
          ;({ state, actions, entries } = decide(definition, state, input))
          folded = entries.reduce(foldStored, folded)
        })
        assert.ok(folded)
        assert.deepEqual(encodeState(folded), encodeState(state))
        ends.add(state.forward).add(state.backward)
      }),
      { numRuns: 300 },
    )
    for (const end of ['completed', 'cancelled', 'failed', 'done', 'stuck']) {
      assert.ok(ends.has(end), end)
    }
  })
})

describe('a snapshot', () => {
  const { state } = decide(definition, undefined, inputAt(0, start))

  it('gives back the whole state', () => {
    const read = decodeState(definition, encodeState(state))
    assert.ok(read)
    assert.deepStrictEqual(
      plain({ ...read, nodes: [...read.nodes] }),
      plain({ ...state, nodes: [...state.nodes] }),
    )
  })

  it('of another shape, of other nodes, or damaged is not used', () => {
    const codec = messageCodec(ExecutionSnapshotSchema)
    const message = codec.decode(encodeState(state))
    const newer = codec.encode(create(ExecutionSnapshotSchema, { ...message, shape: 99 }))
    const other = { ...definition, root: sequence('', step('pack')) }
    assert.equal(decodeState(definition, newer), undefined)
    assert.equal(decodeState(other, encodeState(state)), undefined)
    assert.equal(decodeState(definition, encodeState(state).subarray(0, 40)), undefined)
    assert.equal(decodeState(definition, new Uint8Array(0)), undefined)
  })
})

function foldStored(state: ExecutionState | undefined, entry: Entry): ExecutionState {
  return fold(definition, state, decodeEntry(encodeEntry(entry, 0)))
}

/** Without the errors behind failures, and without what is undefined. */
function plain(value: unknown): unknown {
  return asStored(withoutErrors(value))
}

function withoutErrors(value: unknown): unknown {
  if (value instanceof Error) return undefined
  if (Array.isArray(value)) return value.map(withoutErrors)
  if (typeof value !== 'object' || value === null) return value
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutErrors(item)]))
}
