/** A message on its way to its target: what the row of a delivery holds, decoded. */
import { create } from '@bufbuild/protobuf'
import { nanosecondsFromTimestamp, timestampFromNanoseconds } from '../wire/timestamp.ts'
import type { Nanoseconds } from '../clock.ts'
import type { Row, RowChange } from '../ledger/ledger.ts'
import { rootOfBytes } from '../identity.ts'
import { Delivery_Kind, DeliverySchema } from '../proto/amends/reaction/v1/reaction_pb.ts'
import type {
  CommandBook,
  EventBook,
  Notification,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import type { CascadePart } from './cascade.ts'
import { coverOf } from './cover-of.ts'
import { DELIVERIES, deliveryKey, laneGroup } from './spaces.ts'
import type { TriggerOrigin } from './trigger.ts'

/** What is delivered. */
export type Parcel =
  | { readonly kind: 'command'; readonly command: CommandBook }
  | { readonly kind: 'fact'; readonly fact: EventBook }
  /** Asks a target to undo a command that it has carried out. */
  | { readonly kind: 'compensate'; readonly envelope: CommandBook }
  | {
      readonly kind: 'rejection-to-component'
      readonly notification: Notification
    }
  | {
      readonly kind: 'rejection-to-source'
      readonly notification: Notification
      /** True when the component has answered already. */
      readonly handled: boolean
    }

/** One delivery. */
export type Delivery = {
  readonly component: string
  readonly componentKind: 'saga' | 'process_manager'
  readonly lane: string
  readonly origin: TriggerOrigin
  /** Names it within its reaction; sorts in the order of delivery. */
  readonly path: string
  readonly parcel: Parcel
  /** Attempts in this process. */
  attempts: number
  /** True when it was read back from the ledger: its target may know it already. */
  readonly recovered: boolean
  /** The cascade whose pending pages its target stores. */
  readonly cascadeId?: string | undefined
  /** Where it belongs to in a trace, as a W3C `traceparent`. */
  readonly traceparent?: string | undefined
  /** When it was emitted. */
  readonly enqueuedAt?: Nanoseconds | undefined
  /** The request that waits for it; not stored: after a restart nobody waits. */
  readonly cascade?: CascadePart | undefined
}

const codec = messageCodec(DeliverySchema)

/** The key of a delivery's row. */
export function rowKeyOf(delivery: Delivery): string {
  return deliveryKey(delivery.component, delivery.origin.position, delivery.path)
}

/**
 * The key under which its target knows it (P3): trigger, component, place in the output, kind. The
 * same in every ledger, so it does not hold the position.
 */
export function idempotencyKeyOf(delivery: Delivery): string {
  const { key, sequence } = delivery.origin
  const trigger = `${key.edition}:${key.domain}:${key.root}#${sequence}`
  return `${trigger}#${delivery.component}#${delivery.path}#${delivery.parcel.kind}`
}

/** The change that writes a delivery down. */
export function putDelivery(delivery: Delivery, now: Nanoseconds): RowChange {
  return {
    kind: 'put',
    space: DELIVERIES,
    key: rowKeyOf(delivery),
    value: encodeDelivery(delivery, now),
    expected: 'absent',
    group: laneGroup(delivery.component, delivery.lane),
  }
}

/** True for a request to undo what a target has carried out. */
export function isUndo(delivery: Delivery | undefined): boolean {
  return delivery?.parcel.kind === 'compensate'
}

/** The change that settles a delivery; harmless when it is settled already. */
export function removeDelivery(delivery: Delivery): RowChange {
  return { kind: 'remove', space: DELIVERIES, key: rowKeyOf(delivery), expected: 'any' }
}

function encodeDelivery(delivery: Delivery, now: Nanoseconds): Uint8Array {
  const { origin, parcel } = delivery
  const base = {
    component: delivery.component,
    componentKind: delivery.componentKind,
    triggerCover: coverOf(origin.key, origin.correlationId),
    triggerSequence: origin.sequence,
    triggerPosition: BigInt(origin.position),
    enqueuedAt: timestampFromNanoseconds(delivery.enqueuedAt ?? now),
    lane: delivery.lane,
    path: delivery.path,
    cascadeId: delivery.cascadeId ?? '',
    traceparent: delivery.traceparent ?? '',
  }
  switch (parcel.kind) {
    case 'command':
      return codec.encode(
        create(DeliverySchema, { ...base, kind: Delivery_Kind.COMMAND, command: parcel.command }),
      )
    case 'fact':
      return codec.encode(
        create(DeliverySchema, { ...base, kind: Delivery_Kind.FACT, fact: parcel.fact }),
      )
    case 'compensate': {
      const kind = Delivery_Kind.COMPENSATE
      return codec.encode(create(DeliverySchema, { ...base, kind, command: parcel.envelope }))
    }
    case 'rejection-to-component': {
      const kind = Delivery_Kind.REJECTION_TO_PROCESS_MANAGER
      const { notification } = parcel
      return codec.encode(create(DeliverySchema, { ...base, kind, notification }))
    }
    case 'rejection-to-source': {
      const { notification, handled } = parcel
      const kind = Delivery_Kind.REJECTION_TO_SOURCE
      return codec.encode(create(DeliverySchema, { ...base, kind, notification, handled }))
    }
  }
}

/** Reads a delivery back from its row. */
export function deliveryOf(row: Row): Delivery {
  const stored = codec.decode(row.value)
  const cover = stored.triggerCover
  const parcel = parcelOf(stored)
  return {
    component: stored.component,
    componentKind: stored.componentKind === 'saga' ? 'saga' : 'process_manager',
    lane: stored.lane,
    path: stored.path,
    origin: {
      key: {
        domain: cover?.domain ?? '',
        edition: cover?.edition?.name ?? '',
        root: rootOfBytes(cover?.root?.value ?? new Uint8Array(16)),
      },
      sequence: stored.triggerSequence,
      position: Number(stored.triggerPosition),
      correlationId: cover?.correlationId ?? '',
    },
    parcel,
    attempts: 0,
    recovered: true,
    cascadeId: stored.cascadeId === '' ? undefined : stored.cascadeId,
    traceparent: stored.traceparent === '' ? undefined : stored.traceparent,
    enqueuedAt: stored.enqueuedAt && nanosecondsFromTimestamp(stored.enqueuedAt),
  }
}

function parcelOf(stored: ReturnType<typeof codec.decode>): Parcel {
  const { command, fact, notification, handled } = stored
  if (stored.kind === Delivery_Kind.FACT && fact !== undefined) return { kind: 'fact', fact }
  if (notification !== undefined) {
    return stored.kind === Delivery_Kind.REJECTION_TO_SOURCE
      ? { kind: 'rejection-to-source', notification, handled }
      : { kind: 'rejection-to-component', notification }
  }
  if (command === undefined) throw new TypeError('a delivery row without a message')
  if (stored.kind === Delivery_Kind.COMPENSATE) return { kind: 'compensate', envelope: command }
  return { kind: 'command', command }
}
