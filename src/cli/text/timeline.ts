/** What the entries of a journal say, for somebody who has never seen one. */
import type { Nanoseconds } from '../../clock.ts'
import type { Begin, Change, Entry, Failure, Turn, Verb } from '../../machine/journal.ts'
import { momentText, spanText } from './times.ts'
import { printable } from './printable.ts'
import { shownValue } from './values.ts'
import { wrapped } from './wrapped.ts'

/** How values are shown. */
export type TimelineOptions = { readonly isFull?: boolean | undefined }

/** One entry, in one sentence and what followed from it. */
export function entryTexts(entry: Entry, options: TimelineOptions = {}): readonly string[] {
  const show = (value: unknown): string => shownValue(value, { isFull: options.isFull === true })
  return [
    saidBy(entry, show),
    ...entry.begins.map((begin) => `-> ${begunText(begin, show)}`),
    ...(entry.turns === undefined ? [] : [`=> ${turnText(entry.turns)}`]),
  ]
}

/** A whole journal: when, how long after the start, and what. */
export function timelineLines(
  entries: readonly Entry[],
  options: TimelineOptions = {},
): readonly string[] {
  const [first] = entries
  return entries.flatMap((entry, index) => {
    const since = entry.at - (first?.at ?? entry.at)
    const head = `${String(index).padStart(4)}  ${momentText(entry.at)}  ${sinceText(since)}  `
    return entryTexts(entry, options).flatMap((text, at) =>
      wrapped(at === 0 ? head : ' '.repeat(head.length), text),
    )
  })
}

type Show = (value: unknown) => string

function saidBy(entry: Entry, show: Show): string {
  switch (entry.kind) {
    case 'started': {
      const parent = entry.parent === undefined ? '' : `, a step of ${name(entry.parent.id)}`
      return `${name(entry.definition)} is started${parent} with ${show(entry.input)}`
    }
    case 'signalled':
      return `the signal ${name(entry.signal)} comes${dataText(entry.data, show)}`
    case 'deadline-passed':
      return 'the deadline of the whole execution passes'
    case 'cancelled':
      return `somebody cancels it${reasonText(entry.reason)}`
    case 'compensation-requested':
      return `somebody wants it undone${reasonText(entry.reason)}`
    case 'resolved':
      return resolvedText(entry, show)
    default:
      return saidAt(entry, name(entry.path), show)
  }
}

type AtPath = Exclude<Extract<Entry, { readonly path: string }>, { readonly kind: 'resolved' }>

function saidAt(entry: AtPath, step: string, show: Show): string {
  switch (entry.kind) {
    case 'prepared': {
      const what = entry.direction === 'forward' ? 'the request' : 'the undo request'
      return entry.begins.some(({ path }) => path === entry.path)
        ? `${what} of ${step} is made`
        : `${step} has nothing to ${entry.direction === 'forward' ? 'send' : 'undo'}`
    }
    case 'chosen':
      return `${step} ${entry.branch < 0 ? 'takes no branch' : `takes branch ${entry.branch}`}`
    case 'succeeded':
      return `${step} succeeds${attemptText(entry.attempt)}${changeText(entry.change, show)}`
    case 'failed':
      return failedText(entry, step)
    case 'probed':
      return `asked about ${step}: ${FOUND[entry.found.kind]}${againText(entry)}`
    case 'timed-out':
      return `the time of ${step} is up: ${failureText(entry.failure)}`
    case 'child':
      return `the saga that ${step} runs is ${entry.forward}, its way back ${entry.backward}`
    case 'joined':
      return entry.failure === undefined
        ? `the branches of ${step} are done`
        : `the branches of ${step} do not fit together: ${failureText(entry.failure)}`
    case 'undone':
      return `${step} is undone${attemptText(entry.attempt)}${changeText(entry.change, show)}`
    case 'undo-failed':
      return `the undo of ${step} fails${attemptText(entry.attempt)}: ${failureText(entry.failure)}${
        againText(entry) || '; it waits for an operator'
      }`
    case 'undo-added':
      return `${step} wants ${name(entry.name)} run if it is undone${dataText(entry.data, show)}`
    case 'resumed':
      return `the pause of ${entry.direction === 'forward' ? '' : 'the undo of '}${step} is over`
    default:
      return entry satisfies never
  }
}

