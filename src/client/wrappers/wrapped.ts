/** The base of all wrappers: they refer to a message of the wire, never copy it. */
import type { Message } from '@bufbuild/protobuf'

/** A message of the wire with accessors around it (Angzarr client: `Wrapped`). */
export abstract class Wrapped<M extends Message> {
  readonly #message: M

  constructor(message: M) {
    this.#message = message
  }

  /** The wrapped message itself; what is changed in it is seen through the wrapper. */
  proto(): M {
    return this.#message
  }
}

/** A message, or its wrapper. */
export type MessageOr<M extends Message> = M | Wrapped<M>

/** The message in what may be its wrapper. */
export function messageIn<M extends Message>(messageOrWrapper: MessageOr<M>): M {
  return messageOrWrapper instanceof Wrapped ? messageOrWrapper.proto() : messageOrWrapper
}
