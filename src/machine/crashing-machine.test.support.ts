/**
 * A world for the machine: random definitions, operations that do what a script says, and a process
 * that may die at any point. What the operations really did is written down outside of the machine.
 */
import fc from 'fast-check'
import { decide } from './decide.ts'
import type { Action } from './action.ts'
import type { Decision } from './decision.ts'
import type { Definition } from './definition.ts'
import { fold } from './fold.ts'
import { indexOf } from './definition-index.ts'
import type { Input, Told } from './input.ts'
import type { Backward, Direction, Entry, Failure, Forward, Verb } from './journal.ts'
import { failure, MS } from './machine.test.support.ts'
import { recover } from './recover.ts'
import type { ExecutionState } from './state.ts'
import { workItems } from './work-items.ts'

/** What one call of an operation does, and what is heard of it. */
type Deed =
  | 'succeeds'
  | 'refuses'
  | 'fails'
  /** It happened, and nobody heard. */
  | 'happens unheard'
  /** It did not happen, and nobody heard. */
  | 'is lost'
  /** It is given up, and happens all the same. */
  | 'is late'

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
      'is late',
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

type Child = { readonly forward: Forward; readonly backward: Backward }

/** One run, to its end. */
export class World {
  readonly definition: Definition
  readonly entries: Entry[] = []
  /** What the machine was told; what a process finds after a crash is no input. */
  readonly inputs: Input[] = []
  readonly effects: Effect[] = []
  /** Every action that was performed, by its key. */
  readonly performed = new Map<string, string>()
  readonly undosTried = new Set<string>()
  /** Whether anything ever waited for an operator, if only for a while. */
  wasStuck = false
  /** Whether an answer came when nobody waited for it. */
  wasLate = false
  readonly #script: Script
  #state: ExecutionState | undefined
  #actions: readonly Action[] = []
  #told: Told[] = []
  readonly #children = new Map<string, Child>()
  /** What this process has performed; a new one knows nothing. */
  #done = new Set<string>()
  #at = 1_000n * MS
  readonly #counts = new Map<string, number>()
  #late: { readonly isRequest: boolean; readonly come: () => void }[] = []
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
    return this.#goOn()
  }

  /** To its end; what comes late comes then, and it goes on. */
  #goOn(): this {
    for (let turn = 1; turn < 2_000 && !(this.isEnded && this.#told.length === 0); turn++) {
      if (turn === this.#script.cancelAfter) this.#decide({ kind: 'cancel', reason: 'stop' })
      if (this.crashesLeft > 0 && this.#next('crashes', this.#script.crashes) === true)
        this.#crash()
      this.#step()
    }
    const late = this.#late.shift()
    if (late === undefined) return this
    this.wasLate = true
    // What a dead process was still at did not happen; a reply is delivered until it is taken.
    this.crashesLeft = 0
    late.come()
    return this.#goOn()
  }

  /** An operator does this about everything that waits, as often as it takes. */
  resolveAll(verb: Verb): this {
    this.crashesLeft = 0
    for (let turn = 0; turn < 200 && this.state.backward === 'stuck'; turn++) {
      for (const { path, verbs, added } of workItems(this.definition, this.state)) {
        const wished = verbs.includes(verb) ? verb : 'waive'
        const by = { by: 'ann', reason: 'because', data: 'by hand', undo: 'by hand' }
        this.#decide({ kind: 'resolve', path, verb: wished, added, ...by })
      }
      this.#goOn()
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
    this.#late = this.#late.filter(({ isRequest }) => isRequest)
    let state: ExecutionState | undefined
    for (const entry of this.entries) state = fold(this.definition, state, entry)
    if (state === undefined) return
    this.#take(recover(this.definition, state, { at: this.#at, random: 0.5 }))
  }

  #decide(told: Told): void {
    const input: Input = { ...told, at: this.#at, random: 0.5 }
    this.inputs.push(input)
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
    if (before !== undefined && before !== seen) {
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
      case 'child':
        return this.#child(action)
      default:
        return
    }
  }

  /** A child answers for itself, as often as it is asked, and may need an operator of its own. */
  #child({ path, direction }: Extract<Action, { kind: 'child' }>): void {
    let child = this.#children.get(`${path} ${direction}`)
    if (child === undefined) {
      child = direction === 'forward' ? this.#childRuns(path) : this.#childGoesBack(path)
      this.#children.set(`${path} ${direction}`, child)
    }
    const ended = { kind: 'child', path, value: path, ...child } as const
    this.#tell(ended)
    if (child.backward !== 'stuck') return
    const come = (): void => this.#tell({ ...ended, backward: 'done' })
    this.#late.push({ isRequest: true, come })
  }

  #childRuns(path: string): Child {
    const deed = this.#next('deeds', this.#script.deeds) ?? 'succeeds'
    if (deed === 'succeeds') {
      this.#effect(path, 'done')
      return { forward: 'completed', backward: 'not-needed' }
    }
    return { forward: 'failed', backward: deed === 'is lost' ? 'stuck' : 'done' }
  }

  #childGoesBack(path: string): Child {
    this.undosTried.add(path)
    const isUndone = this.#next('undos', this.#script.undos) !== false
    this.#effect(path, 'undone')
    return { forward: 'completed', backward: isUndone ? 'done' : 'stuck' }
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
      case 'is late':
        // A service has done it and its reply is late; an operation that was given up is still at it.
        if (isRequest) this.#effect(path, 'done')
        this.#late.push({
          isRequest,
          come: () => {
            this.#effect(path, 'done')
            this.#tell({ kind: 'succeeded', path, attempt, value: path })
          },
        })
        return failed('unknown')
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
    const isKnown = kind === 'done' && this.effects.some((one) => one.key === key)
    if (!isKnown) this.effects.push({ path, key, kind })
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
