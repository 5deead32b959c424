/**
 * Pending pages: what a reader sees of a stream that has some (design section 4.1). Pure; nothing
 * else decides what becomes of a pending page.
 *
 * 1. Who sees a page is decided by what stands behind it in the same stream: a Confirmation lets
 *    everybody see it, a Revocation nobody, and a Revocation counts more.
 * 2. An unresolved page is seen by its own cascade only.
 * 3. Pages of the engine are never seen; no page loses its sequence.
 */
import type { Sequence } from '../identity.ts'
import type { StoredEvent } from '../ledger/ledger.ts'
import {
  CompensateSchema,
  ConfirmationSchema,
  RevocationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { eventInPage } from './event-in-page.ts'

const confirmations = messageCodec(ConfirmationSchema)
const revocations = messageCodec(RevocationSchema)

/** What the engine writes into streams beside the events of their aggregates. */
const FRAMEWORK: ReadonlySet<string> = new Set(
  [ConfirmationSchema, RevocationSchema, CompensateSchema].map(({ typeName }) =>
    simpleName(typeName),
  ),
)

/** Why a reader does not see a page. */
export type HiddenReason = 'framework_event' | 'revoked' | 'uncommitted'

/** A page as a reader sees it. */
export type ViewedEvent = {
  readonly event: StoredEvent
  /** `undefined` when the reader sees it. */
  readonly hidden: HiddenReason | undefined
}

/** Sees what every cascade has pending: for comparing, never for handlers. */
export const EVERY_CASCADE: unique symbol = Symbol('every cascade')

/** Who reads: a cascade by its id, nobody in particular, or everything at once. */
export type PendingReader = string | undefined | typeof EVERY_CASCADE

/** Types that were looked at; there are few of them. */
const known = new Map<string, boolean>()
const KNOWN_MAX = 10_000

/** True for a page of the engine, by its simple name: every generation has a prefix of its own. */
export function isFrameworkEvent(type: string): boolean {
  const found = known.get(type)
  if (found !== undefined) return found
  const is = FRAMEWORK.has(simpleName(type))
  if (known.size >= KNOWN_MAX) known.clear()
  known.set(type, is)
  return is
}

/** True for an event that resolves pending pages of its stream. */
export function resolvesPages(type: string): boolean {
  return simpleName(type) === 'Confirmation' || simpleName(type) === 'Revocation'
}

/** True when reading a stream needs what stands behind this page. */
export function needsView({ visibility, type }: StoredEvent): boolean {
  return visibility.kind === 'pending' || isFrameworkEvent(type)
}

/** What a reader sees of consecutive events of one stream; what resolves them must be among them. */
export function viewOf(
  events: readonly StoredEvent[],
  reader: PendingReader,
): readonly ViewedEvent[] {
  const { confirmed, revoked } = resolutionsIn(events)
  return events.map((event) => ({
    event,
    hidden: hiddenFrom(event, { reader, confirmed, revoked }),
  }))
}

/** What became of pending pages, by the pages that resolve them. */
export function resolutionsIn(events: readonly StoredEvent[]): {
  readonly confirmed: ReadonlySet<Sequence>
  readonly revoked: ReadonlySet<Sequence>
} {
  const confirmed = new Set<Sequence>()
  const revoked = new Set<Sequence>()
  for (const { type, page } of events) {
    const name = simpleName(type)
    if (name === 'Confirmation') {
      for (const sequence of confirmations.decode(eventInPage(page)).sequences) {
        confirmed.add(sequence)
      }
    } else if (name === 'Revocation') {
      for (const sequence of revocations.decode(eventInPage(page)).sequences) revoked.add(sequence)
    }
  }
  return { confirmed, revoked }
}

function hiddenFrom(
  { type, sequence, visibility }: StoredEvent,
  told: {
    readonly reader: PendingReader
    readonly confirmed: ReadonlySet<Sequence>
    readonly revoked: ReadonlySet<Sequence>
  },
): HiddenReason | undefined {
  if (isFrameworkEvent(type)) return 'framework_event'
  if (visibility.kind !== 'pending') return undefined
  if (told.revoked.has(sequence)) return 'revoked'
  if (told.confirmed.has(sequence)) return undefined
  const sees = told.reader === EVERY_CASCADE || told.reader === visibility.cascadeId
  return sees ? undefined : 'uncommitted'
}

function simpleName(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1)
}
