/** `amends saga <file> <id>`: one execution. */
import type { Nanoseconds } from '../../clock.ts'
import type { Verb } from '../../machine/journal.ts'
import { childIdOf } from '../../saga/runner/children.ts'
import { checkId } from '../../saga/manager/manager-options.ts'
import { summaryOf } from '../../saga/manager/list-executions.ts'
import { type LookedAt, lookAtExecution } from '../../saga/operator/look-at-execution.ts'
import type { OpenItem } from '../../saga/operator/open-items.ts'
import { type TrackedNode } from '../../saga/operator/tracked-node.ts'
import { type Command, isSet, JSON_OPTION } from '../command.ts'
import { openExisting } from '../open-existing.ts'
import { printable, shellWord } from '../text/printable.ts'
import { tableLines } from '../text/table.ts'
import { entryTexts, failureText, timelineLines } from '../text/timeline.ts'
import { isoText, momentText, spanText } from '../text/times.ts'
import { jsonValue, shownValue } from '../text/values.ts'
import { wrapped } from '../text/wrapped.ts'
import { summaryJson, waitsForText } from './sagas-command.ts'

/** See the top of this file. */
export const sagaCommand: Command = {
  name: 'saga',
  says: 'Show one execution and what can be done about it.',
  takes: ['file', 'id'],
  options: {
    timeline: { says: 'Show every entry of its journal.' },
    full: { says: 'Show values whole; they are cut otherwise.' },
    json: JSON_OPTION,
  },
  more: [
    'It is told from the journal alone, so no process needs to run. Of a step that may have',
    'happened, only the process that has its definition knows whether an undo could still run.',
  ],
  run: async (input, world) => {
    const [file = '', given = ''] = input.args
    const id = checkId(given)
    await using ledger = await openExisting(file, world)
    const looked = await lookAtExecution(ledger, id)
    const isFull = isSet(input, 'full')
    const withTimeline = isSet(input, 'timeline')
    if (isSet(input, 'json')) {
      world.out(JSON.stringify(executionJson(looked, withTimeline)))
      return 0
    }
    const now = world.clock.wall()
    const lines = [
      ...headLines(looked, now, isFull),
      ...stepLines(looked),
      ...itemLines(file, looked, now),
      ...requestLines(looked, now),
      ...(withTimeline ? ['', 'TIMELINE', ...timelineLines(looked.entries, { isFull })] : []),
    ]
    for (const line of lines) world.out(line)
    if (!withTimeline) {
      world.out('')
      world.out(`Add --timeline to see all ${looked.entries.length} entries of its journal.`)
    }
    return 0
  },
}

function headLines({ row, view }: LookedAt, now: Nanoseconds, isFull: boolean): readonly string[] {
  const { forward, backward, failure, startedAt, changedAt, parent } = view
  const waits = waitsForText(summaryOf(row), now)
  const why = failure === undefined ? '' : `  ${placeOf(failure.path)}${failureText(failure)}`
  const facts: readonly (readonly [string, string])[] = [
    ['state', row.standing],
    ['forward', `${forward}${why}`],
    ['backward', backward],
    ['started', `${momentText(startedAt)} UTC (${spanText(now - startedAt)} ago)`],
    ['changed', `${momentText(changedAt)} UTC (${spanText(now - changedAt)} ago)`],
    ['waits for', waits],
    ['step of', parent === undefined ? '' : `${parent.id} (${parent.path})`],
    ['user', row.user],
    ['input', shownValue(view.input, { isFull })],
    ['context', shownValue(view.context, { isFull })],
  ]
  return [
    printable(`${view.id}  (${view.definition})`),
    ...facts
      .filter(([, text]) => text !== '')
      .flatMap(([title, text]) => wrapped(`  ${title.padEnd(10)}`, printable(text))),
  ]
}

function placeOf(path: string): string {
  return path === '' ? '' : `${path}: `
}

function stepLines({ view }: LookedAt): readonly string[] {
  const rows = [...view.nodes.values()].map((node) => [
    node.path,
    node.status,
    node.attempts === 0 ? '' : String(node.attempts),
    undoText(node),
    node.failure === undefined || node.status === 'succeeded' ? '' : failureText(node.failure),
  ])
  if (rows.length === 0) return []
  const columns = [
    { title: 'STEP', isWhole: true },
    { title: 'STATUS', isWhole: true },
    { title: 'ATTEMPTS', align: 'right', isWhole: true },
    { title: 'UNDO', isWhole: true },
    { title: 'FAILURE' },
  ] as const
  return ['', ...tableLines(columns, rows)]
}

