/** A snapshot that a handler has put into its answer. */
import { create } from '@bufbuild/protobuf'
import type { Retention } from '../ledger/ledger.ts'
import {
  type Snapshot,
  SnapshotRetention,
  SnapshotSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import type { WrittenState } from './stateful-endpoint.ts'

const snapshots = messageCodec(SnapshotSchema)

/** The state in it; `undefined` without one. Its own sequence does not count. */
export function writtenState(snapshot: Snapshot | undefined): WrittenState | undefined {
  if (snapshot?.state === undefined) return undefined
  const { state, retention } = snapshot
  return {
    state: snapshots.encode(create(SnapshotSchema, { state })),
    retention: retentionOf(retention),
  }
}

/** An unknown number counts as the default. */
function retentionOf(retention: SnapshotRetention): Retention {
  switch (retention) {
    case SnapshotRetention.RETENTION_PERSIST:
      return 'persist'
    case SnapshotRetention.RETENTION_TRANSIENT:
      return 'transient'
    default:
      return 'default'
  }
}
