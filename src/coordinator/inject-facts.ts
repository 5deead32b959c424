/** Facts that come from outside: stored once per identifier, refused by nobody on business grounds. */
import { create } from '@bufbuild/protobuf'
import { codedError } from '../errors.ts'
import { OPEN } from '../ledger/ledger.ts'
import { limits } from '../limits.ts'
import {
  type FactInjectionResponse,
  FactInjectionResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CascadeErrorMode,
  type EventBook,
  type EventRequest,
  MergeStrategy,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { commandResponse, firstResponse, pageOf } from './command-response.ts'
import { streamOf } from './cover-of.ts'
import type { DirectTransportOptions } from './direct-options.ts'
import { admitting, externalKeyOf, messagesOfFacts } from './facts-of-book.ts'
import { checkClientDomain, checkCorrelationId, checkIdempotencyKey } from './plan-names.ts'
import type { AggregateEndpoint } from './stateful-endpoint.ts'
import { syncRequest } from './sync-requests.ts'
import type { TraceParent } from '../telemetry/tracing.ts'
import { asCoded, correlationIdOf, syncModeName } from './direct-command.ts'
import type { Work } from './work.ts'

/** What injecting needs. */
export type FactOptions = Pick<
  DirectTransportOptions,
  | 'commandPath'
  | 'watch'
  | 'ledger'
  | 'upcast'
  | 'targets'
  | 'random'
  | 'generateCorrelationIds'
  | 'sync'
  | 'own'
>

/**
 * Stores a book of facts. An aggregate that declares fact handlers is asked, whatever the routing
 * flag says; one that declares none has them stored as they are.
 *
 * @throws CodedError `REQUEST_INCOMPLETE`, `FACT_MARKER_MISSING`, `NO_FACT_HANDLER`,
 * `UNKNOWN_DOMAIN`, `BOOK_TOO_LONG`, `PAYLOAD_TOO_LARGE`, what a cover can be refused with, and what
 * the sync mode waits for
 */
export async function injectFacts(
  options: FactOptions,
  request: EventRequest,
  traceparent?: string | undefined,
): Promise<FactInjectionResponse> {
  const { requests } = options.watch
  const prepared = requests.checked('fact', () => prepare(options, request))
  return await requests.request('aggregate.handle_event', traceparent, (trace) =>
    carryOut(options, prepared, trace),
  )
}

/** Facts that have passed their checks. */
type Prepared = ReturnType<typeof workOf> & { readonly mode: SyncMode }

function prepare(options: FactOptions, { events: book, syncMode: mode }: EventRequest): Prepared {
  if (book === undefined) {
    throw codedError('REQUEST_INCOMPLETE', { details: { cause: 'EventRequest must have events' } })
  }
  return { ...workOf(options, book, mode), mode }
}

async function carryOut(
  options: FactOptions,
  { work, wait, mode }: Prepared,
  trace: TraceParent | undefined,
): Promise<FactInjectionResponse> {
  const outcome = await options.commandPath.submit(trace === undefined ? work : { ...work, trace })
  const { key, correlationId } = work
  switch (outcome.kind) {
    case 'accepted': {
      options.own.remember(correlationId)
      const pages = outcome.events.map(pageOf)
      const { events } = commandResponse({ key, correlationId, from: outcome.from, pages })
      const { requests } = options.watch
      const stored = wait && (await requests.waited(syncModeName(mode), trace, () => wait.stored()))
      const projections = [...(stored?.projections ?? [])]
      return create(FactInjectionResponseSchema, { ...(events && { events }), projections })
    }
    case 'duplicate': {
      const { events } = await firstResponse(options.ledger, key, outcome.first, options.upcast)
      return create(FactInjectionResponseSchema, {
        ...(events && { events }),
        alreadyProcessed: true,
      })
    }
    case 'rejected':
      throw asCoded(outcome.error)
    case 'lost':
      throw codedError('SEQUENCE_CONFLICT')
  }
}

function workOf(
  options: FactOptions,
  book: EventBook,
  syncMode: SyncMode,
): { readonly work: Work; readonly wait: ReturnType<typeof syncRequest> } {
  const endpoint = endpointOf(options, book)
  const key = streamOf(book.cover)
  const wait = syncRequest(options.sync, {
    mode: syncMode,
    errorMode: CascadeErrorMode.CASCADE_ERROR_FAIL_FAST,
  })
  const work: Work = {
    key,
    endpoint: admitting(endpoint),
    subject: { kind: 'fact', facts: messagesOfFacts(book) },
    correlationId: correlationIdOf(options, book.cover?.correlationId ?? ''),
    expected: undefined,
    strategy: MergeStrategy.MERGE_COMMUTATIVE,
    idempotencyKey: externalKeyOf(book),
    keyIsNew: false,
    visibility: syncMode === SyncMode.ISOLATED ? { kind: 'isolated' } : OPEN,
    edition: book.cover?.edition,
    cascade: wait?.place,
  }
  return { work, wait }
}

function endpointOf({ targets }: FactOptions, book: EventBook): AggregateEndpoint {
  const domain = book.cover?.domain ?? ''
  checkClientDomain(domain)
  checkCorrelationId(book.cover?.correlationId ?? '')
  const { pagesPerBookMax, payloadBytesMax } = limits
  if (book.pages.length > pagesPerBookMax) {
    const details = { max: pagesPerBookMax, got: book.pages.length }
    throw codedError('BOOK_TOO_LONG', { details })
  }
  if (!book.pages.some(({ header }) => header?.sequenceType.case === 'externalDeferred')) {
    throw codedError('FACT_MARKER_MISSING', {
      hint: 'Give every page a header with external_deferred.external_id.',
    })
  }
  const id = externalKeyOf(book)
  if (id !== undefined) checkIdempotencyKey(id)
  for (const [page, { value }] of messagesOfFacts(book).entries()) {
    const got = value?.length ?? 0
    if (got > payloadBytesMax) {
      throw codedError('PAYLOAD_TOO_LARGE', { details: { page, max: payloadBytesMax, got } })
    }
  }
  const endpoint = targets.get(domain)
  if (endpoint !== undefined) return endpoint
  const hint = 'Register a component that serves this domain, or correct the name.'
  throw codedError('UNKNOWN_DOMAIN', { details: { domain }, hint })
}
