/** Definitions that chance puts together: nesting, groups, conditionals, pivots, children. */
import fc from 'fast-check'
import type { Definition, Node, RetryPolicy, SequenceNode, StepNode } from './definition.ts'
import { conditional, definition, parallel, sequence, step } from './machine.test.support.ts'

const policy: fc.Arbitrary<RetryPolicy> = fc.constantFrom(1, 1, 2, 3).map((maxAttempts) => ({
  maxAttempts,
  initialMs: 10,
  factor: 2,
  maxMs: 100,
  jitter: 'full' as const,
}))

type Options = Partial<StepNode>

const options: fc.Arbitrary<Options> = fc
  .record({
    does: fc.constantFrom('operation', 'operation', 'request', 'execution'),
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
  .map((one) => ({ ...one, probes: one.probes && one.does === 'operation', definition: 'sub' }))

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
