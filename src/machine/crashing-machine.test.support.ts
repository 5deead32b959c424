/**
 * A world for the machine: random definitions, operations that do what a script says, and a process
 * that may die at any point. What the operations really did is written down outside of the machine.
 */
import fc from 'fast-check'
import { decide } from './decide.ts'
import type { Action } from './action.ts'
import type { Decision } from './decision.ts'
import type { Definition, Node, RetryPolicy, SequenceNode, StepNode } from './definition.ts'
import { fold } from './fold.ts'
import { indexOf } from './definition-index.ts'
import type { Input, Told } from './input.ts'
import type { Direction, Entry, Failure } from './journal.ts'
import {
  conditional,
  definition,
  failure,
  MS,
  parallel,
  sequence,
  step,
} from './machine.test.support.ts'
import { recover } from './recover.ts'
import type { ExecutionState } from './state.ts'

/** What one call of an operation does, and what is heard of it. */
type Deed =
  | 'succeeds'
  | 'refuses'
  | 'fails'
  /** It happened, and nobody heard. */
  | 'happens unheard'
  /** It did not happen, and nobody heard. */
  | 'is lost'

/** Everything that chance decides in a run. */
export type Script = {
  readonly deeds: readonly Deed[]
  readonly undos: readonly boolean[]
  /** At which of the moments the process dies. */
  readonly crashes: readonly boolean[]
  /** Which of the open actions is performed next. */
  readonly order: readonly number[]
  /** Which inputs are told twice. */
  readonly twice: readonly boolean[]
  readonly branches: readonly number[]
  /** After how many inputs it is cancelled; 0: never. */
  readonly cancelAfter: number
}

/** What happened to one step outside of the machine. */
export type Effect = {
  readonly path: string
  readonly key: string
  readonly kind: 'done' | 'undone'
}

const policy: fc.Arbitrary<RetryPolicy> = fc.constantFrom(1, 1, 2, 3).map((maxAttempts) => ({
  maxAttempts,
  initialMs: 10,
  factor: 2,
  maxMs: 100,
  jitter: 'full' as const,
}))

type Options = Partial<StepNode>

const options: fc.Arbitrary<Options> = fc.record({
  does: fc.constantFrom('operation', 'operation', 'request'),
  undo: fc.constantFrom('declared', 'declared', 'declared', 'none'),
  undoesUnknown: fc.boolean(),
  probes: fc.boolean(),
  atMostOnce: fc.boolean(),
  undoesOwnFailure: fc.constantFrom(false, false, true),
  retry: policy,
  undoRetry: policy,
  attemptTimeoutMs: fc.constantFrom(undefined, 50),
  timeoutMs: fc.constantFrom(undefined, undefined, 200),
})

type Shape =
  | { readonly kind: 'step'; readonly options: Options }
  | { readonly kind: 'sequence'; readonly nodes: readonly Shape[]; readonly goesOn: boolean }
  | {
      readonly kind: 'parallel'
      readonly branches: readonly (readonly Shape[])[]
      readonly inOrder: boolean
      readonly aborts: boolean
    }
  | {
      readonly kind: 'conditional'
      readonly branches: readonly (readonly Shape[])[]
      readonly or: boolean
    }

const { shape } = fc.letrec<{ shape: Shape; shapes: readonly Shape[] }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('step' as const), options }),
    fc.record({
      kind: fc.constant('sequence' as const),
      nodes: tie('shapes'),
      goesOn: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('parallel' as const),
      branches: fc.array(tie('shapes'), { minLength: 1, maxLength: 3 }),
      inOrder: fc.boolean(),
      aborts: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('conditional' as const),
      branches: fc.array(tie('shapes'), { minLength: 1, maxLength: 2 }),
      or: fc.boolean(),
    }),
  ),
  shapes: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
}))

/** Definitions of every kind, some with a pivot and what comes behind it. */
export const definitions: fc.Arbitrary<Definition> = fc
  .record({
    before: fc.array(shape, { minLength: 1, maxLength: 4 }),
    behind: fc.option(fc.record({ pivot: options, nodes: fc.array(shape, { maxLength: 2 }) })),
    deadlineMs: fc.constantFrom(undefined, undefined, 300),
    goesOn: fc.constantFrom(true, true, false),
  })
  .map(({ before, behind, deadlineMs, goesOn }) => {
    const nodes = before.map((one, at) => nodeOf(one, `${at}`, false))
    if (behind !== null) {
      nodes.push(step('pivot', { ...behind.pivot, mode: 'pivot' }))
      behind.nodes.forEach((one, at) => nodes.push(nodeOf(one, `after${at}`, true)))
    }
    return definition(nodes, { deadlineMs, continueOnUndoFailure: goesOn })
  })

