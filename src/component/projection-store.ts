/**
 * Rows of a projector. Kept in the ledger they are committed with the projector's checkpoint, so
 * that a projection always equals the fold of its events (P9).
 */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import { codedError } from '../errors.ts'
import { messageCodec } from '../wire/message-codec.ts'

/** Rows of bytes by key, with a typed view of them. */
export interface ProjectionStore {
  get(key: string): Promise<Uint8Array | undefined>
  put(key: string, value: Uint8Array): void
  delete(key: string): void
  /** The same rows as messages of one type. */
  rows<S extends DescMessage>(schema: S): ProjectionRows<S>
}

/** Rows of one message type. */
export interface ProjectionRows<S extends DescMessage> {
  get(key: string): Promise<MessageShape<S> | undefined>
  put(key: string, row: MessageShape<S>): void
  delete(key: string): void
  /**
   * Changes a row. `change` gets the row, or an empty message where there is none; it alters the
   * row or returns one that replaces it.
   */
  update(
    key: string,
    change: (row: MessageShape<S>) => MessageShape<S> | undefined | void,
  ): Promise<void>
}

/** The typed view of a store of bytes; what every store answers `rows` with. */
export function typedRows<S extends DescMessage>(
  store: Pick<ProjectionStore, 'get' | 'put' | 'delete'>,
  schema: S,
): ProjectionRows<S> {
  const codec = messageCodec(schema)
  const get = async (key: string): Promise<MessageShape<S> | undefined> => {
    const bytes = await store.get(key)
    return bytes === undefined ? undefined : codec.decode(bytes)
  }
  const put = (key: string, row: MessageShape<S>): void => store.put(key, codec.encode(row))
  return {
    get,
    put,
    delete: (key) => store.delete(key),
    update: async (key, change) => {
      const row = (await get(key)) ?? codec.decode(new Uint8Array(0))
      put(key, change(row) ?? row)
    },
  }
}

/**
 * The store of a projector that has none: a remote one, whose rows would not be committed with any
 * checkpoint. Every use throws CodedError `PROJECTION_UNAVAILABLE`.
 */
export function noProjectionStore(): ProjectionStore {
  const refuse = (): never => {
    throw codedError('PROJECTION_UNAVAILABLE', {
      hint: 'Rows live in the ledger: register the projector with openCoordinator, or give the router a projection store.',
    })
  }
  return { get: refuse, put: refuse, delete: refuse, rows: refuse }
}
