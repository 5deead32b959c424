/** Trying sagas, process managers and projectors: their handlers run, nothing is stored or sent. */
import { create } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import { codedError } from '../errors.ts'
import type { StreamKey } from '../ledger/ledger.ts'
import type {
  ProcessManagerHandleResponse,
  SpeculatePmRequest,
} from '../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { ProcessManagerHandleResponseSchema } from '../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import type { SpeculateProjectorRequest } from '../proto/angzarr_client/proto/angzarr/projector_pb.ts'
import {
  type SagaResponse,
  SagaResponseSchema,
  type SpeculateSagaRequest,
} from '../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import {
  type EventBook,
  type Projection,
  ProjectionSchema,
  QuerySchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { TYPE_URL_PREFIX } from '../wire/constants.ts'
import { coverOf } from './cover-of.ts'
import { checkCorrelationId, checkEdition } from './plan-names.ts'
import type { Wiring } from './plan-wiring.ts'
import { processRoot } from './process-root.ts'
import { ProjectionRowsBuffer } from './projection-rows.ts'
import type { Projections } from './projections.ts'
import { eventBook, type QueryOptions } from './run-query.ts'
import { trySaga, tryProcessManager, tryProjector } from './services/remote/component-endpoints.ts'
import { projectionSpace } from './spaces.ts'

/** What trying needs. */
export type ReactionSpeculation = QueryOptions & {
  readonly wiring: Wiring
  readonly projections: Pick<Projections, 'generation'>
}

/**
 * What the sagas that follow the source would emit.
 *
 * @throws CodedError `REQUEST_INCOMPLETE`, and what a saga's handler throws
 */
export async function speculateSaga(
  { wiring }: ReactionSpeculation,
  { request }: SpeculateSagaRequest,
): Promise<SagaResponse> {
  if (request === undefined) throw incomplete('SpeculateSagaRequest requires a request')
  const response = create(SagaResponseSchema)
  for (const definition of wiring.sagas) {
    const destinationSequences = { [definition.target]: 0, ...request.destinationSequences }
    const made = await trySaga(definition, { ...request, destinationSequences })
    response.commands.push(...made.commands)
    response.events.push(...made.events)
  }
  return response
}

/**
 * What the process managers that follow the trigger would answer, each on the state that the request
 * brings, else on the one that is stored.
 *
 * @throws CodedError `REQUEST_INCOMPLETE`, `CORRELATION_ID_INVALID`, and what a handler throws
 */
export async function speculateProcessManager(
  options: ReactionSpeculation,
  { request }: SpeculatePmRequest,
): Promise<ProcessManagerHandleResponse> {
  if (request === undefined) throw incomplete('SpeculatePmRequest requires a request')
  const cover = request.trigger?.cover
  const correlationId = cover?.correlationId ?? ''
  if (correlationId === '') throw incomplete('a process manager needs a correlation id')
  checkCorrelationId(correlationId)
  const edition = checkEdition(cover?.edition?.name ?? '')
  const response = create(ProcessManagerHandleResponseSchema)
  for (const definition of options.wiring.processManagers) {
    const key = { domain: definition.pmDomain, edition, root: processRoot(correlationId) }
    const processState = request.processState ?? (await bookOf(options, key))
    const declared = Object.fromEntries(definition.targets.map((target) => [target, 0]))
    const destinationSequences = { ...declared, ...request.destinationSequences }
    const made = await tryProcessManager(definition, {
      ...request,
      processState,
      destinationSequences,
    })
    response.processEvents.push(...made.processEvents)
    response.commands.push(...made.commands)
    response.facts.push(...made.facts)
    if (made.notification !== undefined) response.notification ??= made.notification
  }
  return response
}

/**
 * What the first projector that follows the events would make of them, on its rows as they are.
 *
 * @throws CodedError `REQUEST_INCOMPLETE`, and what the projector's handler throws
 */
export async function speculateProjector(
  { ledger, wiring, projections }: ReactionSpeculation,
  { events }: SpeculateProjectorRequest,
): Promise<Projection> {
  if (events === undefined) throw incomplete('SpeculateProjectorRequest requires events')
  const domain = events.cover?.domain ?? ''
  for (const definition of wiring.projectors) {
    if (!definition.domains.includes(domain) && !definition.domains.includes('*')) continue
    const { name } = definition
    const space = projectionSpace(name, projections.generation(name))
    const projection = new ProjectionRowsBuffer(ledger, space)
    const made = await tryProjector(definition, events, projection)
    // Kept in memory, and never committed.
    const row = projection.keep()
    made.projector = name
    if (row === undefined) return made
    const value = { typeUrl: TYPE_URL_PREFIX + row.typeName, value: row.value }
    return create(ProjectionSchema, { ...made, projection: create(AnySchema, value) })
  }
  return create(ProjectionSchema, events.cover === undefined ? {} : { cover: events.cover })
}

async function bookOf(options: QueryOptions, key: StreamKey): Promise<EventBook> {
  return await eventBook(options, create(QuerySchema, { cover: coverOf(key, '') }))
}

function incomplete(cause: string): Error {
  return codedError('REQUEST_INCOMPLETE', { details: { cause } })
}
