/** Definitions in a few words, and a play: a machine that is told things and checks itself. */
import assert from 'node:assert/strict'
import type { Action } from './action.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import {
  type ConditionalNode,
  type Definition,
  type Node,
  NO_RETRY,
  type ParallelNode,
  type RetryPolicy,
  type SequenceNode,
  type StepNode,
} from './definition.ts'
import { fold } from './fold.ts'
import { recover } from './recover.ts'
import type { Input, Told } from './input.ts'
import type { Entry, Failure } from './journal.ts'
import type { ExecutionState } from './state.ts'
import { type WorkItem, workItems } from './work-items.ts'

/** A millisecond in nanoseconds. */
export const MS = 1_000_000n

/** So many tries, a fixed pause between them. */
export const tries = (maxAttempts: number, initialMs = 0): RetryPolicy => ({
  ...NO_RETRY,
  maxAttempts,
  initialMs,
  maxMs: initialMs,
})

/** A step; one undo try unless said otherwise. */
export const step = (path: string, options: Partial<StepNode> = {}): StepNode => ({
  kind: 'step',
  path,
  name: path.split('/').at(-1) ?? path,
  does: 'operation',
  mode: 'compensatable',
  undo: 'declared',
  undoesUnknown: false,
  probes: false,
  atMostOnce: false,
  undoesOwnFailure: false,
  retry: NO_RETRY,
  undoRetry: NO_RETRY,
  ...options,
})

/** Behind the pivot. */
export const retriable = (path: string, options: Partial<StepNode> = {}): StepNode =>
  step(path, { mode: 'retriable', undo: 'none', ...options })

export const sequence = (
  path: string,
  nodes: readonly Node[],
  continueOnUndoFailure = true,
): SequenceNode => ({ kind: 'sequence', path, nodes, continueOnUndoFailure })

export const parallel = (
  path: string,
  branches: readonly SequenceNode[],
  options: Partial<ParallelNode> = {},
): ParallelNode => ({
  kind: 'parallel',
  path,
  branches,
  undo: 'parallel',
  join: 'list',
  abortSiblings: false,
  ...options,
})

export const conditional = (
  path: string,
  branches: readonly SequenceNode[],
  otherwise?: SequenceNode,
): ConditionalNode => ({ kind: 'conditional', path, branches, otherwise })

export const definition = (
  nodes: readonly Node[],
  options: Partial<Definition> & { readonly continueOnUndoFailure?: boolean } = {},
): Definition => {
  const { continueOnUndoFailure = true, ...rest } = options
  const root = sequence('', nodes, continueOnUndoFailure)
  return { name: 'test', version: '', values: 'output', root, ...rest }
}

export const failure = (
  path: string,
  outcome: Failure['outcome'] = 'failed',
  code = 'OOPS',
): Failure => ({ path, outcome, code, message: code })

/** An execution under test. Every decision is checked against the fold of its entries. */
export class Play {
  readonly definition: Definition
  readonly entries: Entry[] = []
  at = 1_000n * MS
  random = 0
  last!: Decision

  constructor(of: Definition, value: unknown = 'in') {
    this.definition = of
    this.tell({ kind: 'start', id: 'x', fingerprint: 'f', value, correlationId: 'c' })
  }

  get state(): ExecutionState {
    return this.last.state
  }

  /** How it stands: `failed/done`. */
  get stands(): string {
    return `${this.state.forward}/${this.state.backward}`
  }

  /** What is open, but for timers: `run a#1`. */
  get open(): readonly string[] {
    return this.last.actions.filter(({ kind }) => kind !== 'wake').map(shown)
  }

  get items(): readonly WorkItem[] {
    return workItems(this.definition, this.state)
  }

  /** What waits for an operator: `undo a`. */
  get waiting(): readonly string[] {
    return this.items.map(({ kind, path }) => `${kind} ${path}`)
  }

  tell(told: Told): Decision {
    const input: Input = { ...told, at: this.at, random: this.random }
    const before = this.last as Decision | undefined
    return this.#take(before?.state, decide(this.definition, before?.state, input))
  }

  /** The process is gone: another one takes up what is in the journal. */
  crash(): Decision {
    return this.#take(this.state, recover(this.definition, this.folded(), this))
  }

  /** The state as another process reads it. */
  folded(): ExecutionState {
    let state: ExecutionState | undefined
    for (const entry of this.entries) state = fold(this.definition, state, entry)
    assert.ok(state !== undefined)
    return state
  }

  #take(before: ExecutionState | undefined, decision: Decision): Decision {
    let state = before
    for (const entry of decision.entries) state = fold(this.definition, state, entry)
    assert.deepEqual(state, decision.state)
    this.entries.push(...decision.entries)
    this.last = decision
    return decision
  }

  after(ms: number): Decision {
    this.at += BigInt(Math.round(ms * 1_000_000))
    return this.tell({ kind: 'time' })
  }

  /** The open action at a path; it must be there. */
  action<K extends Action['kind']>(kind: K, path: string): Extract<Action, { kind: K }> {
    const found = this.last.actions.find(
      (one): one is Extract<Action, { kind: K }> =>
        one.kind === kind && 'path' in one && one.path === path,
    )
    assert.ok(found, `${kind} ${path} is not open: ${this.open.join(', ')}`)
    return found
  }

  #attempt(path: string): number {
    return this.state.nodes.get(path)?.attempt ?? 1
  }

  done(path: string, value: unknown = path): Decision {
    return this.tell({ kind: 'succeeded', path, attempt: this.#attempt(path), value })
  }

  fails(path: string, outcome: Failure['outcome'] = 'failed', happened = false): Decision {
    const attempt = this.#attempt(path)
    return this.tell({ kind: 'failed', path, attempt, failure: failure(path, outcome), happened })
  }

  undone(path: string, value?: unknown): Decision {
    const attempt = this.state.nodes.get(path)?.undoAttempt ?? 1
    return this.tell({ kind: 'undone', path, attempt, value })
  }

  undoFails(path: string, outcome: Failure['outcome'] = 'failed'): Decision {
    const attempt = this.state.nodes.get(path)?.undoAttempt ?? 1
    return this.tell({ kind: 'undo-failed', path, attempt, failure: failure(path, outcome) })
  }

  prepared(path: string, direction: 'forward' | 'backward' = 'forward', target = 'svc'): Decision {
    return this.tell({ kind: 'prepared', path, direction, request: { target, content: path } })
  }

  resolve(
    path: string,
    verb: 'retry' | 'edit' | 'replace' | 'waive',
    more: { readonly data?: unknown; readonly undo?: string; readonly added?: number } = {},
  ): Decision {
    return this.tell({ kind: 'resolve', path, verb, by: 'ann', reason: 'because', ...more })
  }

  /** The order in which undos began. */
  get undoBegan(): readonly string[] {
    return this.entries.flatMap(({ begins }) =>
      begins.filter(({ direction }) => direction === 'backward').map(({ path }) => path),
    )
  }

  get kinds(): readonly string[] {
    return this.entries.map(({ kind }) => kind)
  }
}

/** An action in short. */
export function shown(action: Action): string {
  if (action.kind === 'wake') return `wake ${action.at}`
  const direction = 'direction' in action && action.direction === 'backward' ? ' back' : ''
  const attempt = 'attempt' in action ? `#${action.attempt}` : ''
  const which =
    action.kind === 'undo' && action.undo !== 'own'
      ? ` ${typeof action.undo === 'string' ? action.undo : action.undo.name}`
      : ''
  return `${action.kind}${direction} ${action.path}${attempt}${which}`
}
