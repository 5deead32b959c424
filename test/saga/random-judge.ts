/**
 * What must be true of every random saga, whatever happened to it:
 *
 * 1. P4: it ends completed, compensated, or stuck with an item that says so; nothing goes on for ever.
 * 2. P5: what took effect and has an undo is undone when it is reported compensated, and what is left
 *    is among the items when it is stuck. Only what happened, or may have happened, is undone, in
 *    reverse order.
 * 3. P3: an effect comes once for its key, and a step has one key. What may run at most once does.
 * 4. An operator who goes on brings it to its end.
 */
import { EXECUTABLE } from '../../src/machine/bindings.ts'
import { commonGroup, indexOf } from '../../src/machine/definition-index.ts'
import type { Definition } from '../../src/machine/definition.ts'
import { entriesOf } from '../../src/saga/runner/load-execution.ts'
import type { SagaDetails } from '../../src/saga/manager/saga-manager.ts'
import { randomSaga } from './random-definition.ts'
import { actsOf, expectedActs, type SagaPlan } from './random-plan.ts'
import type { RandomRun } from './random-run.ts'
import type { Effect } from './random-world.ts'

/** What contradicts that; empty when nothing does. */
export async function judge(plan: SagaPlan, run: RandomRun): Promise<readonly string[]> {
  const { ended, world, resolved, errors } = run
  const findings: string[] = errors.map((error) => `error: ${error}`)
  if (ended === undefined) return [...findings, 'it goes on for ever']
  const [root] = ended
  if (root === undefined) return [...findings, 'it is not there']
  const effects = world.effects.slice(0, run.effectsThen)
  findings.push(...judgeKeys(plan, run), ...judgeBaseless(plan, ended, effects))
  const isStuck = ended.some(({ items }) => items.length > 0)
  for (const one of ended) findings.push(...judgeItems(one))
  // An operation that outlived its execution, in a process that died before it could say so.
  const isLost = (name: string): boolean => run.processes > 1 && world.late.has(name)
  const leftOf = (of: readonly Effect[]): readonly string[] =>
    standing(plan, of).filter((name) => !isLost(name))
  const left = leftOf(effects)
  if (root.state === 'completed') findings.push(...judgeCompleted(plan, effects))
  if (!isStuck && root.forward !== 'completed') {
    findings.push(...left.map((name) => `compensated, and ${name} is still there`))
  }
  if (run.wasCompensated && !isStuck) {
    findings.push(...left.map((name) => `undone on request, and ${name} is still there`))
  }
  if (isStuck) findings.push(...judgeStuck(plan, ended, left))
  if (isStuck && resolved === undefined) findings.push('the operator came to no end')
  if (resolved !== undefined) findings.push(...judgeResolved(leftOf, resolved, world.effects))
  if (!isStuck && world.late.size === 0) findings.push(...(await judgeOrder(plan, run, ended)))
  return findings
}

function judgeKeys(plan: SagaPlan, { world }: RandomRun): string[] {
  const findings: string[] = []
  const keys = new Map<string, string>()
  for (const { kind, name, key } of world.effects) {
    const of = `${kind} ${name}`
    const known = keys.get(of)
    // An undo that was added, or done by hand, or done again for what came late, has a key of its own.
    if (kind === 'done' && known !== undefined && known !== key) findings.push(`two keys of ${of}`)
    keys.set(of, key)
  }
  for (const { kind, name, atMostOnce } of actsOf(plan)) {
    if (kind === 'local' && atMostOnce && world.repeated.has(name)) {
      findings.push(`${name} may run at most once, and ran again`)
    }
  }
  return findings
}

/** Steps that were undone although nothing can have happened. */
function judgeBaseless(
  plan: SagaPlan,
  ended: readonly SagaDetails[],
  effects: readonly Effect[],
): string[] {
  const named = (wanted: Effect['kind']): Set<string> =>
    new Set(effects.filter(({ kind }) => kind === wanted).map(({ name }) => name))
  const done = named('done')
  const undone = named('undone')
  const kindOf = new Map(actsOf(plan).map(({ name, kind }) => [name, kind]))
  const known = (name: string, status: string): string =>
    status === 'refused' && kindOf.get(name) === 'remote' ? 'refused by cancelling' : status
  return ended.flatMap(({ id, steps }) =>
    steps
      .map(({ name, status }) => ({ name, status: known(name, status) }))
      .filter(
        ({ name, status }) => undone.has(name) && !done.has(name) && !MAY_HAVE_HAPPENED.has(status),
      )
      .map(({ name, status }) => `${id}: ${name} is ${status}, and was undone`),
  )
}

