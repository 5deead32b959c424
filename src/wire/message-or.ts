/** Messages of the wire, and wrappers around them. */
import type { Message } from '@bufbuild/protobuf'

/** A message, or a wrapper around it. */
export type MessageOr<M extends Message> = M | Wrapper<M>

type Wrapper<M extends Message> = { proto(): M }

/** The message itself, which may have come in a wrapper. */
export function messageIn<M extends Message>(given: MessageOr<M>): M {
  return isWrapper(given) ? given.proto() : given
}

function isWrapper<M extends Message>(given: MessageOr<M>): given is Wrapper<M> {
  return !('$typeName' in given)
}
