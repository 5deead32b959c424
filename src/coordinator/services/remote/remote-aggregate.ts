/**
 * An aggregate elsewhere: decisions are calls of its `CommandHandlerService`.
 *
 * 1. It is sent its history, which it folds itself. One that supports Replay is asked for its state
 *    now and then, so that what is sent does not grow with the stream.
 * 2. Nobody here knows what it handles: every type is sent, and it refuses what it does not know.
 * 3. An aggregate without fact handlers has facts stored as they are.
 * 4. COMMUTATIVE commands that are stale are compared by the states that its Replay makes; where it
 *    makes none, they are refused.
 */
import { create } from '@bufbuild/protobuf'
import { codecOf } from '../../../component/known-messages.ts'
import { codeOf, codedError } from '../../../errors.ts'
import { grpcStatusOf } from '../../../errors/client-error.ts'
import { limits } from '../../../limits.ts'
import {
  type BusinessResponse,
  CommandHandlerService,
  FactRequestSchema,
} from '../../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CommandBookSchema,
  ContextualCommandSchema,
  type EventBook,
  EventBookSchema,
  EventPageSchema,
  NotificationSchema,
  PageHeaderSchema,
  SnapshotSchema,
} from '../../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../../../wire/any.ts'
import { TYPE_URL_PREFIX } from '../../../wire/constants.ts'
import { timestampFromNanoseconds } from '../../../wire/timestamp.ts'
import { coverOf } from '../../cover-of.ts'
import { eventsOfBook, eventsOfPages } from '../../decided-events.ts'
import type {
  AggregateEndpoint,
  DecidedEvent,
  Decision,
  DecisionRequest,
  IncomingMessage,
  WrittenState,
} from '../../stateful-endpoint.ts'
import { writtenState } from '../../written-state.ts'
import { messageCodec } from '../../../wire/message-codec.ts'
import type { ComponentCaller } from './component-link.ts'
import { asHistory, historyBook, pageOf, remoteFolding } from './remote-history.ts'
import { RemoteReplay } from './remote-replay.ts'

const { handle, handleFact } = CommandHandlerService.method
const snapshots = messageCodec(SnapshotSchema)

/** What an endpoint of an aggregate elsewhere needs. */
export type RemoteAggregateOptions = {
  readonly domain: string
  readonly call: ComponentCaller
  /** Pages at which its state is asked for. Default `limits.remotePagesPerFold`. */
  readonly pagesPerFold?: number | undefined
}

/** The endpoint. */
export function remoteAggregate(options: RemoteAggregateOptions): AggregateEndpoint {
  const { domain, call } = options
  const replay = new RemoteReplay(call)
  const folding = stateAsking(options, replay)
  return {
    ...remoteFolding,
    domain,
    get supportsReplay() {
      return replay.supported
    },
    comparable: (state) => replay.comparable(asHistory(state)),
    snapshotEvery: undefined,
    handlesFacts: true,
    admits: () => true,
    accepts: () => true,
    decide: async (request) => {
      await folding.shorten(request)
      const decision = await decide(call, request)
      return await folding.written(request, decision)
    },
  }
}

async function decide(call: ComponentCaller, request: DecisionRequest): Promise<Decision> {
  const { subject } = request
  switch (subject.kind) {
    case 'command':
      return await decideCommand(call, request, subject.command)
    case 'fact':
      return await decideFacts(call, request, subject.facts)
    case 'rejection': {
      const value = packAny(NotificationSchema, subject.notification)
      try {
        return responseDecision(await ask(call, request, value), request)
      } catch (error) {
        if (codeOf(error) === 'NO_UNDO_HANDLER') return { kind: 'unhandled' }
        throw error
      }
    }
    case 'trigger':
      throw codedError('HANDLER_WRONG_REQUEST_KIND', { details: { actual: 'trigger' } })
  }
}

async function decideCommand(
  call: ComponentCaller,
  request: DecisionRequest,
  { type, message, value }: IncomingMessage,
): Promise<Decision> {
  const bytes = value ?? (message === undefined ? undefined : codecOf(message).encode(message))
  const any = { typeUrl: TYPE_URL_PREFIX + type, value: bytes ?? new Uint8Array(0) }
  return responseDecision(await ask(call, request, any), request)
}

