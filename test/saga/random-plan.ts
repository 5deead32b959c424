/**
 * Sagas that chance puts together, and what goes wrong while they run: steps of every kind with the
 * outcomes of their calls, crashes, wishes of people, and what the bus does to messages. Plain data, so
 * that a case can be shrunk and printed.
 */
import fc from 'fast-check'
import type { FaultKind } from '../../src/testing/faulty-ledger.ts'

/**
 * What one call of a step comes to. `lost`: it takes effect, and no answer comes. `lost-before`: the
 * same without the effect. `hangs`: it takes effect and then waits until it is told to stop. `late`:
 * it does not stop when it is told to, and takes effect long after.
 */
export type Call = 'ok' | 'refuses' | 'throws' | 'lost' | 'lost-before' | 'hangs' | 'late'

/** What the calls of one step come to, in order; the last one repeats. */
export type Calls = readonly Call[]

/** A step that does something. */
export type ActPlan = {
  readonly kind: 'local' | 'remote'
  readonly name: string
  readonly calls: Calls
  readonly undo: 'none' | 'declared' | 'also-unknown'
  readonly undoCalls: Calls
  readonly atMostOnce: boolean
  /** Registers another undo, and does something that it is for. */
  readonly adds: boolean
  readonly attempts: number
}

/** One step. */
export type StepPlan =
  | ActPlan
  | {
      readonly kind: 'signal'
      readonly name: string
      readonly times: number
      readonly timeoutMs?: number | undefined
    }
  | {
      readonly kind: 'choice' | 'parallel'
      readonly name: string
      readonly branches: readonly (readonly StepPlan[])[]
      /** Which branch is taken; none when there are fewer. */
      readonly taken: number
    }
  | { readonly kind: 'nested'; readonly name: string; readonly steps: readonly StepPlan[] }

/** One process: it dies at a commit, unless that is 0. */
export type Death = { readonly at: number; readonly fault: FaultKind }

/** A whole case. */
export type SagaPlan = {
  readonly before: readonly StepPlan[]
  readonly pivot: ActPlan | undefined
  readonly behind: readonly StepPlan[]
  readonly goesOn: boolean
  readonly deadlineMs: number | undefined
  readonly deaths: readonly Death[]
  /** The turn at which somebody cancels; -1: nobody does. */
  readonly cancelAt: number
  /** Whether a completed execution is undone after all. */
  readonly compensates: boolean
  /** What an operator does about what is stuck. */
  readonly verb: 'retry' | 'edit' | 'replace' | 'waive'
  /** What the bus does; 0: nothing but its duty. */
  readonly busSeed: number
  readonly residentMs: number
}

const good: fc.Arbitrary<Calls> = fc.constant(['ok'])
const calls: fc.Arbitrary<Calls> = fc.oneof(
  { weight: 5, arbitrary: good },
  {
    weight: 3,
    arbitrary: fc.array(
      fc.constantFrom<Call>('ok', 'refuses', 'throws', 'lost', 'lost-before', 'hangs', 'late'),
      { minLength: 1, maxLength: 3 },
    ),
  },
)
const undoCalls: fc.Arbitrary<Calls> = fc.oneof(
  { weight: 5, arbitrary: good },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom<Call>('ok', 'refuses', 'throws', 'lost', 'hangs'), {
      minLength: 1,
      maxLength: 3,
    }),
  },
)

const act: fc.Arbitrary<ActPlan> = fc.record({
  kind: fc.constantFrom('local', 'local', 'remote'),
  name: fc.constant(''),
  calls,
  undo: fc.constantFrom('declared', 'also-unknown', 'also-unknown', 'none'),
  undoCalls,
  atMostOnce: fc.constantFrom(false, false, true),
  adds: fc.constantFrom(false, false, false, true),
  attempts: fc.constantFrom(1, 2, 3),
})