const FOUND = {
  happened: 'it happened',
  'did-not-happen': 'it did not happen',
  unknown: 'nobody knows',
} as const

function failedText(entry: Extract<Entry, { readonly kind: 'failed' }>, step: string): string {
  const { failure, attempt, happened } = entry
  const tail = `${attemptText(attempt)}: ${failureText(failure)}${againText(entry)}`
  if (happened) return `${step} happened, but what it answered could not be taken${tail}`
  switch (failure.outcome) {
    case 'refused':
      return `${step} is refused${tail}`
    case 'failed':
      return `${step} fails${tail}`
    case 'unknown':
      return `${step} may have happened, nobody knows${tail}`
    default:
      return failure.outcome satisfies never
  }
}

const VERBS: Readonly<Record<Verb, string>> = {
  retry: 'has it tried again',
  edit: 'gives it other data',
  replace: 'has something else run in its place',
  waive: 'lets it go',
}

function resolvedText(entry: Extract<Entry, { readonly kind: 'resolved' }>, show: Show): string {
  const { path, verb, by, reason, undo, data } = entry
  const other = undo === undefined || undo === '' ? '' : ` (${name(undo)})`
  const what = `${printable(by)} ${VERBS[verb]}${other}`
  return `${name(path)}: ${what}${reasonText(reason)}${dataText(data, show)}`
}

function begunText({ path, direction, attempt, request }: Begin, show: Show): string {
  const what = direction === 'forward' ? name(path) : `the undo of ${name(path)}`
  if (request === undefined) return `${what} begins${attemptText(attempt)}`
  const { target, content } = request
  return `${what} asks ${printable(target)}${attemptText(attempt)}: ${show(content)}`
}

function turnText({ forward, backward, failure }: Turn): string {
  const why = failure === undefined ? '' : `: ${failureText(failure)}`
  const ways = { forward: FORWARD[forward], backward: BACKWARD[backward] }
  return ways.backward === '' ? `${ways.forward}${why}` : `${ways.forward}${why}; ${ways.backward}`
}

const FORWARD = {
  running: 'it goes on',
  completed: 'it has completed',
  failed: 'it has failed',
  cancelled: 'it is cancelled',
} as const

const BACKWARD = {
  'not-needed': '',
  running: 'it is being undone',
  done: 'everything is undone',
  stuck: 'an operator is needed',
  waived: 'it is over, something was let go',
} as const

/** Why something failed, in one line. */
export function failureText({ code, message }: Failure): string {
  return printable(code === '' ? message : message === '' ? code : `${message} [${code}]`)
}

function attemptText(attempt: number): string {
  return attempt > 1 ? ` (attempt ${attempt})` : ''
}

function againText({
  at,
  again,
}: {
  readonly at: Nanoseconds
  readonly again?: Nanoseconds | undefined
}): string {
  return again === undefined ? '' : `; tried again in ${spanText(again - at)}`
}

function changeText(change: Change, show: Show): string {
  switch (change.kind) {
    case 'same':
      return ''
    case 'replace':
      return `: ${show(change.value)}`
    case 'patch': {
      const gone = change.unset.length === 0 ? '' : ` without ${change.unset.join(', ')}`
      return `: ${show(change.set)}${printable(gone)}`
    }
    default:
      return change satisfies never
  }
}

function dataText(data: unknown, show: Show): string {
  return data === undefined ? '' : ` with ${show(data)}`
}

function reasonText(reason: string): string {
  return reason === '' ? '' : `: ${printable(reason)}`
}

function name(text: string): string {
  return text === '' ? 'the execution' : printable(text)
}

function sinceText(span: Nanoseconds): string {
  return `+${spanText(span)}`.padEnd(9)
}