/** A request that was undone before it came is refused when it comes. */
const MAY_HAVE_HAPPENED: ReadonlySet<string> = new Set([
  'succeeded',
  'happened',
  'unknown',
  'refused by cancelling',
])

function judgeItems({ id, state, items, forward, backward }: SagaDetails): string[] {
  const isStuck = state === 'stuck'
  const findings: string[] = []
  if (isStuck !== items.length > 0) findings.push(`${id} is ${state} with ${items.length} items`)
  if (!isStuck && (forward === 'running' || backward === 'running')) {
    findings.push(`${id} is ${state}, and ${forward}/${backward}`)
  }
  return findings
}

/** What took effect, has an undo, and was not undone since. */
function standing(plan: SagaPlan, effects: readonly Effect[]): readonly string[] {
  const names = actsOf(plan).flatMap(({ kind, name, undo, adds }) => [
    ...(undo === 'none' ? [] : [name]),
    ...(kind === 'local' && adds ? [`${name}+`] : []),
  ])
  return names.filter((name) => effects.findLast((one) => one.name === name)?.kind === 'done')
}

function judgeCompleted(plan: SagaPlan, effects: readonly Effect[]): string[] {
  const { before, pivot, behind } = plan
  const expected = [
    ...expectedActs([...before, ...(pivot === undefined ? [] : [pivot]), ...behind]),
  ]
  const isDone = (wanted: string): boolean =>
    effects.findLast(({ name }) => name === wanted)?.kind === 'done'
  return expected.filter(({ name }) => !isDone(name)).map(({ name }) => `completed without ${name}`)
}

/** What is left must be said: by an item of its step, or because its execution goes forward still. */
function judgeStuck(
  plan: SagaPlan,
  ended: readonly SagaDetails[],
  left: readonly string[],
): string[] {
  const [root] = ended
  if (root?.forward === 'running' || root?.backward === 'not-needed' || !plan.goesOn) return []
  if (root?.forward === 'completed' && root.backward === 'waived') return []
  const said = new Set(
    ended.flatMap(({ items }) => items.map(({ path }) => path.split('/').at(-1) ?? path)),
  )
  return left
    .filter((name) => !said.has(name.replace('+', '')))
    .map((name) => `stuck, and nothing says that ${name} is still there`)
}

function judgeResolved(
  left: (effects: readonly Effect[]) => readonly string[],
  resolved: readonly SagaDetails[],
  effects: readonly Effect[],
): string[] {
  const findings = resolved.flatMap(({ id, items }) =>
    items.map(({ path, kind }) => `resolved, and ${id} ${path} still waits: ${kind}`),
  )
  const [root] = resolved
  const isWaived = resolved.some(
    ({ backward, steps }) => backward === 'waived' || steps.some(({ undo }) => undo === 'waived'),
  )
  if (root === undefined || root.forward === 'completed' || isWaived) return findings
  return [...findings, ...left(effects).map((name) => `resolved, and ${name} is still there`)]
}

/** Undos begin in reverse order of dependency. */
async function judgeOrder(
  plan: SagaPlan,
  run: RandomRun,
  ended: readonly SagaDetails[],
): Promise<string[]> {
  const definitions = definitionsOf(plan, run)
  const findings: string[] = []
  for (const { id, definition: name } of ended) {
    const definition = definitions.get(name)
    if (definition === undefined) continue
    const began: string[] = []
    for await (const { begins } of entriesOf(run.ledger, id)) {
      for (const { path, direction } of begins) {
        if (direction === 'backward' && !began.includes(path)) began.push(path)
      }
    }
    const { byPath } = indexOf(definition)
    const places = began.flatMap((path) => byPath.get(path) ?? [])
    places.forEach((later, at) => {
      for (const earlier of places.slice(0, at)) {
        const group = commonGroup(later, earlier)
        if (group?.node.kind === 'parallel' && group.node.undo === 'parallel') continue
        if (later.number < earlier.number) continue
        findings.push(`${id}: ${earlier.node.path} was undone before ${later.node.path}`)
      }
    })
  }
  return findings
}

function definitionsOf(plan: SagaPlan, run: RandomRun): ReadonlyMap<string, Definition> {
  const { definition } = randomSaga(plan, run.world, { isDead: true })
  const executable = definition[EXECUTABLE]()
  const found = new Map<string, Definition>([[definition.name, executable.definition]])
  const add = (children: typeof executable.children): void => {
    for (const child of children ?? []) {
      const inner = child[EXECUTABLE]()
      found.set(child.name, inner.definition)
      add(inner.children)
    }
  }
  add(executable.children)
  return found
}