function nodeOf(of: Shape, path: string, isBehind: boolean): Node {
  const nodesIn = (shapes: readonly Shape[], under: string): Node[] =>
    shapes.map((one, at) => nodeOf(one, `${under}/${at}`, isBehind))
  switch (of.kind) {
    case 'step':
      return step(path, isBehind ? { ...of.options, mode: 'retriable', undo: 'none' } : of.options)
    case 'sequence':
      return sequence(path, nodesIn(of.nodes, path), of.goesOn)
    case 'parallel': {
      const branches = of.branches.map((one, at) =>
        sequence(`${path}/b${at}`, nodesIn(one, `${path}/b${at}`)),
      )
      const undo = of.inOrder ? 'in-order' : 'parallel'
      return parallel(path, branches, { undo, abortSiblings: of.aborts })
    }
    case 'conditional': {
      const branches = of.branches.map((one, at) =>
        sequence(`${path}/c${at}`, nodesIn(one, `${path}/c${at}`)),
      )
      const last: SequenceNode | undefined = branches.at(-1)
      return of.or && branches.length > 1
        ? conditional(path, branches.slice(0, -1), last)
        : conditional(path, branches)
    }
  }
}

/** Scripts that go well for the most part. */
export const scripts: fc.Arbitrary<Script> = fc.record({
  deeds: fc.array(
    fc.constantFrom<Deed>(
      'succeeds',
      'succeeds',
      'succeeds',
      'succeeds',
      'refuses',
      'fails',
      'happens unheard',
      'is lost',
    ),
    { maxLength: 30 },
  ),
  undos: fc.array(fc.constantFrom(true, true, false), { maxLength: 20 }),
  crashes: fc.array(fc.constantFrom(false, false, false, true), { maxLength: 40 }),
  order: fc.array(fc.nat(5), { maxLength: 40 }),
  twice: fc.array(fc.constantFrom(false, false, true), { maxLength: 40 }),
  branches: fc.array(fc.nat(2), { maxLength: 10 }),
  cancelAfter: fc.constantFrom(0, 0, 0, 1, 2, 3, 5, 8),
})

/** One run, to its end. */
export class World {
  readonly definition: Definition
  readonly entries: Entry[] = []
  readonly effects: Effect[] = []
  /** Every action that was performed, by its key. */
  readonly performed = new Map<string, string>()
  readonly undosTried = new Set<string>()
  /** Whether anything ever waited for an operator, if only for a while. */
  wasStuck = false
  readonly #script: Script
  #state: ExecutionState | undefined
  #actions: readonly Action[] = []
  #told: Told[] = []
  /** What this process has performed; a new one knows nothing. */
  #done = new Set<string>()
  #at = 1_000n * MS
  readonly #counts = new Map<string, number>()
  crashesLeft = 12

  constructor(of: Definition, script: Script) {
    this.definition = of
    this.#script = script
  }

