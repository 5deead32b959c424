/** Reads the log of a ledger as the events of this business, decoded and in order. */
import { fromBinary, type MessageShape } from '@bufbuild/protobuf'
import type { Ledger, StoredEvent } from 'amends/ledger'
import { type EventBook, EventPageSchema } from 'amends/proto'
import * as account from './gen/account_pb.ts'
import * as book from './gen/book_pb.ts'
import * as fulfillment from './gen/fulfillment_pb.ts'
import * as inventory from './gen/inventory_pb.ts'
import * as order from './gen/order_pb.ts'
import * as shipment from './gen/shipment_pb.ts'

const SCHEMAS = [
  book.BooksOpenedSchema,
  order.OrderPlacedSchema,
  order.OrderConfirmedSchema,
  order.OrderCancelledSchema,
  inventory.StockReceivedSchema,
  inventory.StockReservedSchema,
  inventory.StockReleasedSchema,
  inventory.StockShippedSchema,
  account.CreditLimitSetSchema,
  account.AccountChargedSchema,
  account.ChargeRefundedSchema,
  account.ChargeInvoicedSchema,
  account.ChargePaidSchema,
  shipment.ShipmentDispatchedSchema,
  fulfillment.FulfillmentStartedSchema,
  fulfillment.StepTakenSchema,
  fulfillment.StepRefusedSchema,
  fulfillment.StepUndoneSchema,
] as const

const schemaOf: ReadonlyMap<string, (typeof SCHEMAS)[number]> = new Map(
  SCHEMAS.map((schema) => [schema.typeName, schema]),
)

/** Any event of this business; tell them apart by `$typeName`. */
export type BusinessEvent = MessageShape<(typeof SCHEMAS)[number]>

/** An event with its place in the history. */
export type Entry = {
  readonly domain: string
  readonly correlationId: string
  /** When it was recorded, in milliseconds since 1970. */
  readonly recordedMs: number
  readonly type: string
  /** `undefined` for a type that is not of this business. */
  readonly event: BusinessEvent | undefined
}

/** The whole log as it stands. */
export async function* readHistory(ledger: Pick<Ledger, 'log'>): AsyncIterable<Entry> {
  for await (const chunk of ledger.log(0, { limit: 1000 })) yield* chunk.map(decodeEntry)
}

/** What belongs to one order, oldest first. */
export async function* readOrderHistory(
  ledger: Pick<Ledger, 'byCorrelation'>,
  number: number,
): AsyncIterable<Entry> {
  for await (const chunk of ledger.byCorrelation(correlationOf(number))) {
    yield* chunk.map(decodeEntry)
  }
}

/** The correlation id under which everything about an order happens. */
export function correlationOf(number: number): string {
  return `order-${number}`
}

/** Decodes one stored event. */
export function decodeEntry(stored: StoredEvent): Entry {
  const { key, correlationId, recordedAt, type, page } = stored
  const recordedMs = Number(recordedAt / 1000n) / 1000
  const { payload } = fromBinary(EventPageSchema, page)
  const event = payload.case === 'event' ? decodeEvent(type, payload.value.value) : undefined
  return { domain: key.domain, correlationId, recordedMs, type, event }
}

/** An event of a book, with what tells it from all others. */
export type BookEntry = Entry & { readonly id: string }

/** The events of a book that was read from a served coordinator. */
export function entriesOfBook({ cover, pages }: EventBook): readonly BookEntry[] {
  const { domain = '', correlationId = '', root } = cover ?? {}
  const stream = `${domain}/${Buffer.from(root?.value ?? []).toString('hex')}`
  return pages.map(({ header, createdAt, payload }) => {
    const sequence = header?.sequenceType.case === 'sequence' ? header.sequenceType.value : 0
    const { typeUrl = '', value = new Uint8Array(0) } =
      payload.case === 'event' ? payload.value : {}
    const type = typeUrl.slice(typeUrl.lastIndexOf('/') + 1)
    const recordedMs = Number(createdAt?.seconds ?? 0n) * 1000 + (createdAt?.nanos ?? 0) / 1e6
    const event = decodeEvent(type, value)
    return { id: `${stream}/${sequence}`, domain, correlationId, recordedMs, type, event }
  })
}

function decodeEvent(type: string, value: Uint8Array): BusinessEvent | undefined {
  const schema = schemaOf.get(type)
  return schema === undefined ? undefined : fromBinary(schema, value)
}
