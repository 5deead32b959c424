/** A gRPC status by name. */
export type GrpcStatusName =
  | 'OK'
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED'

/**
 * What the engine does with a delivery that failed so: `retry` it with backoff, `reject` it at once
 * (the answer will not change), or `halt` the component, because trying on could do harm.
 */
export type Disposition = 'retry' | 'reject' | 'halt'

/** One row of the error table. */
export type ErrorRow = {
  readonly message: string
  readonly grpc: GrpcStatusName
  readonly then: Disposition
}
