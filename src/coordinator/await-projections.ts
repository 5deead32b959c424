/**
 * Waiting until the projectors have taken in events that are stored already
 * (`ProjectorCoordinatorService.HandleSync`). Nothing is projected by it: every stored event is taken
 * in once, by the scheduler. What the caller sends names the events; what is in them is not looked at.
 */
import { create } from '@bufbuild/protobuf'
import type { ProjectorDefinition } from '../component/definition.ts'
import { codedError } from '../errors.ts'
import type { Ledger, StoredEvent, StreamKey } from '../ledger/ledger.ts'
import {
  type EventBook,
  EventBookSchema,
  type EventRequest,
  type Projection,
  ProjectionSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { TYPE_URL_PREFIX } from '../wire/constants.ts'
import { sequenceOf } from '../wire/header.ts'
import { coverOf, streamOf } from './cover-of.ts'
import type { DirectTransportOptions } from './direct-options.ts'
import { failedRequest } from './failed-reaction.ts'
import { checkDomain } from './plan-names.ts'
import { ProjectionRowsBuffer } from './projection-rows.ts'
import { elsewhere } from './services/remote/remote-component.ts'
import { streamLane } from './services/remote/remote-reactive.ts'
import { tryProjector } from './services/remote/component-endpoints.ts'
import { generationName, projectionSpace } from './spaces.ts'
import { pageOfStored } from './stored-page.ts'

/** What waiting needs. */
export type AwaitingOptions = Pick<
  DirectTransportOptions,
  'ledger' | 'wiring' | 'projections' | 'scheduler' | 'upcast' | 'clock' | 'bounds'
>

/**
 * Waits until every projector that follows the events has taken them in, `limits.syncWaitMs` at most.
 * Answers for the first of them: the last event, and the row that it writes first, as it stands in the
 * ledger then. A book that nobody follows is answered with its cover alone.
 *
 * @throws CodedError `REQUEST_INCOMPLETE`, `EVENTS_NOT_STORED`, `DOMAIN_INVALID`, `ROOT_INVALID`,
 * `EDITION_INVALID`, `SYNC_WAIT_EXCEEDED`, `KEY_PARKED`, `LEASE_LOST`; what keeps a projector from it
 */
export async function awaitProjections(
  options: AwaitingOptions,
  { events: book }: EventRequest,
  signal?: AbortSignal | undefined,
): Promise<Projection> {
  if (book === undefined) throw incomplete('EventRequest must have events')
  checkDomain(book.cover?.domain ?? '')
  const key = streamOf(book.cover)
  const events = await storedEvents(options.ledger, key, book)
  const until = timeUp(options, signal)
  try {
    const answers: Projection[] = []
    for (const definition of options.wiring.projectors) {
      const last = await takenIn(options, definition, events, until.over)
      if (last !== undefined) answers.push(await projectionAfter(options, definition, last))
    }
    return answers[0] ?? create(ProjectionSchema, { ...(book.cover && { cover: book.cover }) })
  } finally {
    until.end()
  }
}

/** The events that a book names. */
async function storedEvents(
  ledger: Ledger,
  key: StreamKey,
  { pages }: EventBook,
): Promise<readonly StoredEvent[]> {
  const sequences = pages.map(({ header }) => {
    const sequence = sequenceOf(header)
    if (sequence === undefined) throw incomplete('every page needs the sequence of its event')
    return sequence
  })
  if (sequences.length === 0) return []
  const wanted = new Set(sequences)
  const range = { from: Math.min(...wanted), to: Math.max(...wanted) }
  const found: StoredEvent[] = []
  for await (const chunk of ledger.stream(key, range)) {
    found.push(...chunk.filter(({ sequence }) => wanted.delete(sequence)))
  }
  const [missing] = wanted
  if (missing === undefined) return found
  throw codedError('EVENTS_NOT_STORED', {
    details: { domain: key.domain, root: key.root, sequence: missing },
    hint: 'Send the command or the fact that brings them about; HandleSpeculative tries others.',
  })
}

/** The last of the events that a projector follows, once it has taken all of them in. */
async function takenIn(
  { scheduler, projections }: AwaitingOptions,
  { name }: ProjectorDefinition,
  events: readonly StoredEvent[],
  over: Promise<never>,
): Promise<StoredEvent | undefined> {
  const checkpoint = generationName(name, projections.generation(name))
  let last: StoredEvent | undefined
  for (const event of events) {
    const done = scheduler.doneWith(checkpoint, event).catch(failedAs(name))
    if (!(await Promise.race([done, over]))) continue
    last = event
  }
  return last
}

/** As a request that waits for the projections of its own command is told. */
function failedAs(component: string): (error: unknown) => never {
  return (cause) => {
    const error = cause instanceof Error ? cause : new Error(String(cause))
    throw failedRequest({ error, component, target: undefined, commandType: '', place: undefined })
  }
}

/** What a projector has made of an event, as it stands now. */
async function projectionAfter(
  { ledger, projections, upcast }: AwaitingOptions,
  definition: ProjectorDefinition,
  event: StoredEvent,
): Promise<Projection> {
  const { name } = definition
  const space = projectionSpace(name, projections.generation(name))
  const rows = new ProjectionRowsBuffer(ledger, space)
  const cover = coverOf(event.key, event.correlationId)
  const page = await pageOfStored(upcast, event)
  const book = create(EventBookSchema, { cover, pages: [page], nextSequence: event.sequence + 1 })
  // Tried again, to learn which row it is; what it makes is not kept.
  const made = await tryProjector(definition, book, rows).catch(() => undefined)
  const typeUrl = made?.projection?.typeUrl ?? ''
  const written = rows.keep()
  const isAway = elsewhere(definition) !== undefined
  const row = isAway
    ? { key: streamLane(event), typeName: typeUrl.slice(typeUrl.lastIndexOf('/') + 1) }
    : written
  // Whoever could not be asked for the type has its row left out: a value without one says nothing.
  const typed = row === undefined || row.typeName === '' ? undefined : row
  const stored = typed && (await ledger.row(space, typed.key))
  return create(ProjectionSchema, {
    cover,
    projector: name,
    sequence: event.sequence,
    ...(stored && {
      projection: { typeUrl: TYPE_URL_PREFIX + typed.typeName, value: stored.value },
    }),
  })
}

/** Rejects when the time is up, or the caller has gone. */
function timeUp(
  { clock, bounds }: AwaitingOptions,
  signal: AbortSignal | undefined,
): { readonly over: Promise<never>; readonly end: () => void } {
  const { promise: over, reject } = Promise.withResolvers<never>()
  over.catch(() => undefined)
  const gone = (): void => reject(codedError('ABORTED', { cause: signal?.reason }))
  signal?.addEventListener('abort', gone, { once: true })
  if (signal?.aborted === true) gone()
  const timer = clock.after(bounds.syncWaitMs, () => {
    reject(codedError('SYNC_WAIT_EXCEEDED', { details: { timeout_ms: bounds.syncWaitMs } }))
  })
  const end = (): void => {
    timer.cancel()
    signal?.removeEventListener('abort', gone)
  }
  return { over, end }
}

function incomplete(cause: string): Error {
  return codedError('REQUEST_INCOMPLETE', { details: { cause } })
}
