/** `amends sagas <file>`: lists executions. */
import { Buffer } from 'node:buffer'
import type { Nanoseconds } from '../../clock.ts'
import { listExecutions } from '../../saga/manager/list-executions.ts'
import type { SagaPage, SagaSummary } from '../../saga/manager/saga-manager.ts'
import { type Standing, STANDINGS } from '../../saga/runner/spaces.ts'
import {
  type Command,
  type CommandInput,
  isSet,
  JSON_OPTION,
  textOption,
  UsageError,
} from '../command.ts'
import { openExisting } from '../open-existing.ts'
import { shellWord } from '../text/printable.ts'
import { tableLines } from '../text/table.ts'
import { durationMs, isoText, spanText } from '../text/times.ts'

const LIMIT = 50
const LIMIT_MAX = 1_000

/** See the top of this file. */
export const sagasCommand: Command = {
  name: 'sagas',
  says: 'List executions: state, what they wait for, failure.',
  takes: ['file'],
  options: {
    state: { value: 'a,b', says: 'Only these states.' },
    definition: { value: 'name', says: 'Only executions of this definition.' },
    'older-than': { value: '10m', says: 'Only those that were started so long ago, or longer.' },
    limit: { value: 'n', says: `How many, up to ${LIMIT_MAX}. Default ${LIMIT}.` },
    after: { value: 'cursor', says: 'Go on behind the page before.' },
    json: JSON_OPTION,
  },
  more: [`States: ${STANDINGS.join(', ')}.`],
  run: async (input, world) => {
    const [file = ''] = input.args
    const filter = filterOf(input)
    await using ledger = await openExisting(file, world)
    const { clock, out } = world
    const page = await listExecutions(ledger, clock, filter)
    const next = page.next === undefined ? undefined : cursorText(page.next)
    if (isSet(input, 'json')) {
      for (const one of page.executions) out(JSON.stringify(summaryJson(one)))
      if (next !== undefined) out(JSON.stringify({ next }))
      return 0
    }
    for (const line of linesOf(page, clock.wall())) out(line)
    if (next !== undefined) {
      out('')
      out(`There are more: amends sagas ${shellWord(file)} ${repeated(input)}--after ${next}`)
    }
    return 0
  },
}

/** What an execution waits for, in words. */
export function waitsForText(saga: SagaSummary, now: Nanoseconds): string {
  const { waiting, waitingFor, openItems, dueAt } = saga
  const due = dueAt === undefined || waiting === 'nothing' ? '' : dueText(dueAt - now)
  switch (waiting) {
    case 'nothing':
      return openItems === 0 ? '' : itemsText(openItems)
    case 'operator':
      return itemsText(openItems)
    case 'time':
      return `time${due}`
    case 'definition':
      return `a process that knows ${saga.definition}`
    case 'reply':
    case 'signal':
    case 'child':
      return `${waiting}${waitingFor === '' ? '' : ` ${waitingFor}`}${due}`
    default:
      return waiting satisfies never
  }
}

/** An execution in a list, for programs: times as ISO 8601. */
export function summaryJson(saga: SagaSummary): Readonly<Record<string, unknown>> {
  const { startedAt, changedAt, endedAt, dueAt, ...rest } = saga
  return {
    ...rest,
    startedAt: isoText(startedAt),
    changedAt: isoText(changedAt),
    endedAt: endedAt && isoText(endedAt),
    dueAt: dueAt && isoText(dueAt),
  }
}

function linesOf({ executions }: SagaPage, now: Nanoseconds): readonly string[] {
  if (executions.length === 0) return ['No execution is like that.']
  return tableLines(
    [
      { title: 'ID', isWhole: true },
      { title: 'STATE', isWhole: true },
      { title: 'DEFINITION' },
      { title: 'AGE', align: 'right', isWhole: true },
      { title: 'WAITS FOR' },
      { title: 'FAILURE' },
    ],
    executions.map((saga) => [
      saga.id,
      saga.state,
      saga.definition,
      spanText(now - saga.startedAt),
      waitsForText(saga, now),
      failureText(saga),
    ]),
  )
}

function failureText({ failure }: SagaSummary): string {
  if (failure === undefined) return ''
  const { path, code, message } = failure
  return [path === '' ? '' : `${path}:`, code, message].filter((one) => one !== '').join(' ')
}

function itemsText(count: number): string {
  return count === 1 ? 'operator' : `operator (${count} items)`
}

function dueText(span: Nanoseconds): string {
  return span <= 0n ? ' (due)' : ` (${spanText(span)})`
}

function filterOf(input: CommandInput): Parameters<typeof listExecutions>[2] {
  const older = textOption(input, 'older-than')
  const after = textOption(input, 'after')
  return {
    state: statesOf(textOption(input, 'state')),
    definition: textOption(input, 'definition'),
    olderThanMs: older === undefined ? undefined : durationMs('older-than', older),
    limit: limitOf(textOption(input, 'limit'), LIMIT, LIMIT_MAX),
    after: after === undefined ? undefined : cursorOf(after),
  }
}

/** A whole number from 1 on. @throws UsageError */
export function limitOf(text: string | undefined, otherwise: number, max: number): number {
  if (text === undefined) return otherwise
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= max) return limit
  throw new UsageError(`--limit is a number from 1 to ${max}`)
}

function statesOf(text: string | undefined): readonly Standing[] | undefined {
  return text?.split(',').map((word) => {
    const state = STANDINGS.find((one) => one === word.trim())
    if (state !== undefined) return state
    throw new UsageError(`--state ${word} is none of ${STANDINGS.join(', ')}`)
  })
}

/** The options to type again for the next page. */
function repeated(input: CommandInput): string {
  const given = ['state', 'definition', 'older-than', 'limit'].flatMap((name) => {
    const value = textOption(input, name)
    return value === undefined ? [] : [`--${name} ${shellWord(value)} `]
  })
  return given.join('')
}

function cursorText(next: string): string {
  return Buffer.from(next).toString('base64url')
}

function cursorOf(text: string): string {
  const cursor = Buffer.from(text, 'base64url').toString()
  const [state, key] = cursor.split('\n')
  if (key === undefined || !STANDINGS.some((one) => one === state)) {
    throw new UsageError('--after is what the page before has said')
  }
  return cursor
}