const { step } = fc.letrec<{ step: StepPlan; steps: readonly StepPlan[] }>((tie) => ({
  step: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: act },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('signal' as const),
        name: fc.constant(''),
        times: fc.constantFrom(1, 1, 2),
        timeoutMs: fc.constantFrom(undefined, undefined, 40),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('choice' as const, 'parallel' as const),
        name: fc.constant(''),
        branches: fc.array(tie('steps'), { minLength: 1, maxLength: 3 }),
        taken: fc.nat(3),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('nested' as const),
        name: fc.constant(''),
        steps: tie('steps'),
      }),
    },
  ),
  steps: fc.array(tie('step'), { minLength: 1, maxLength: 3 }),
}))

const death: fc.Arbitrary<Death> = fc.record({
  at: fc.integer({ min: 1, max: 24 }),
  fault: fc.constantFrom('before', 'after', 'done-but-reported-failed'),
})

/** Cases of every kind. */
export const sagaPlans: fc.Arbitrary<SagaPlan> = fc
  .record({
    before: fc.array(step, { minLength: 1, maxLength: 4 }),
    pivot: fc.option(act, { nil: undefined }),
    behind: fc.array(step, { maxLength: 2 }),
    goesOn: fc.constantFrom(true, true, true, false),
    deadlineMs: fc.constantFrom(undefined, undefined, undefined, 60),
    deaths: fc.array(death, { maxLength: 3 }),
    cancelAt: fc.constantFrom(-1, -1, -1, 0, 3, 8, 20),
    compensates: fc.boolean(),
    verb: fc.constantFrom('retry', 'retry', 'edit', 'replace', 'waive'),
    busSeed: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_000_000 })),
    residentMs: fc.constantFrom(5, 1_000),
  })
  .map(named)

/** Gives every step a name of its own. Behind the pivot nothing has an undo. */
function named(plan: SagaPlan): SagaPlan {
  let count = 0
  const nameAll = (steps: readonly StepPlan[], isBehind: boolean): StepPlan[] =>
    steps.map((one) => nameOne(one, isBehind))
  const nameOne = (one: StepPlan, isBehind: boolean): StepPlan => {
    const name = `${one.kind}${++count}`
    switch (one.kind) {
      case 'local':
      case 'remote':
        return isBehind ? { ...one, name, undo: 'none', adds: false } : { ...one, name }
      case 'signal':
        return { ...one, name }
      case 'choice':
      case 'parallel':
        return {
          ...one,
          name,
          branches: one.branches.map((branch) => nameAll(branch, isBehind)),
        }
      case 'nested':
        return { ...one, name, steps: nameAll(one.steps, false) }
    }
  }
  const before = nameAll(plan.before, false)
  const { pivot } = plan
  const named = pivot && ({ ...pivot, name: `pivot${++count}`, undo: 'none', adds: false } as const)
  return { ...plan, before, pivot: named, behind: pivot ? nameAll(plan.behind, true) : [] }
}

/** Every step that does something, also within others. */
export function* actsIn(steps: readonly StepPlan[]): Generator<ActPlan> {
  for (const one of steps) {
    if (one.kind === 'local' || one.kind === 'remote') yield one
    else if (one.kind === 'nested') yield* actsIn(one.steps)
    else if ('branches' in one) for (const branch of one.branches) yield* actsIn(branch)
  }
}

/** Every step of a case that does something. */
export function actsOf({ before, pivot, behind }: SagaPlan): readonly ActPlan[] {
  return [...actsIn(before), ...(pivot === undefined ? [] : [pivot]), ...actsIn(behind)]
}

/** The steps that do something when everything goes well. */
export function* expectedActs(steps: readonly StepPlan[]): Generator<ActPlan> {
  for (const one of steps) {
    if (one.kind === 'local' || one.kind === 'remote') yield one
    else if (one.kind === 'nested') yield* expectedActs(one.steps)
    else if (one.kind === 'parallel') {
      for (const branch of one.branches) yield* expectedActs(branch)
    } else if (one.kind === 'choice') yield* expectedActs(one.branches[one.taken] ?? [])
  }
}
