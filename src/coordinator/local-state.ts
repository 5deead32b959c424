/** The part of an endpoint that all components with a state share: folding and capturing. */
import { create } from '@bufbuild/protobuf'
import type { AggregateDefinition, ProcessManagerDefinition } from '../component/definition.ts'
import { stateFolder } from '../component/fold.ts'
import { SnapshotSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { TYPE_URL_PREFIX } from '../wire/constants.ts'
import type { StatefulEndpoint } from './stateful-endpoint.ts'

const snapshots = messageCodec(SnapshotSchema)

/** Folds in this process, by the appliers of a definition. */
export function localState(
  definition: AggregateDefinition | ProcessManagerDefinition,
): Pick<StatefulEndpoint, 'stateSchema' | 'fresh' | 'fold' | 'capture' | 'restore'> {
  const folder = stateFolder(definition)
  const { stateSchema } = folder
  const states = stateSchema === undefined ? undefined : messageCodec(stateSchema)
  return {
    stateSchema,
    fresh: () => folder.fresh(),
    fold: (state, event) => folder.applyEncoded(asState(state), event.type, event.value),
    capture: (state) => {
      if (
        states === undefined ||
        stateSchema === undefined ||
        !isMessageOf(state, stateSchema.typeName)
      ) {
        return undefined
      }
      const typeUrl = TYPE_URL_PREFIX + stateSchema.typeName
      const packed = { typeUrl, value: states.encode(state) }
      return snapshots.encode(create(SnapshotSchema, { state: packed }))
    },
    restore: (bytes) => folder.stateOf(snapshots.decode(bytes)),
  }
}

/** A state is whatever this endpoint made: an object. */
export function asState(state: unknown): object {
  if (typeof state === 'object' && state !== null) return state
  throw new TypeError('a state is an object')
}

function isMessageOf(state: unknown, typeName: string): state is { readonly $typeName: string } {
  return (
    typeof state === 'object' &&
    state !== null &&
    '$typeName' in state &&
    state.$typeName === typeName
  )
}
