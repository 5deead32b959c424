/** Dispatch to aggregates: envelopes around the pieces that the coordinator calls directly. */
import { create, type Message } from '@bufbuild/protobuf'
import {
  type BusinessResponse,
  BusinessResponseSchema,
  type FactRequest,
  type ReplayRequest,
  type ReplayResponse,
  ReplayResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type ContextualCommand,
  type Cover,
  CoverSchema,
  type EventBook,
  EventBookSchema,
  type EventPage,
  NotificationSchema,
  type PageHeader,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { codedError } from '../errors.ts'
import type { Sequence } from '../identity.ts'
import { packAny } from '../wire/any.ts'
import { inlineEvent } from '../wire/event.ts'
import { BuiltRouter, type Definitions, type RouterOptions } from './built-router.ts'
import { isNotification } from './compensation.ts'
import { externalIdOf, type IncomingCommand, incomingCommand } from './contextual-command.ts'
import {
  type CommandAnswer,
  type CommandDecider,
  commandDecider,
  noHandler,
  normalizeCommandResult,
  withCover,
} from './decide-command.ts'
import { type FactDecider, factDecider } from './decide-fact.ts'
import {
  answerRejection,
  answerUndo,
  combineAnswers,
  type RejectionAnswer,
} from './decide-rejection.ts'
import type { StateFor } from './decide-process.ts'
import { decodePayload } from './decode-payload.ts'
import type { AggregateDefinition } from './definition.ts'
import { dispatchError } from './errors.ts'
import { exactTypeName } from './exact-type.ts'
import { type StateFolder, stateFolder } from './fold.ts'
import type { CommandContext, FactContext } from './handler-context.ts'
import { nextSequenceAsSent } from './next-sequence-as-sent.ts'
import { packEvents, renumber } from './pack-events.ts'
import { compensateOf } from './rejection.ts'

type Hosted = {
  readonly definition: AggregateDefinition
  readonly commands: CommandDecider
  readonly facts: FactDecider
  readonly folder: StateFolder
}

/** Dispatches to aggregates (Angzarr client: `CommandHandlerRouter`). */
export class CommandHandlerRouter extends BuiltRouter<AggregateDefinition> {
  readonly #hosted: readonly Hosted[]

  constructor(definitions: Definitions<AggregateDefinition>, options: RouterOptions = {}) {
    super(definitions, options)
    this.#hosted = definitions.map((definition) => ({
      definition,
      commands: commandDecider(definition),
      facts: factDecider(definition),
      folder: stateFolder(definition),
    }))
  }

  /**
   * Whether any aggregate declares a fact handler; if not, facts are stored as they are. With a
   * domain that is hosted here, its aggregates only.
   */
  supportsHandleFact(domain = ''): boolean {
    return this.#taking(domain).length > 0
  }

  /** @throws CodedError `NO_FACT_HANDLER` for a fact that no aggregate of its domain declares */
  checkFacts({ facts }: FactRequest): void {
    const domain = facts?.cover?.domain ?? ''
    const taking = this.#taking(domain)
    for (const page of facts?.pages ?? []) {
      const type = exactTypeName(inlineEvent(page)?.typeUrl ?? '')
      if (type === undefined || taking.some((one) => one.facts.handles(type))) continue
      throw codedError('NO_FACT_HANDLER', { details: { domain, type_url: type } })
    }
  }

  /** The aggregates that declare fact handlers: those of a domain, when any of it are here. */
  #taking(domain: string): readonly Hosted[] {
    const own = this.#hosted.filter(({ definition }) => definition.domain === domain)
    return (own.length > 0 ? own : this.#hosted).filter(({ facts }) => facts.declared)
  }

  /** Whether any aggregate opted in to replay. */
  supportsReplay(): boolean {
    return this.definitions.some(({ supportsReplay }) => supportsReplay)
  }

  /**
   * Decides the first page of a command, or answers a notification. The first aggregate of the
   * domain that handles the type decides.
   *
   * @throws DispatchError `MISSING_COMMAND_BOOK`, `MISSING_COMMAND_PAGE`,
   *   `MISSING_COMMAND_PAYLOAD`, `NO_HANDLER_REGISTERED`, `ANY_DECODE_FAILED`,
   *   `HANDLER_WRONG_RESPONSE_KIND`, `NO_UNDO_HANDLER`; and what a handler throws
   */
  async dispatch(request: ContextualCommand): Promise<BusinessResponse> {
    const incoming = incomingCommand(request)
    const { cover, payload } = incoming
    try {
      const response = isNotification(payload.typeUrl)
        ? await this.#notify(incoming, request.events)
        : await this.#decide(incoming, request.events)
      return withExt(response, cover)
    } catch (error) {
      throw withCover(error, incoming)
    }
  }

  /**
   * Turns facts into events, numbered in one run. Facts that nobody handles are skipped.
   *
   * @throws DispatchError `ANY_DECODE_FAILED`, `HANDLER_WRONG_RESPONSE_KIND`; and what a handler
   *   throws
   */
  async dispatchFact({ facts, priorEvents }: FactRequest): Promise<EventBook> {
    if (facts === undefined) return create(EventBookSchema)
    const first = nextSequenceAsSent(priorEvents)
    const pages: EventPage[] = []
    const admitting = this.#admitting(facts.cover, priorEvents)
    for (const page of facts.pages) {
      for (const aggregate of admitting) {
        const context = {
          ...this.#context(facts.cover, page.header),
          sequence: first + pages.length,
          externalId: externalIdOf(page.header),
        }
        pages.push(...(await admit(aggregate, page, context)))
      }
    }
    return create(EventBookSchema, { pages, nextSequence: first + pages.length })
  }

  /**
   * Folds events on top of a snapshot. The request names no domain: of several aggregates the one
   * folds whose state the snapshot holds, else who applies most of the events, else the first. The
   * answer is empty when its state is no message.
   *
   * @throws DispatchError `ANY_DECODE_FAILED`
   * @throws CodedError `HANDLER_DOES_NOT_SUPPORT_REPLAY` when others opted in, and that one did not
   */
  async dispatchReplay(request: ReplayRequest): Promise<ReplayResponse> {
    const { baseSnapshot, events } = request
    const { definition, folder } = this.#replaying(request)
    if (!definition.supportsReplay && this.supportsReplay()) {
      throw codedError('HANDLER_DOES_NOT_SUPPORT_REPLAY')
    }
    const self = definition.create()
    if (folder.stateSchema === undefined) return create(ReplayResponseSchema)
    const hasBase = baseSnapshot?.state !== undefined && baseSnapshot.state.value.length > 0
    const base = hasBase
      ? (folder.stateOf(baseSnapshot) ?? create(folder.stateSchema))
      : folder.fresh(self)
    // The folder answers with states of its schema only.
    const state = folder.applyPages(base, events, undefined, self) as Message
    return create(ReplayResponseSchema, { state: packAny(folder.stateSchema, state) })
  }

  #replaying({ baseSnapshot, events }: ReplayRequest): Hosted {
    const stateType = exactTypeName(baseSnapshot?.state?.typeUrl ?? '')
    const types = events.map((page) => exactTypeName(inlineEvent(page)?.typeUrl ?? ''))
    const fit = ({ folder }: Hosted): number => {
      const isOurs = stateType !== undefined && folder.stateSchema?.typeName === stateType
      const applied = types.filter((type) => type !== undefined && folder.applierOf(type)).length
      return applied + (isOurs ? types.length + 1 : 0)
    }
    return this.#hosted.reduce((best, hosted) => (fit(hosted) > fit(best) ? hosted : best))
  }

  async #decide(
    { cover, payload, header, next }: IncomingCommand,
    history: EventBook | undefined,
  ): Promise<BusinessResponse> {
    const typeName = exactTypeName(payload.typeUrl)
    for (const { definition, commands, folder } of this.#hosted) {
      const handled = typeName === undefined ? undefined : commands.handles(typeName)
      if (typeName === undefined || handled === undefined || definition.domain !== cover.domain) {
        continue
      }
      const command = decodePayload(handled.schema, payload.value)
      const self = definition.create()
      const state = folder.rebuild(history, self)
      const context = this.#context(cover, header)
      const answer = await commands.decide(typeName, command, state, next, context, self)
      return responseOf(normalizeCommandResult(answer), next)
    }
    throw noHandler(cover.domain, payload.typeUrl)
  }

  async #notify(
    { cover, payload, next }: IncomingCommand,
    history: EventBook | undefined,
  ): Promise<BusinessResponse> {
    const notification = decodePayload(NotificationSchema, payload.value)
    const compensate = compensateOf(notification)
    const answers: RejectionAnswer[] = []
    const isServed = this.definitions.some(({ domain }) => domain === cover.domain)
    for (const { definition, folder } of this.#hosted) {
      const stateFor: StateFor = (self) => folder.rebuild(history, self)
      if (compensate === undefined) {
        // Another aggregate that is hosted beside it has another history.
        if (isServed && definition.domain !== cover.domain) continue
        answers.push(...((await answerRejection(definition, notification, stateFor)) ?? []))
      } else if (definition.domain === cover.domain) {
        const undone = await answerUndo(definition, notification, stateFor)
        if (undone !== undefined) return combineAnswers([undone], next)
      }
    }
    if (compensate === undefined) return combineAnswers(answers, next)
    const extras = { domain: cover.domain, command_type: compensate.commandType }
    throw dispatchError('NO_UNDO_HANDLER', extras)
  }

  /** The aggregates that admit facts of this domain, each with one instance and one state. */
  #admitting(cover: Cover | undefined, history: EventBook | undefined): readonly Admitting[] {
    const domain = cover?.domain ?? ''
    return this.#hosted
      .filter(({ facts, definition }) => {
        return facts.declared && (domain === '' || definition.domain === domain)
      })
      .map(({ definition, facts, folder }) => {
        const self = definition.create()
        return { facts, self, state: folder.rebuild(history, self) }
      })
  }

  #context(cover: Cover | undefined, header: PageHeader | undefined): CommandContext {
    const known = cover ?? create(CoverSchema)
    return {
      cover: known,
      correlationId: known.correlationId,
      time: this.clock.wall(),
      idempotencyKey: externalIdOf(header),
    }
  }
}

