/** An aggregate of this process: decisions are direct calls. */
import { commandDecider, normalizeCommandResult } from '../component/decide-command.ts'
import { factDecider, type FactAnswer } from '../component/decide-fact.ts'
import {
  answerRejection,
  answerUndo,
  combineAnswers,
  type RejectionAnswer,
} from '../component/decide-rejection.ts'
import { decodePayload } from '../component/decode-payload.ts'
import type { AggregateDefinition } from '../component/definition.ts'
import type { CommandContext } from '../component/handler-context.ts'
import { type Awaitable, isPromise, then } from '../awaitable.ts'
import { inOrder } from '../component/in-order.ts'
import type { Nanoseconds } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { StreamKey } from '../ledger/ledger.ts'
import type { BusinessResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { Cover, EventBook } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { coverOf } from './cover-of.ts'
import { eventsOfBook, eventsOfMessages, eventsOfPages } from './decided-events.ts'
import { asState, localState } from './local-state.ts'
import { writtenState } from './written-state.ts'
import type {
  AggregateEndpoint,
  DecidedEvent,
  Decision,
  DecisionRequest,
  IncomingMessage,
} from './stateful-endpoint.ts'

/** The endpoint of a definition. */
export function localAggregate(definition: AggregateDefinition): AggregateEndpoint {
  const commands = commandDecider(definition)
  const facts = factDecider(definition)
  return {
    ...localState(definition),
    domain: definition.domain,
    supportsReplay: definition.supportsReplay,
    snapshotEvery: definition.snapshotEvery,
    handlesFacts: facts.declared,
    admits: (type) => !facts.declared || facts.handles(type) !== undefined,
    accepts: (type) => commands.handles(type) !== undefined,
    decide: (request) => settled(decideSubject(definition, commands, facts, request)),
  }
}

function decideSubject(
  definition: AggregateDefinition,
  commands: ReturnType<typeof commandDecider>,
  facts: ReturnType<typeof factDecider>,
  request: DecisionRequest,
): Awaitable<Decision> {
  const { subject, state, next } = request
  switch (subject.kind) {
    case 'command': {
      const { type } = subject.command
      const message = decoded(commands, subject.command)
      const context = new RequestContext(request)
      const answer = commands.decide(type, message, asState(state), next, context)
      return isPromise(answer)
        ? answer.then((value) => commandDecision(value, request))
        : commandDecision(answer, request)
    }
    case 'fact':
      return factDecision(facts, subject.facts, request)
    case 'rejection': {
      const stateFor = (): object => asState(state)
      const { notification } = subject
      const undone = answerUndo(definition, notification, stateFor)
      if (undone !== undefined) {
        return then(undone, (answer) => rejectionDecision([answer], request))
      }
      const answers = answerRejection(definition, notification, stateFor)
      if (answers === undefined) return { kind: 'unhandled' }
      return then(answers, (all) => rejectionDecision(all, request))
    }
    case 'trigger':
      throw codedError('HANDLER_WRONG_REQUEST_KIND', { details: { actual: 'trigger' } })
  }
}

/** A promise of this realm, or the decision itself. */
export function settled(decision: Awaitable<Decision>): Decision | Promise<Decision> {
  return isPromise(decision) ? Promise.resolve(decision) : decision
}

function decoded(
  commands: ReturnType<typeof commandDecider>,
  { type, message, value }: IncomingMessage,
): NonNullable<IncomingMessage['message']> {
  if (message !== undefined) return message
  const handled = commands.handles(type)
  if (handled === undefined)
    throw codedError('NO_HANDLER_REGISTERED', { details: { type_url: type } })
  return decodePayload(handled.schema, value ?? new Uint8Array(0))
}

/** What a handler is told; the cover is made when it is read: few handlers ask. */
class RequestContext implements CommandContext {
  readonly correlationId: string
  readonly time: Nanoseconds
  readonly idempotencyKey: string | undefined
  readonly #key: StreamKey

  constructor({ key, correlationId, time, idempotencyKey }: DecisionRequest) {
    this.correlationId = correlationId
    this.time = time
    this.idempotencyKey = idempotencyKey
    this.#key = key
  }

  get cover(): Cover {
    return coverOf(this.#key, this.correlationId)
  }
}

function commandDecision(value: unknown, request: DecisionRequest): Decision {
  const answer = normalizeCommandResult(value)
  switch (answer.kind) {
    case 'events':
      return { kind: 'events', events: eventsOfMessages(answer.messages) }
    case 'book':
      return bookDecision(answer.book, request)
    case 'response':
      return responseDecision(answer.response, request)
  }
}

function bookDecision(book: EventBook, { key }: DecisionRequest): Decision {
  const events = eventsOfBook(book, key)
  const snapshot = writtenState(book.snapshot)
  return snapshot === undefined ? { kind: 'events', events } : { kind: 'events', events, snapshot }
}

function responseDecision({ result }: BusinessResponse, request: DecisionRequest): Decision {
  switch (result.case) {
    case 'events':
      return bookDecision(result.value, request)
    case 'revocation':
      return { kind: 'revocation', revocation: result.value }
    case 'notification':
      return { kind: 'notification', notification: result.value }
    case undefined:
      return { kind: 'events', events: [] }
  }
}

function rejectionDecision(
  answers: readonly RejectionAnswer[],
  request: DecisionRequest,
): Decision {
  return responseDecision(combineAnswers(answers, request.next), request)
}

function factDecision(
  facts: ReturnType<typeof factDecider>,
  incoming: readonly IncomingMessage[],
  request: DecisionRequest,
): Awaitable<Decision> {
  const answers = inOrder(incoming, (fact) => admit(facts, fact, request))
  return then(answers, (all) => ({
    kind: 'events',
    events: all
      .flat()
      .flatMap((answer): readonly DecidedEvent[] =>
        answer.kind === 'events'
          ? eventsOfMessages(answer.messages)
          : eventsOfPages(answer.book.pages),
      ),
  }))
}

function admit(
  facts: ReturnType<typeof factDecider>,
  { type, value }: IncomingMessage,
  request: DecisionRequest,
): Awaitable<readonly FactAnswer[]> {
  const handled = facts.handles(type)
  if (handled === undefined) {
    const details = { domain: request.key.domain, type_url: type }
    throw codedError('NO_FACT_HANDLER', { details })
  }
  const message = decodePayload(handled.schema, value ?? new Uint8Array(0))
  const { correlationId, time, idempotencyKey, key, next: sequence } = request
  const cover = coverOf(key, correlationId)
  const context = { cover, correlationId, time, idempotencyKey, sequence, externalId: undefined }
  return facts.decide(type, message, asState(request.state), context)
}