async function ask(
  call: ComponentCaller,
  request: DecisionRequest,
  { typeUrl, value }: { readonly typeUrl: string; readonly value: Uint8Array },
): Promise<BusinessResponse> {
  const { key, correlationId, state, next, idempotencyKey, traceparent } = request
  const cover = coverOf(key, correlationId)
  const header = create(PageHeaderSchema, {
    sequenceType:
      idempotencyKey === undefined
        ? { case: 'sequence', value: next }
        : { case: 'externalDeferred', value: { externalId: idempotencyKey } },
  })
  const command = create(CommandBookSchema, {
    cover,
    pages: [{ header, payload: { case: 'command', value: { typeUrl, value } } }],
  })
  const events = historyBook(asHistory(state), cover, next)
  const asked = create(ContextualCommandSchema, { command, events })
  return await call(handle, asked, correlationId, traceparent)
}

function responseDecision({ result }: BusinessResponse, { key }: DecisionRequest): Decision {
  switch (result.case) {
    case 'events':
      return bookDecision(result.value, key)
    case 'revocation':
      return { kind: 'revocation', revocation: result.value }
    case 'notification':
      return { kind: 'notification', notification: result.value }
    case undefined:
      return { kind: 'events', events: [] }
  }
}

function bookDecision(book: EventBook, key: DecisionRequest['key']): Decision {
  const events = eventsOfBook(book, key)
  const snapshot = writtenState(book.snapshot)
  return snapshot === undefined ? { kind: 'events', events } : { kind: 'events', events, snapshot }
}

async function decideFacts(
  call: ComponentCaller,
  { key, correlationId, idempotencyKey, state, next, traceparent }: DecisionRequest,
  facts: readonly IncomingMessage[],
): Promise<Decision> {
  const cover = coverOf(key, correlationId)
  const externalId = (idempotencyKey ?? '').replace(/^fact#/, '')
  const pages = facts.map(({ type, value = new Uint8Array(0), createdAt }) =>
    create(EventPageSchema, {
      header: { sequenceType: { case: 'externalDeferred', value: { externalId } } },
      payload: { case: 'event', value: { typeUrl: TYPE_URL_PREFIX + type, value } },
      ...(createdAt === undefined ? {} : { createdAt: timestampFromNanoseconds(createdAt) }),
    }),
  )
  const priorEvents = historyBook(asHistory(state), cover, next)
  const book = create(EventBookSchema, { cover, pages })
  const request = create(FactRequestSchema, { facts: book, priorEvents })
  try {
    const answer = await call(handleFact, request, correlationId, traceparent)
    return { kind: 'events', events: eventsOfPages(answer.pages) }
  } catch (error) {
    if (grpcStatusOf(error) !== 'UNIMPLEMENTED') throw error
    const asTheyAre = facts.map(({ type, value = new Uint8Array(0), createdAt }) => ({
      type,
      value,
      createdAt,
    }))
    return { kind: 'events', events: asTheyAre }
  }
}

type StateAsking = {
  /** Replaces a long history by the state that the component makes of it. */
  shorten(request: DecisionRequest): Promise<void>
  /** The decision, with the state after its events when that is worth storing. */
  written(request: DecisionRequest, decision: Decision): Promise<Decision>
}

function stateAsking({ pagesPerFold }: RemoteAggregateOptions, replay: RemoteReplay): StateAsking {
  const pagesMost = pagesPerFold ?? limits.remotePagesPerFold
  const isLong = (pages: number, bytes: number): boolean =>
    pages >= pagesMost || bytes >= limits.remoteBytesPerFold
  const stateAfter = async (
    { state, correlationId, next }: DecisionRequest,
    events: readonly DecidedEvent[],
  ): Promise<WrittenState | undefined> => {
    const more = events.map(({ type, value }, at) => pageOf({ sequence: next + at, type, value }))
    const made = await replay.stateAfter(asHistory(state), more, correlationId)
    return made && writtenState(create(SnapshotSchema, { state: made }))
  }
  return {
    shorten: async (request) => {
      const history = asHistory(request.state)
      if (!replay.supported || !isLong(history.pages.length, history.bytes)) return
      const made = await stateAfter(request, [])
      if (made === undefined) return
      history.base = snapshots.decode(made.state)
      history.pages = []
      history.bytes = 0
    },
    written: async (request, decision) => {
      if (decision.kind !== 'events' || decision.snapshot !== undefined || !replay.supported)
        return decision
      const { pages, bytes } = asHistory(request.state)
      const { events } = decision
      const more = events.reduce((sum, { value }) => sum + value.length, 0)
      // Once for as many events: when they make the history long enough to be shortened next time.
      const becomesLong = isLong(pages.length + events.length, bytes + more)
      if (events.length === 0 || isLong(pages.length, bytes) || !becomesLong) return decision
      const snapshot = await stateAfter(request, decision.events)
      // A state that would not fit its commit is not worth the command.
      const fits = snapshot !== undefined && snapshot.state.length <= limits.remoteBytesPerFold
      return fits ? { ...decision, snapshot } : decision
    },
  }
}