type Admitting = {
  readonly facts: FactDecider
  readonly self: object | undefined
  readonly state: object
}

async function admit(
  { facts, self, state }: Admitting,
  page: EventPage,
  context: FactContext,
): Promise<readonly EventPage[]> {
  const event = inlineEvent(page)
  const typeName = event === undefined ? undefined : exactTypeName(event.typeUrl)
  const handled = typeName === undefined ? undefined : facts.handles(typeName)
  if (event === undefined || typeName === undefined || handled === undefined) return []
  const fact = decodePayload(handled.schema, event.value)
  const answers = await facts.decide(typeName, fact, state, context, self)
  const pages = answers.flatMap((answer) =>
    answer.kind === 'events' ? packEvents(answer.messages) : answer.book.pages,
  )
  return renumber(pages, context.sequence)
}

function responseOf(answer: CommandAnswer, next: Sequence): BusinessResponse {
  switch (answer.kind) {
    case 'events':
      return eventsResponse(create(EventBookSchema, { pages: packEvents(answer.messages, next) }))
    case 'book':
      return eventsResponse(answer.book)
    case 'response':
      // An answer always says something, even if it is that nothing happened.
      return answer.response.result.case === undefined
        ? eventsResponse(create(EventBookSchema))
        : answer.response
  }
}

function eventsResponse(value: EventBook): BusinessResponse {
  return create(BusinessResponseSchema, { result: { case: 'events', value } })
}

/** Events inherit the client's slot in the cover, unless the handler filled it. */
function withExt(response: BusinessResponse, { ext }: Cover): BusinessResponse {
  const { result } = response
  if (ext === undefined || result.case !== 'events' || result.value.cover?.ext !== undefined) {
    return response
  }
  const cover = { ...(result.value.cover ?? create(CoverSchema)), ext }
  return eventsResponse({ ...result.value, cover })
}
