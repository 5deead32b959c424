/** What is told from a journal alone, against what the machine knows with the definition. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { scripts, World } from '../../machine/crashing-machine.test.support.ts'
import { definitions } from '../../machine/random-definitions.test.support.ts'
import { decide } from '../../machine/decide.ts'
import { indexOf } from '../../machine/definition-index.ts'
import type { Told } from '../../machine/input.ts'
import type { ExecutionState } from '../../machine/state.ts'
import { workItems } from '../../machine/work-items.ts'
import { JournalView } from './journal-view.ts'
import { openItems } from './open-items.ts'

const worlds = fc.tuple(definitions, scripts).map(([of, script]) => new World(of, script))
const numRuns = Number(globalThis.process.env['AMENDS_PROPERTY_RUNS'] ?? 300)

function viewOf({ entries }: World): JournalView {
  const view = new JournalView()
  for (const entry of entries) view.take(entry)
  return view
}

test('a journal alone tells how an execution stands', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const { state } = world.run()
      const view = viewOf(world)
      assert.deepEqual([view.forward, view.backward], [state.forward, state.backward])
      assert.equal(view.failure?.code, state.failure?.code)
      assert.equal(view.entries, state.entries)
    }),
    { numRuns },
  )
})

test('the steps of an execution that has ended stand as the machine says', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const { state, definition } = world.run()
      const view = viewOf(world)
      for (const [path, node] of state.nodes) {
        // Groups and sequences are told by what is in them.
        if (node === undefined || indexOf(definition).byPath.get(path)?.node.kind !== 'step')
          continue
        const seen = view.nodes.get(path)
        if (seen === undefined) {
          assert.ok(node.status === 'ready' || node.status === 'skipped', path)
          continue
        }
        const status = seen.waits && seen.status !== 'unknown' ? 'exhausted' : seen.status
        assert.equal(status, node.status, path)
        assert.equal(seen.attempts, node.attempt, path)
      }
    }),
    { numRuns },
  )
})

test('every item of an execution is found in its journal with its kind and verbs', () => {
  let items = 0
  let unsure = 0
  fc.assert(
    fc.property(worlds, (world) => {
      const { state, definition } = world.run()
      const expected = workItems(definition, state)
      const found = openItems(viewOf(world), state.stuck.length)
      for (const { path, kind, added, verbs } of expected) {
        const same = found.find((one) => one.path === path && one.added === added)
        assert.deepEqual([same?.kind, same?.verbs], [kind, verbs], path)
      }
      items += found.length
      const surplus = found.filter(
        (one) => !expected.some(({ path, added }) => one.path === path && one.added === added),
      )
      for (const { path, isCertain } of surplus) assert.ok(!isCertain, `${path} is no item`)
      unsure += surplus.length
    }),
    { numRuns },
  )
  // Doubt is the exception.
  assert.ok(unsure * 10 <= items, `${unsure} of ${items} are in doubt`)
})

/** What a process would tell next: the undo fails again, the step is refused. */
function nextOf(state: ExecutionState): Told | undefined {
  const [path = ''] = state.open
  const node = state.nodes.get(path)
  if (node === undefined) return undefined
  const failure = { path, outcome: 'refused', code: 'NO', message: 'no' } as const
  if (node.undoing === undefined) {
    return { kind: 'failed', path, attempt: node.attempt, failure }
  }
  return { kind: 'undo-failed', path, attempt: node.undoAttempt, failure }
}

test('what operators did about items is followed', () => {
  let resolved = 0
  fc.assert(
    fc.property(worlds, fc.array(fc.nat(3), { maxLength: 6 }), (world, choices) => {
      const view = viewOf(world.run())
      const { definition } = world
      let { state } = world
      const tell = (told: Told): void => {
        const decision = decide(definition, state, { ...told, at: state.changedAt + 1n, random: 0 })
        for (const entry of decision.entries) view.take(entry)
        state = decision.state
      }
      for (const choice of choices) {
        const item = workItems(definition, state)[0]
        const verb = item?.verbs[choice % item.verbs.length]
        if (item === undefined || verb === undefined) break
        const { path, added } = item
        const what = {
          path,
          verb,
          by: 'ann',
          reason: 'because',
          undo: 'other',
          data: 'data',
          added,
        }
        tell({ kind: 'resolve', ...what })
        for (let turn = 0; turn < 20; turn++) {
          const told = nextOf(state)
          if (told === undefined) break
          tell(told)
        }
        if (state.open.length > 0) return
        resolved++
        const found = openItems(view, state.stuck.length)
        for (const one of workItems(definition, state)) {
          const same = found.find((two) => two.path === one.path && two.added === one.added)
          assert.deepEqual([same?.kind, same?.verbs], [one.kind, one.verbs], `${verb} ${path}`)
        }
        assert.deepEqual([view.forward, view.backward], [state.forward, state.backward])
      }
    }),
    { numRuns },
  )
  assert.ok(resolved > numRuns / 20)
})
