/**
 * Random trees of primitives with random failures, delays and cancellations: whatever happens, what
 * happened is undone in reverse order, the caller gets the error that was thrown, and nothing is
 * left running.
 */
import { strict as assert } from 'node:assert'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { sleep } from '../abort.ts'
import { codeOf } from '../errors.ts'
import { CompensationPrimitive } from './compensation-primitive.ts'
import { reportOf } from './compensation-report.ts'
import { ConditionalPrimitive } from './conditional-primitive.ts'
import { driven, observedContext } from './observed-context.test.support.ts'
import type { Operation } from './primitive.ts'
import { RetryPrimitive } from './retry-primitive.ts'
import { TimeoutPrimitive } from './timeout-primitive.ts'
import { ParallelPrimitive, SequentialPrimitive } from './workflow-primitive.ts'

type Leaf = {
  readonly kind: 'leaf'
  readonly fails: boolean
  readonly undo: 'none' | 'good' | 'bad'
  readonly delayMs: number
  readonly ends: 'heeding' | 'stubborn' | 'never'
  readonly wrapped: 'no' | 'retry' | 'timeout'
}
type Tree =
  | Leaf
  | {
      readonly kind: 'workflow' | 'hidden' | 'sequence' | 'parallel'
      readonly parts: readonly Tree[]
    }
  | { readonly kind: 'choice'; readonly holds: boolean; readonly parts: readonly Tree[] }

const anyLeaf: fc.Arbitrary<Leaf> = fc.record({
  kind: fc.constant('leaf'),
  fails: fc.boolean(),
  undo: fc.constantFrom('none', 'good', 'good', 'bad'),
  delayMs: fc.constantFrom(0, 0, 1, 5, 20),
  ends: fc.constantFrom('heeding', 'heeding', 'heeding', 'stubborn', 'never'),
  wrapped: fc.constantFrom('no', 'no', 'retry', 'timeout'),
})
// What never ends needs somebody who does not wait for ever.
const leaf = anyLeaf.map((each): Leaf =>
  each.ends === 'never' ? { ...each, wrapped: 'timeout' } : each,
)
const calmLeaf = leaf.map((each): Leaf => ({ ...each, fails: false, ends: 'heeding' }))
const { tree } = fc.letrec<{ tree: Tree; parts: readonly Tree[] }>((tie) => ({
  parts: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: calmLeaf },
    { weight: 1, arbitrary: leaf },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('workflow', 'workflow', 'hidden', 'sequence', 'parallel'),
        parts: tie('parts'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('choice'),
        holds: fc.boolean(),
        parts: tie('parts'),
      }),
    },
  ),
}))

/** Builds primitives of a tree; they note what they do under the numbers of their leaves. */
class Build {
  readonly log: string[] = []
  readonly errors = new Map<number, Error>()
  readonly undoable = new Set<number>()
  #leaves = 0

  workflow(parts: readonly Tree[]): Operation<unknown, unknown> {
    const steps = parts.map((part) => {
      if (part.kind !== 'leaf') return { run: this.operation(part) }
      const id = this.#leaves
      const run = this.operation(part)
      if (part.undo === 'none') return { run }
      this.undoable.add(id)
      return { run, compensate: () => this.#undo(id, part) }
    })
    return CompensationPrimitive.fromSteps<unknown, unknown>(steps)
  }

  operation(tree: Tree): Operation<unknown, unknown> {
    switch (tree.kind) {
      case 'leaf':
        return this.#leaf(this.#leaves++, tree)
      case 'workflow':
        return this.workflow(tree.parts)
      case 'hidden': {
        const inner = this.workflow(tree.parts)
        const limited = new TimeoutPrimitive(inner, { timeoutMs: 15 })
        return new RetryPrimitive(limited, { maxRetries: 0 })
      }
      case 'sequence':
        return new SequentialPrimitive(tree.parts.map((part) => this.operation(part)))
      case 'parallel':
        return new ParallelPrimitive(
          tree.parts.map((part) => this.operation(part)),
          { abandonAfterMs: 1_000 },
        )
      case 'choice': {
        const [then, otherwise] = tree.parts.map((part) => this.operation(part))
        assert.ok(then !== undefined)
        return new ConditionalPrimitive(() => tree.holds, then, otherwise)
      }
    }
  }

  #leaf(id: number, { fails, delayMs, ends, wrapped }: Leaf): Operation<unknown, unknown> {
    const operation: Operation<unknown, unknown> = async (_input, { clock, signal }) => {
      this.log.push(`begin ${id}`)
      if (ends === 'never') await new Promise(() => undefined)
      if (delayMs > 0) await sleep(delayMs, clock, ends === 'heeding' ? signal : undefined)
      if (fails) {
        const error = new Error(`leaf ${id}`)
        this.errors.set(id, error)
        throw error
      }
      this.log.push(`end ${id}`)
      return id
    }
    if (wrapped === 'retry') {
      return new RetryPrimitive(operation, { maxRetries: 1, initialDelayMs: 3 })
    }
    return wrapped === 'timeout' ? new TimeoutPrimitive(operation, { timeoutMs: 10 }) : operation
  }

