import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
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
import type { Entry, Failure } from '../../machine/journal.ts'
import type { ExecutionState } from '../../machine/state.ts'
import { create } from '@bufbuild/protobuf'
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

const PATHS = ['reserve', 'fork/a/pack', 'fork/b/pay', 'ship']

const told: fc.Arbitrary<Told> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ path: fc.constantFrom(...PATHS), at: fc.nat() }).map(success),
  },
  fc.record({ path: fc.constantFrom(...PATHS), attempt: fc.integer({ min: 1, max: 2 }) }).map(fail),
  fc.record({ path: fc.constantFrom(...PATHS), good: fc.boolean() }).map(undo),
  fc.constant<Told>({ kind: 'signal', signal: 'hurry', data: new Map([[1n, undefined]]) }),
  fc.constant<Told>({ kind: 'time' }),
  fc.constant<Told>({ kind: 'cancel', reason: 'changed my mind' }),
)

function success({ path, at }: { readonly path: string; readonly at: number }): Told {
  const value = { sku: 'chai', [path]: { at: new Date(at), bytes: new Uint8Array([1, at & 255]) } }
  return { kind: 'succeeded', path, attempt: 1, value }
}

function fail({ path, attempt }: { readonly path: string; readonly attempt: number }): Told {
  return { kind: 'failed', path, attempt, failure: failureAt(path) }
}

function undo({ path, good }: { readonly path: string; readonly good: boolean }): Told {
  if (good) return { kind: 'undone', path, attempt: 1 }
  return { kind: 'undo-failed', path, attempt: 1, failure: failureAt(path) }
}

function failureAt(path: string): Failure {
  return { path, outcome: 'failed', code: 'NO', message: 'no', error: new Error('no') }
}

const start: Told = {
  kind: 'start',
  id: 'order-42',
  fingerprint: 'f',
  value: { sku: 'chai' },
  correlationId: 'c',
}

function inputs(all: readonly Told[]): readonly Input[] {
  return all.map((input, at) => ({ ...input, at: BigInt(at) * 1_000_000_000n, random: 0.5 }))
}

describe('an execution', () => {
  it('goes on from its snapshot as it would have gone on itself', () => {
    fc.assert(
      fc.property(fc.array(told, { maxLength: 25 }), fc.nat(25), (all, restart) => {
        let state: ExecutionState | undefined
        let restored: ExecutionState | undefined
        inputs([start, ...all]).forEach((input, place) => {
          const decided = decide(definition, state, input)
          const again = decide(definition, restored, input)
          assert.deepStrictEqual(plain(again.entries), plain(decided.entries))
          assert.deepStrictEqual(plain(again.actions), plain(decided.actions))
          state = decided.state
          restored = again.state
          if (place === restart) restored = decodeState(definition, encodeState(restored))
          assert.ok(restored)
        })
      }),
    )
  })

  it('comes to the same state when its stored journal is folded', () => {
    fc.assert(
      fc.property(fc.array(told, { maxLength: 25 }), (all) => {
        let state: ExecutionState | undefined
        let folded: ExecutionState | undefined
        for (const input of inputs([start, ...all])) {
          const decided = decide(definition, state, input)
          state = decided.state
          for (const entry of decided.entries) folded = fold(definition, folded, stored(entry))
        }
        assert.ok(state && folded)
        assert.deepEqual(encodeState(folded), encodeState(state))
      }),
    )
  })
})

describe('a snapshot', () => {
  const [first] = inputs([start])
  assert.ok(first)
  const { state } = decide(definition, undefined, first)

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

function stored(entry: Entry): Entry {
  return decodeEntry(encodeEntry(entry, 0))
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
