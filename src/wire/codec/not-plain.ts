/**
 * Thrown inside the codecs, never out of them: the message or its bytes hold something that the
 * fast path does not know, and the protobuf runtime has to decide. One instance, so that throwing it
 * does not collect a stack.
 */
export const NOT_PLAIN: Error = new Error('left to the protobuf runtime')