function undoText({ own, added }: TrackedNode): string {
  const all = [own, ...added].flatMap(({ status }) => status ?? [])
  return [...new Set(all)].filter((status) => status !== 'not-needed').join(', ')
}

const SAYS: Readonly<Record<OpenItem['kind'], string>> = {
  undo: 'its undo has failed for good',
  unknown: 'it may have happened, and nobody knows',
  exhausted: 'it cannot go on, and cannot be undone any more',
  child: 'the saga that it runs waits for an operator itself',
}

function itemLines(file: string, { row, items }: LookedAt, now: Nanoseconds): readonly string[] {
  if (items.length === 0) return []
  const lines = ['', items.length === 1 ? 'WAITS FOR YOU' : `${items.length} ITEMS WAIT FOR YOU`]
  for (const item of items) {
    const { path, kind, undo, failure, since, isCertain } = item
    const which = undo === undefined ? '' : ` (${undo})`
    const doubt = isCertain ? '' : ' (perhaps: the journal alone does not tell)'
    const text = `${path}${which}: ${SAYS[kind]}, for ${spanText(now - since)}${doubt}`
    lines.push(...wrapped('  ', printable(text)))
    if (failure !== undefined) lines.push(...wrapped('    ', failureText(failure)))
    if (kind === 'child') {
      const child = shellWord(childIdOf(row.id, path))
      lines.push('    look at it:', printable(`      amends saga ${shellWord(file)} ${child}`))
    }
    for (const verb of item.verbs) {
      lines.push(`    ${verbText(verb, kind)}`, `      ${commandFor(file, row.id, item, verb)}`)
    }
  }
  return lines
}

function verbText(verb: Verb, kind: OpenItem['kind']): string {
  switch (verb) {
    case 'retry':
      return kind === 'unknown' ? 'find out again:' : 'try it again:'
    case 'edit':
      return kind === 'unknown' ? 'take it as happened, with a result:' : 'try it with other data:'
    case 'replace':
      return 'run another undo:'
    case 'waive':
      return 'let it go:'
    default:
      return verb satisfies never
  }
}

/** What to type. */
function commandFor(file: string, id: string, item: OpenItem, verb: Verb): string {
  const { path, added } = item
  const words = ['amends saga', verb, shellWord(file), shellWord(id), shellWord(path)]
  if (added !== undefined) words.push(`--added ${added}`)
  if (verb === 'edit') words.push("--data '<json>'")
  if (verb === 'replace') words.push('--undo <name>')
  return printable([...words, '--reason "<why>"'].join(' '))
}

function requestLines({ requests }: LookedAt, now: Nanoseconds): readonly string[] {
  if (requests.length === 0) return []
  return [
    '',
    'ASKED FOR, NOT CARRIED OUT YET',
    ...requests.map(({ id, by, askedAt, wish }) => {
      const what = wish.kind === 'resolve' ? `${wish.verb} ${wish.path}` : wish.kind
      return printable(`  ${what}, by ${by}, ${spanText(now - askedAt)} ago (request ${id})`)
    }),
  ]
}

function executionJson(looked: LookedAt, withTimeline: boolean): Readonly<Record<string, unknown>> {
  const { row, view, items, entries, requests } = looked
  const { forward, backward, failure, changedAt } = view
  return {
    ...summaryJson({ ...summaryOf(row), forward, backward, failure, changedAt }),
    input: jsonValue(view.input),
    context: jsonValue(view.context),
    steps: [...view.nodes.values()].map((node) => ({
      path: node.path,
      status: node.status,
      attempts: node.attempts,
      undo: undoText(node),
      failure: node.failure,
    })),
    items: items.map(({ since, ...item }) => ({ ...item, since: isoText(since) })),
    requests: requests.map(({ askedAt, ...request }) => ({
      ...request,
      askedAt: isoText(askedAt),
      wish: jsonValue(request.wish),
    })),
    entries: entries.length,
    ...(withTimeline
      ? {
          timeline: entries.map((entry, sequence) => ({
            sequence,
            at: isoText(entry.at),
            kind: entry.kind,
            ...('path' in entry ? { path: entry.path } : {}),
            says: entryTexts(entry),
          })),
        }
      : {}),
  }
}
