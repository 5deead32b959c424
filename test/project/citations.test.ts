import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '../project-root.ts'

type Row = Readonly<Record<'id' | 'verdict' | 'fact' | 'reason' | 'file', string>>
type Event = { readonly type: string; readonly data: Readonly<Record<string, unknown>> }

/** The types of conformance/citations.mjs, as far as they are used here. */
type Module = {
  readonly citationsOf: (title: string) => { readonly ids: readonly string[]; fault?: string }
  readonly faultsOf: (rows: readonly Row[]) => readonly string[]
  readonly readCatalogue: () => readonly Row[]
  readonly Citations: new () => {
    take(event: Event): void
    problems(rows: readonly Row[]): readonly string[]
  }
}

const file = pathToFileURL(join(projectRoot, 'conformance/citations.mjs')).href
const { citationsOf, faultsOf, readCatalogue, Citations } = (await import(file)) as Module

const row = (id: string, verdict: string): Row => ({
  id,
  verdict,
  fact: 'a fact',
  reason: '',
  file: `${id.split('-')[0]}.tsv`,
})
const passed = (name: string, more: object = {}): Event => ({
  type: 'test:pass',
  data: { name, details: { type: 'test' }, ...more },
})

describe('the titles of tests', () => {
  it('cite at their end, alone or together', () => {
    for (const [title, ids] of [
      ['is so [client-C-0001]', ['client-C-0001']],
      ['is so [client-C-0001, minos-188]', ['client-C-0001', 'minos-188']],
      ['is so [workflow-row-8] [weakness-15] [in process]', ['workflow-row-8', 'weakness-15']],
      ['is so [in process]', []],
      ['takes a[0] of a list', []],
    ] as const) {
      assert.deepEqual(citationsOf(title), { ids })
    }
  })

  it('cite three facts at most, and not in the middle', () => {
    assert.match(citationsOf('x [minos-1, minos-2] [minos-3] [minos-4]').fault ?? '', /4 facts/)
    assert.match(citationsOf('x [minos-1] is so').fault ?? '', /before its end/)
  })
})

describe('a run of all tests', () => {
  it('must prove each fact that is "same" or "differs" by a test that passed', () => {
    const rows = [row('minos-1', 'same'), row('minos-2', 'differs'), row('minos-3', 'later B')]
    const citations = new Citations()
    citations.take(passed('a [minos-1]'))
    citations.take(passed('skipped [minos-2]', { skip: true }))
    citations.take(passed('to do [minos-2]', { todo: 'soon' }))
    citations.take(passed('a suite [minos-2]', { details: { type: 'suite' } }))
    citations.take({ ...passed('failed [minos-2]'), type: 'test:fail' })
    assert.deepEqual(citations.problems(rows), [
      '1 "same" or "differs", and cited by no passed test: minos-2',
    ])
    citations.take(passed('b [minos-2]'))
    assert.deepEqual(citations.problems(rows), [])
  })

  it('must show each fact of the coordinator in process and over gRPC, or say why not', () => {
    const rows = ['C-0149', 'C-0150', 'C-0508'].map((id) => row(`coordinator-${id}`, 'same'))
    const citations = new Citations()
    citations.take(passed('a [in process] [coordinator-C-0149]'))
    citations.take(passed('b [over gRPC] [coordinator-C-0150]'))
    citations.take(passed('c [coordinator-C-0508]'))
    assert.deepEqual(citations.problems(rows), [
      '1 not shown over gRPC: coordinator-C-0149',
      '1 not shown in process: coordinator-C-0150',
    ])
    citations.take(passed('a [over gRPC] [coordinator-C-0149]'))
    citations.take(passed('b [in process] [coordinator-C-0150]'))
    assert.deepEqual(citations.problems(rows), [])
  })

  it('must cite no fact that is not in the catalogue', () => {
    const citations = new Citations()
    citations.take(passed('a [minos-999]'))
    assert.deepEqual(citations.problems([]), ['1 cited and not in the catalogue: minos-999'])
  })
})

describe('the catalogue', () => {
  it('has every fact of the references once, with a verdict and a reason', () => {
    assert.deepEqual(faultsOf(readCatalogue()), [])
  })

  it('is refused with a row twice, a verdict nobody knows, or a reason left out', () => {
    const faults = faultsOf([
      row('minos-1', 'same'),
      row('minos-1', 'same'),
      row('minos-2', 'perhaps'),
      { ...row('minos-3', 'same'), file: 'client.tsv' },
    ])
    assert.ok(faults.includes('minos-1 stands twice'))
    assert.ok(faults.includes('minos-2 has the unknown verdict "perhaps"'))
    assert.ok(faults.includes('minos-2 gives no reason'))
    assert.ok(faults.includes('minos-3 does not belong into client.tsv'))
    assert.ok(faults.includes('minos.tsv has 3 rows, the references 325'))
  })
})
