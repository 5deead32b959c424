/**
 * The states that an aggregate elsewhere makes of its history: calls of its `Replay`.
 *
 * 1. Whether it supports Replay is found out by asking; one that does not is not asked again.
 * 2. Its states are compared field by field: under the names of the .proto file where the schema is
 *    known here, else under the numbers of the fields.
 */
import { create, type DescMessage, fromBinary } from '@bufbuild/protobuf'
import type { Any } from '@bufbuild/protobuf/wkt'
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { exactTypeName } from '../../../component/exact-type.ts'
import { knownSchema } from '../../../component/known-messages.ts'
import { grpcStatusOf } from '../../../errors/client-error.ts'
import {
  CommandHandlerService,
  ReplayRequestSchema,
} from '../../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type { EventPage } from '../../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { ComparableState } from '../../stateful-endpoint.ts'
import type { ComponentCaller } from './component-link.ts'
import type { RemoteHistory } from './remote-history.ts'

const { replay } = CommandHandlerService.method

/** See the top of this file. */
export class RemoteReplay {
  readonly #call: ComponentCaller
  #supported = true

  constructor(call: ComponentCaller) {
    this.#call = call
  }

  /** False once the aggregate has said that it makes no states. */
  get supported(): boolean {
    return this.#supported
  }

  /** The state after a history and what follows it; `undefined` when it makes none. */
  async stateAfter(
    { base, pages }: RemoteHistory,
    more: readonly EventPage[],
    correlationId: string,
  ): Promise<Any | undefined> {
    if (!this.#supported) return undefined
    const baseSnapshot = base === undefined ? {} : { baseSnapshot: base }
    const request = create(ReplayRequestSchema, { ...baseSnapshot, events: [...pages, ...more] })
    try {
      const { state } = await this.#call(replay, request, correlationId)
      // A state that is no message cannot be written down.
      this.#supported = state !== undefined
      return state
    } catch (error) {
      if (grpcStatusOf(error) !== 'UNIMPLEMENTED') throw error
      this.#supported = false
      return undefined
    }
  }

  /** The state of a history, to be compared. */
  async comparable(history: RemoteHistory): Promise<ComparableState | undefined> {
    const state = await this.stateAfter(history, [], '')
    return state === undefined ? undefined : comparableState(state)
  }
}

/** A packed state as fields. */
export function comparableState({ typeUrl, value }: Any): ComparableState {
  const typeName = exactTypeName(typeUrl)
  const schema: DescMessage | undefined = typeName === undefined ? undefined : knownSchema(typeName)
  if (schema !== undefined) return { state: fromBinary(schema, value), schema }
  return { state: fieldsByNumber(value), schema: undefined }
}

/** The bytes of each field, as text. Unset fields have none. */
function fieldsByNumber(bytes: Uint8Array): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {}
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    const from = reader.pos
    reader.skip(wireType, number)
    const name = `field ${number}`
    const value = Buffer.from(bytes.subarray(from, reader.pos)).toString('hex')
    fields[name] = `${fields[name] ?? ''}${value};`
  }
  return fields
}
