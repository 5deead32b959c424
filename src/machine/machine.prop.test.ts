import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkDefinition } from './check-definition.ts'
import { scripts, World } from './crashing-machine.test.support.ts'
import { definitions } from './random-definitions.test.support.ts'
import { decide } from './decide.ts'
import { commonGroup, indexOf, type Place } from './definition-index.ts'
import { fold } from './fold.ts'
import type { ExecutionState } from './state.ts'
import { workItems } from './work-items.ts'

const worlds = fc.tuple(definitions, scripts).map(([of, script]) => new World(of, script))
const numRuns = Number(globalThis.process.env['AMENDS_PROPERTY_RUNS'] ?? 300)

const check = (property: (world: World) => void): void => {
  fc.assert(
    fc.property(worlds, (world) => property(world.run())),
    { numRuns },
  )
}

test('every definition that is made here can be run', () => {
  fc.assert(
    fc.property(definitions, (of) => checkDefinition(of)),
    { numRuns: 500 },
  )
})

test('every execution ends completed, compensated or stuck with an item that says so (P4)', () => {
  check((world) => {
    const { forward, backward, open } = world.state
    assert.ok(world.isEnded, 'it has not ended')
    assert.deepEqual(open, [])
    const items = workItems(world.definition, world.state)
    assert.equal(items.length > 0, backward === 'stuck')
    assert.notEqual(backward, 'running')
    if (forward === 'running') assert.equal(backward, 'stuck')
    for (const item of items) assert.ok(item.verbs.length > 0)
  })
})

test('what is reported compensated left nothing behind but what needs no undo (P4)', () => {
  check((world) => {
    const { forward, backward } = world.state
    if (forward === 'running' || forward === 'completed' || backward === 'stuck') return
    for (const { path, kind } of world.effects) {
      const node = indexOf(world.definition).byPath.get(path)?.node
      if (kind !== 'done' || node?.kind !== 'step' || node.undo === 'none') continue
      const last = world.effects.findLast((one) => one.path === path)
      assert.equal(last?.kind, 'undone', `${path} happened and is not undone`)
    }
  })
})

test('only what happened or may have happened is undone (P5)', () => {
  check((world) => {
    for (const path of world.undosTried) {
      const { status } = world.state.nodes.get(path) ?? {}
      const node = indexOf(world.definition).byPath.get(path)?.node
      const isOwnFailure = node?.kind === 'step' && node.undoesOwnFailure && status === 'failed'
      assert.ok(
        status === 'succeeded' || status === 'unknown' || status === 'happened' || isOwnFailure,
        `${path} is undone although it is ${status}`,
      )
    }
  })
})

test('undos begin in reverse order of dependency (P5)', () => {
  check((world) => {
    const { definition } = world
    // What somebody resolves, or a late answer settles, comes when it comes.
    if (world.wasStuck || world.wasLate) return
    const places = [...new Set(world.began('backward'))].map((path) => placeAt(definition, path))
    places.forEach((later, at) => {
      for (const earlier of places.slice(0, at)) {
        // Side by side there is no order; else what is written later is undone first.
        const group = commonGroup(later, earlier)
        if (group?.node.kind === 'parallel' && group.node.undo === 'parallel') continue
        assert.ok(later.number < earlier.number, `${earlier.node.path} before ${later.node.path}`)
      }
    })
  })
})

test('every undo is attempted although others fail, where they are to go on (P6)', () => {
  check((world) => {
    const { state, definition } = world
    if (!state.unwinding) return
    for (const [path, node] of state.nodes) {
      const { node: of, parent } = placeAt(definition, path)
      if (of.kind !== 'step' || of.undo === 'none' || node.status !== 'succeeded') continue
      if (parent?.node.kind === 'sequence' && !parent.node.continueOnUndoFailure) continue
      if (holdsBack(parent)) continue
      assert.ok(world.undosTried.has(path), `the undo of ${path} was never tried`)
    }
  })
})

test('nothing that happened behind the pivot, or at it, leads to an undo', () => {
  check((world) => {
    const pivot = indexOf(world.definition).pivot?.node.path
    if (pivot === undefined || world.state.nodes.get(pivot)?.status !== 'succeeded') return
    // It succeeded on the way forward, or its late answer found the execution unwinding.
    if (world.state.forward === 'completed') assert.equal(world.undosTried.size, 0)
  })
})

for (const verb of ['retry', 'edit', 'replace', 'waive'] as const) {
  test(`an operator who goes on with ${verb} brings every execution to its end`, () => {
    check((world) => {
      const { forward, backward } = world.resolveAll(verb).state
      assert.notEqual(forward, 'running')
      assert.ok(backward === 'done' || backward === 'waived' || backward === 'not-needed', backward)
      assert.deepEqual(workItems(world.definition, world.state), [])
    })
  })
}

test('the fold of the entries is the state', () => {
  check((world) => {
    let state: ExecutionState | undefined
    for (const entry of world.entries) state = fold(world.definition, state, entry)
    assert.deepEqual(state, world.state)
  })
})

test('the turns in the journal say how it stands', () => {
  check((world) => {
    let stands = { forward: 'running', backward: 'not-needed' }
    for (const { turns } of world.entries) if (turns !== undefined) stands = turns
    const { forward, backward } = world.state
    assert.deepEqual({ forward: stands.forward, backward: stands.backward }, { forward, backward })
  })
})

test('an attempt begins once, and counts from 1 in each direction', () => {
  check((world) => {
    const attempts = new Map<string, number>()
    for (const { path, direction, attempt } of world.entries.flatMap(({ begins }) => begins)) {
      const key = `${direction} ${path}`
      assert.ok(attempt > (attempts.get(key) ?? 0), `${key} ${attempt}`)
      attempts.set(key, attempt)
    }
  })
})

test('the same state and input decide the same, and nothing is written into', () => {
  fc.assert(
    fc.property(definitions, fc.nat(3), (of, which) => {
      const start = { kind: 'start', id: 'x', fingerprint: 'f', value: 'in' } as const
      const input = { ...start, correlationId: 'c', at: 1n, random: 0.5 }
      const first = decide(of, undefined, input)
      const path = first.state.open[0] ?? ''
      const at = { at: 2n, random: 0.5 }
      const told = [
        { kind: 'succeeded', path, attempt: 1, value: 1, ...at },
        { kind: 'cancel', reason: '', ...at },
        { kind: 'time', ...at },
        { kind: 'chosen', path, branch: 0, ...at },
      ] as const
      const next = told[which] ?? told[2]
      const before = structuredClone({ ...first.state, nodes: [...first.state.nodes] })
      const one = decide(of, first.state, next)
      const other = decide(of, first.state, next)
      assert.deepEqual(one, other)
      assert.deepEqual({ ...first.state, nodes: [...first.state.nodes] }, before)
    }),
    { numRuns },
  )
})

function placeAt(of: World['definition'], path: string): Place {
  const place = indexOf(of).byPath.get(path)
  assert.ok(place !== undefined)
  return place
}

/** A sequence further out that stops at a stuck undo. */
function holdsBack(from: Place | undefined): boolean {
  for (let at = from; at !== undefined; at = at.parent) {
    if (at.node.kind === 'sequence' && !at.node.continueOnUndoFailure) return true
  }
  return false
}
