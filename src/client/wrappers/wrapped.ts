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
