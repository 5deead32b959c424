// Which numbered facts of conformance/*.tsv have a test that passes.
//
// A test cites at the end of its title: `[client-C-0001]`, `[client-C-0001, client-C-0002]` or
// `[client-C-0001] [in process]`. Three at most: a test that proves more proves none of them.
// Facts of the coordinator are shown in process and over gRPC (`[over gRPC]` before the ids), or named
// in test/coordinator/in-process-only.ts.
import { readFileSync, readdirSync } from 'node:fs'
import { inProcessOnly } from '../test/coordinator/in-process-only.ts'

const CITATIONS_MAX = 3
/** Rows of these verdicts need a test. */
const PROVEN = ['same', 'differs']
const VERDICT = /^(same|differs|python|superseded|left out|later [A-F])$/
const OTHERS = new Set(['parity.tsv', 'recommendations.tsv'])
const FAMILIES = { client: 297, coordinator: 163, minos: 325, weakness: 34, workflow: 112 }
const ID = new RegExp(`^(?:${Object.keys(FAMILIES).join('|')})-(?:row-)?[A-Z0-9][A-Z0-9-]*$`)

/** @typedef {{ id: string, verdict: string, fact: string, reason: string, file: string }} Row */

/**
 * Every row of the catalogue, in the order of files and lines.
 *
 * @returns {Row[]}
 */
export function readCatalogue() {
  const folder = new URL('.', import.meta.url)
  // The other tables list names and recommendations; test/host/parity.test.ts checks them.
  const files = readdirSync(folder).filter((name) => name.endsWith('.tsv') && !OTHERS.has(name))
  return files.sort().flatMap((file) => {
    const [, ...lines] = readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n')
    return lines.map((line) => {
      const [id = '', verdict = '', fact = '', reason = ''] = line.split('\t')
      return { id, verdict, fact, reason, file }
    })
  })
}

/**
 * What is wrong with the catalogue itself.
 *
 * @param {readonly Row[]} rows
 */
export function faultsOf(rows) {
  /** @type {string[]} */
  const faults = []
  const seen = new Set()
  for (const { id, verdict, fact, reason, file } of rows) {
    if (seen.has(id)) faults.push(`${id} stands twice`)
    seen.add(id)
    if (!VERDICT.test(verdict)) faults.push(`${id} has the unknown verdict "${verdict}"`)
    if (fact.trim() === '') faults.push(`${id} states no fact`)
    if (verdict !== 'same' && reason.trim() === '') faults.push(`${id} gives no reason`)
    if (`${id.split('-')[0]}.tsv` !== file) faults.push(`${id} does not belong into ${file}`)
  }
  for (const [family, count] of Object.entries(FAMILIES)) {
    const found = rows.filter(({ file }) => file === `${family}.tsv`).length
    if (found !== count) faults.push(`${family}.tsv has ${found} rows, the references ${count}`)
  }
  return faults
}

/**
 * The ids a title cites, and what is wrong with how it does.
 *
 * @param {string} title
 * @returns {{ ids: string[], fault?: string }}
 */
export function citationsOf(title) {
  const groups = [...title.matchAll(/\[([^\]]*)\]/g)].map(([, inside = '']) =>
    inside.split(',').map((word) => word.trim()),
  )
  const ids = groups.flat().filter((word) => ID.test(word))
  if (ids.length === 0) return { ids }
  const tail = /(?:\s*\[[^\]]*\])+\s*$/.exec(title)?.[0] ?? ''
  if (ids.some((id) => !tail.includes(id))) return { ids, fault: 'cites before its end' }
  if (ids.length > CITATIONS_MAX) return { ids, fault: `cites ${ids.length} facts` }
  return { ids }
}

/** Gathers the citations of passed tests. */
export class Citations {
  /** @type {Map<string, number>} */
  #passed = new Map()
  /** @type {Set<string>} */
  #inProcess = new Set()
  /** @type {Set<string>} */
  #overGrpc = new Set()
  /** @type {string[]} */
  #faults = []

  /** @param {{ type: string, data: any }} event an event of node:test */
  take({ type, data }) {
    if (type !== 'test:pass' && type !== 'test:fail') return
    if (data.details?.type === 'suite') return
    const { ids, fault } = citationsOf(data.name)
    if (fault !== undefined) this.#faults.push(`"${data.name}" ${fault}`)
    if (type === 'test:fail' || isSet(data.skip) || isSet(data.todo)) return
    const place = data.name.includes('[over gRPC]') ? this.#overGrpc : this.#inProcess
    for (const id of ids) {
      this.#passed.set(id, (this.#passed.get(id) ?? 0) + 1)
      place.add(id)
    }
  }

  /**
   * What must be repaired after the whole suite has run.
   *
   * @param {readonly Row[]} rows
   */
  problems(rows) {
    const known = new Set(rows.map(({ id }) => id))
    const unknown = [...this.#passed.keys()].filter((id) => !known.has(id))
    const unproven = rows.filter(
      ({ id, verdict }) => PROVEN.includes(verdict) && !this.#passed.has(id),
    )
    return [
      ...this.#faults,
      ...listed('cited and not in the catalogue', unknown),
      ...listed(
        '"same" or "differs", and cited by no passed test',
        unproven.map(({ id }) => id),
      ),
      ...this.#oneSided(rows),
    ]
  }

  /**
   * Facts of the coordinator that are shown in one place, without a reason.
   *
   * @param {readonly Row[]} rows
   */
  #oneSided(rows) {
    const shown = rows
      .filter(({ id, verdict }) => id.startsWith('coordinator-') && PROVEN.includes(verdict))
      .map(({ id }) => id)
      .filter((id) => this.#passed.has(id))
    const excused = (/** @type {string} */ id) => Object.hasOwn(inProcessOnly, id)
    return [
      ...listed(
        'not shown over gRPC',
        shown.filter((id) => !this.#overGrpc.has(id) && !excused(id)),
      ),
      ...listed(
        'not shown in process',
        shown.filter((id) => !this.#inProcess.has(id)),
      ),
      ...listed(
        'shown over gRPC, and named as in process only',
        shown.filter((id) => this.#overGrpc.has(id) && excused(id)),
      ),
    ]
  }

  /** @param {readonly Row[]} rows */
  summary(rows) {
    const proven = rows.filter(({ verdict }) => PROVEN.includes(verdict))
    const cited = proven.filter(({ id }) => this.#passed.has(id)).length
    const later = rows.filter(({ verdict }) => verdict.startsWith('later')).length
    return `facts: ${cited} of ${proven.length} proven, ${later} later, ${rows.length} in all`
  }
}

function isSet(/** @type {unknown} */ mark) {
  return mark !== undefined && mark !== false
}

/** @param {string} problem @param {readonly string[]} ids */
function listed(problem, ids) {
  return ids.length === 0 ? [] : [`${ids.length} ${problem}: ${ids.join(' ')}`]
}