  #undo(id: number, { undo }: Leaf): void {
    this.log.push(`undo ${id}`)
    if (undo === 'bad') throw new Error(`undo ${id}`)
  }
}

/** The leaves below a tree, numbered as they are built. */
function leavesOf(trees: readonly Tree[], first: number): readonly (readonly number[])[] {
  let next = first
  return trees.map((each) => {
    const count = countLeaves(each)
    const ids = Array.from({ length: count }, (_, i) => next + i)
    next += count
    return ids
  })
}

function countLeaves(tree: Tree): number {
  return tree.kind === 'leaf' ? 1 : tree.parts.reduce((sum, part) => sum + countLeaves(part), 0)
}

/** Undos of later parts of a sequence come before those of earlier ones. */
function assertReversed(tree: Tree, first: number, undone: readonly number[]): void {
  if (tree.kind === 'leaf') return
  const parts = leavesOf(tree.parts, first)
  if (tree.kind !== 'parallel' && tree.kind !== 'choice') {
    const partOf = (id: number): number => parts.findIndex((ids) => ids.includes(id))
    const order = undone.map(partOf).filter((part) => part >= 0)
    assert.deepEqual(
      order,
      order.toSorted((a, b) => b - a),
    )
  }
  tree.parts.forEach((part, i) => assertReversed(part, parts[i]?.[0] ?? first, undone))
}

const numbers = (log: readonly string[], word: string): readonly number[] =>
  log.filter((line) => line.startsWith(word)).map((line) => Number(line.split(' ')[1]))

describe('random trees', () => {
  it('undo what happened in reverse, give the original error, and leave nothing running', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(tree, { minLength: 1, maxLength: 4 }),
        fc.option(fc.integer({ min: 0, max: 40 }), { freq: 2 }),
        async (parts, cancelAtMs) => {
          const build = new Build()
          const workflow = build.workflow(parts)
          assert.ok(typeof workflow !== 'function')
          const controller = new AbortController()
          const { context, clock } = observedContext({ signal: controller.signal })
          const cancel =
            cancelAtMs === null
              ? undefined
              : clock.after(cancelAtMs, () => controller.abort(new Error('cancelled')))
          let thrown: { readonly error: unknown } | undefined
          try {
            await driven(clock, workflow.execute(0, context), 100)
          } catch (error) {
            thrown = { error }
          }
          cancel?.cancel()
          assert.equal(clock.timers, 0, 'a timer is left')
          assert.equal(
            getEventListeners(controller.signal, 'abort').length,
            0,
            'a listener is left',
          )
          const settled = build.log.length
          await clock.advanceAsync(100_000)
          const { log, undoable } = build
          const ended = numbers(log, 'end').filter((id) => undoable.has(id))
          const undone = numbers(log, 'undo')
          if (thrown === undefined) {
            assert.deepEqual(undone, [])
            return
          }
          const { error } = thrown
          const report = reportOf(error)
          assert.ok(report !== undefined)
          if (report.abandoned.length === 0) {
            assert.equal(log.length, settled, 'something ran after the end')
            assert.deepEqual(undone.toSorted(), ended.toSorted())
          }
          assert.deepEqual(new Set(undone).size, undone.length)
          assertReversed({ kind: 'workflow', parts }, 0, undone)
          const isOriginal = [...build.errors.values()].includes(error as Error)
          const code = codeOf(error)
          const isOfTheRun =
            controller.signal.aborted && (code === 'ABORTED' || code === 'ATTEMPT_ABANDONED')
          assert.ok(isOriginal || isOfTheRun || code === 'WORKFLOW_TIMEOUT', String(error))
        },
      ),
      { numRuns: 300 },
    )
  })
})
