/**
 * What the events of process managers were reactions to, so that the rejection of a command finds
 * its way back through nested process managers: from the innermost one outwards, to the aggregate at
 * the beginning. Written down only for process managers that others follow.
 */
import { create } from '@bufbuild/protobuf'
import { rootOfBytes, type Sequence } from '../identity.ts'
import type { Ledger, RowChange, StreamKey } from '../ledger/ledger.ts'
import { ProcessCauseSchema } from '../proto/amends/reaction/v1/reaction_pb.ts'
import {
  type Notification,
  NotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { coverOf } from './cover-of.ts'
import type { Delivery } from './delivery.ts'
import type { Emitter } from './plan-outputs.ts'
import type { Wiring } from './plan-wiring.ts'
import { PROCESS_CAUSES } from './spaces.ts'

const codec = messageCodec(ProcessCauseSchema)

/** The domains of process managers that a saga or another process manager follows. */
export function followedProcesses(wiring: Wiring): ReadonlySet<string> {
  const sources = new Set([
    ...wiring.sagas.map(({ source }) => source),
    ...wiring.processManagers.flatMap((manager) => manager.sources),
  ])
  return new Set(
    wiring.processManagers.map(({ pmDomain }) => pmDomain).filter((domain) => sources.has(domain)),
  )
}

/** The rows that go with the events of a reaction. */
export function causeRows(
  key: StreamKey,
  sequences: readonly Sequence[],
  emitter: Emitter,
): readonly RowChange[] {
  const { component, lane, origin } = emitter
  const value = codec.encode(
    create(ProcessCauseSchema, {
      component,
      lane,
      triggerCover: coverOf(origin.key, origin.correlationId),
      triggerSequence: origin.sequence,
      triggerPosition: BigInt(origin.position),
    }),
  )
  return sequences.map((sequence) => ({
    kind: 'put',
    space: PROCESS_CAUSES,
    key: causeKey(key, sequence),
    value,
    expected: 'any',
  }))
}

/**
 * The news for the process manager whose event began a reaction; `undefined` when that was no event
 * of a process manager.
 */
export async function newsForOuter(
  ledger: Ledger,
  inner: Delivery,
  notification: Notification,
): Promise<Delivery | undefined> {
  const { key, sequence } = inner.origin
  const row = await ledger.row(PROCESS_CAUSES, causeKey(key, sequence))
  if (row === undefined) return undefined
  const { component, lane, triggerCover, triggerSequence, triggerPosition } = codec.decode(
    row.value,
  )
  const origin = {
    key: {
      domain: triggerCover?.domain ?? '',
      edition: triggerCover?.edition?.name ?? '',
      root: rootOfBytes(triggerCover?.root?.value ?? new Uint8Array(16)),
    },
    sequence: triggerSequence,
    position: Number(triggerPosition),
    correlationId: triggerCover?.correlationId ?? '',
  }
  const cover = coverOf(origin.key, origin.correlationId)
  return {
    component,
    componentKind: 'process_manager',
    lane,
    origin,
    path: `nested-${inner.component}-${sequence}-${inner.path}.rejection-1`,
    parcel: {
      kind: 'rejection-to-component',
      notification: create(NotificationSchema, { ...notification, cover }),
    },
    attempts: 0,
    recovered: false,
    cascade: inner.cascade,
    traceparent: inner.traceparent,
    enqueuedAt: inner.enqueuedAt,
  }
}

function causeKey({ domain, edition, root }: StreamKey, sequence: Sequence): string {
  return `${domain}/${edition}/${root}/${sequence}`
}