  get state(): ExecutionState {
    if (this.#state === undefined) throw new Error('not started')
    return this.#state
  }

  get isEnded(): boolean {
    return this.#actions.length === 0
  }

  run(): this {
    this.#decide({ kind: 'start', id: 'x', fingerprint: 'f', value: 'in', correlationId: 'c' })
    for (let turn = 1; turn < 2_000 && !this.isEnded; turn++) {
      if (turn === this.#script.cancelAfter) this.#decide({ kind: 'cancel', reason: 'stop' })
      if (this.crashesLeft > 0 && this.#next('crashes', this.#script.crashes) === true)
        this.#crash()
      this.#step()
    }
    return this
  }

  #step(): void {
    const told = this.#told.shift()
    if (told !== undefined) {
      this.#decide(told)
      if (this.#next('twice', this.#script.twice) === true) this.#told.push(told)
      return
    }
    const open = this.#actions.filter(({ key, kind }) => kind !== 'wake' && !this.#done.has(key))
    const at = (this.#next('order', this.#script.order) ?? 0) % Math.max(1, open.length)
    const action = open[at]
    if (action !== undefined) {
      this.#done.add(action.key)
      this.#perform(action)
      return
    }
    const wake = this.#actions.find((one) => one.kind === 'wake')
    if (wake !== undefined && wake.at > this.#at) this.#at = wake.at
    this.#decide({ kind: 'time' })
  }

  #crash(): void {
    this.crashesLeft--
    this.#told = []
    this.#done = new Set()
    let state: ExecutionState | undefined
    for (const entry of this.entries) state = fold(this.definition, state, entry)
    if (state === undefined) return
    this.#take(recover(this.definition, state, { at: this.#at, random: 0.5 }))
  }

  #decide(told: Told): void {
    const input: Input = { ...told, at: this.#at, random: 0.5 }
    this.#take(decide(this.definition, this.#state, input))
  }

  #take(decision: Decision): void {
    this.entries.push(...decision.entries)
    this.#state = decision.state
    this.#actions = decision.actions
    this.wasStuck ||= decision.state.stuck.length > 0
  }

  #next<T>(name: string, from: readonly T[]): T | undefined {
    const at = this.#counts.get(name) ?? 0
    this.#counts.set(name, at + 1)
    return from[at]
  }

  #perform(action: Action): void {
    const { isAgain: _isAgain, ...what } = { isAgain: false, ...action }
    const seen = JSON.stringify(what, (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    const before = this.performed.get(action.key)
    if (before !== undefined && before !== seen && action.kind !== 'abort') {
      throw new Error(`the key ${action.key} stands for two things: ${before} and ${seen}`)
    }
    this.performed.set(action.key, seen)
    switch (action.kind) {
      case 'prepare': {
        const request = { target: 'svc', content: action.path }
        return this.#tell({
          kind: 'prepared',
          path: action.path,
          direction: action.direction,
          request,
        })
      }
      case 'choose': {
        const node = indexOf(this.definition).byPath.get(action.path)?.node
        const size =
          node?.kind === 'conditional' ? node.branches.length + (node.otherwise ? 1 : 0) : 0
        const drawn = this.#next('branches', this.#script.branches) ?? 0
        return this.#tell({ kind: 'chosen', path: action.path, branch: drawn < size ? drawn : -1 })
      }
      case 'run':
        return this.#attempt(action, false)
      case 'send':
        if (action.direction === 'forward') return this.#attempt(action, true)
        return this.#undo(action.path, action.attempt)
      case 'probe': {
        const found = this.#happened(action.path) ? 'happened' : 'did-not-happen'
        return this.#tell({
          kind: 'probed',
          path: action.path,
          attempt: action.attempt,
          found,
          value: action.path,
        })
      }
      case 'undo':
        return this.#undo(action.path, action.attempt)
      default:
        return
    }
  }

  #attempt(action: Extract<Action, { kind: 'run' | 'send' }>, isRequest: boolean): void {
    const { path, attempt } = action
    const drawn = this.#next('deeds', this.#script.deeds) ?? 'succeeds'
    // The same key gets the same answer: what happened neither is refused nor, by a service, failed.
    const isAnswered = drawn === 'refuses' || (drawn === 'fails' && isRequest)
    const deed = isAnswered && this.#happened(path) ? 'succeeds' : drawn
    const failed = (outcome: Failure['outcome']): void =>
      this.#tell({ kind: 'failed', path, attempt, failure: failure(path, outcome) })
    switch (deed) {
      case 'succeeds':
        this.#effect(path, 'done')
        return this.#tell({ kind: 'succeeded', path, attempt, value: path })
      case 'refuses':
        return failed('refused')
      case 'fails':
        return failed(action.kind === 'run' && action.isAgain ? 'unknown' : 'failed')
      case 'happens unheard':
        this.#effect(path, 'done')
        // A lost reply is nobody's word; an operation of this process at least ends.
        return isRequest && this.#timesOut(path) ? undefined : failed('unknown')
      case 'is lost':
        return isRequest && this.#timesOut(path) ? undefined : failed('unknown')
    }
  }

  #timesOut(path: string): boolean {
    const node = indexOf(this.definition).byPath.get(path)?.node
    return (
      node?.kind === 'step' && (node.attemptTimeoutMs !== undefined || node.timeoutMs !== undefined)
    )
  }

  #undo(path: string, attempt: number): void {
    this.undosTried.add(path)
    if (this.#next('undos', this.#script.undos) === false) {
      return this.#tell({ kind: 'undo-failed', path, attempt, failure: failure(path) })
    }
    this.#effect(path, 'undone')
    this.#tell({ kind: 'undone', path, attempt })
  }

  #effect(path: string, kind: Effect['kind']): void {
    const key = `${path} ${kind}`
    if (!this.effects.some((one) => one.key === key)) this.effects.push({ path, key, kind })
  }

  #happened(path: string): boolean {
    return this.effects.some((one) => one.path === path && one.kind === 'done')
  }

  #tell(told: Told): void {
    this.#told.push(told)
  }

  /** What began, in order. */
  began(direction: Direction): readonly string[] {
    return this.entries.flatMap(({ begins }) =>
      begins.filter((one) => one.direction === direction).map(({ path }) => path),
    )
  }
}
