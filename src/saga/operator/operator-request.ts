/**
 * What is asked for from outside of the process that runs the executions: by an operator, or by a
 * process that stands by.
 */
import type { Nanoseconds } from '../../clock.ts'
import { codedError, type CodedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { Told } from '../../machine/input.ts'
import type { Verb } from '../../machine/journal.ts'
import { VERBS } from '../journal/entry-types.ts'

/** That an execution be started. */
export type StartWish = {
  readonly kind: 'start'
  readonly definition: string
  /** The version that is to run. */
  readonly fingerprint: string
  readonly input: unknown
  readonly correlationId?: string | undefined
  readonly user?: string | undefined
}

/** What an execution that is there can be told. `data` is any value that can be stored. */
export type ToldWish =
  | { readonly kind: 'cancel'; readonly reason: string }
  | { readonly kind: 'compensate'; readonly reason: string }
  | { readonly kind: 'signal'; readonly signal: string; readonly data: unknown }
  | {
      readonly kind: 'resolve'
      readonly path: string
      readonly verb: Verb
      readonly reason: string
      readonly data?: unknown
      readonly undo?: string | undefined
      readonly added?: number | undefined
    }

/** What is wished for. */
export type Wish = StartWish | ToldWish

/** A request. It is carried out once, whoever stores it how often. */
export type OperatorRequest = {
  /** Names the request: stored twice under one id, it is one request. */
  readonly id: string
  /** Id of the execution. */
  readonly execution: string
  /** Who asks; '' when nobody said. */
  readonly by: string
  readonly askedAt: Nanoseconds
  readonly wish: Wish
}

/** What became of a request. */
export type OperatorAnswer = {
  readonly at: Nanoseconds
  /** `done`: decided and stored, in the commit of the entry it leads to. */
  readonly outcome: 'done' | 'refused'
  /** Why it is refused; '' when it is not. */
  readonly code: string
  readonly message: string
  readonly hint: string
  /** Of a start that is done: whether this request has started it, and no earlier one. */
  readonly isNew?: boolean | undefined
}

/** What the execution is told. Who asked stands in the reason where the journal has no field for it. */
export function toldOf({ wish, by }: { readonly wish: ToldWish; readonly by: string }): Told {
  switch (wish.kind) {
    case 'cancel':
    case 'compensate':
      return { kind: wish.kind, reason: by === '' ? wish.reason : `${wish.reason} (${by})` }
    case 'signal':
      return { kind: 'signal', signal: wish.signal, data: wish.data }
    case 'resolve':
      return { ...wish, by }
    default:
      return wish satisfies never
  }
}

/**
 * Checks a request as somebody has typed it.
 *
 * @throws CodedError `OPERATOR_REQUEST_INVALID` with `field`
 */
export function checkRequest(request: OperatorRequest): void {
  const { id, by, wish } = request
  if (id === '' || id.length > limits.idempotencyKeyLengthMax || CONTROL.test(id)) {
    throw invalid('id', `An id is one line of up to ${limits.idempotencyKeyLengthMax} characters.`)
  }
  checkText('by', by, true)
  switch (wish.kind) {
    case 'start':
      return checkText('definition', wish.definition, false)
    case 'cancel':
    case 'compensate':
      return checkText('reason', wish.reason, true)
    case 'signal':
      return checkText('signal', wish.signal, false)
    case 'resolve':
      return checkResolution(request, wish)
    default:
      wish satisfies never
  }
}

function checkResolution({ by }: OperatorRequest, wish: Extract<Wish, { kind: 'resolve' }>): void {
  const { path, verb, reason, undo, added } = wish
  if (!VERBS.includes(verb)) throw invalid('verb', `A verb is one of ${VERBS.join(', ')}.`)
  checkText('path', path, false)
  checkText('by', by, false)
  checkText('reason', reason, false)
  if (verb === 'replace' && (undo === undefined || undo === '')) {
    throw invalid('undo', 'replace needs the name of the other undo.')
  }
  if (undo !== undefined) checkText('undo', undo, false)
  if (verb === 'edit' && wish.data === undefined) {
    throw invalid('data', 'edit needs the data that takes the place of the old one.')
  }
  if (added !== undefined && (!Number.isSafeInteger(added) || added < 0)) {
    throw invalid('added', 'added counts the undos that were added, from 0.')
  }
}

function checkText(field: string, text: unknown, mayBeEmpty: boolean): void {
  if (typeof text !== 'string') throw invalid(field, `${field} is a text.`)
  if (text.length > limits.operatorTextLengthMax) {
    throw invalid(field, `${field} has up to ${limits.operatorTextLengthMax} characters.`)
  }
  if (text.trim() === '' && !mayBeEmpty)
    throw invalid(field, `${field} is a text that is not empty.`)
}

function invalid(field: string, hint: string): CodedError {
  return codedError('OPERATOR_REQUEST_INVALID', { details: { field }, hint })
}

// oxlint-disable-next-line no-control-regex -- what must not stand in a key is looked for.
const CONTROL = /[\u0000-\u001f\u007f]/
