/** What travels beside a request: correlation id, trace context and idempotency key. */
import type { Metadata } from '@grpc/grpc-js'
import { codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { currentTraceparent, TRACEPARENT_HEADER } from '../../telemetry/trace-parent.ts'
import { correlatedMetadata } from '../correlated-metadata.ts'
import type { BesideRequest } from './beside-request.ts'
import type { Grpc } from './load-grpc.ts'

/** Request metadata that carries the idempotency key of a command. */
export const IDEMPOTENCY_KEY_HEADER = 'x-idempotency-key'

// What gRPC lets through as text; blanks at the ends would be lost on the way.
const TEXT = /^[!-~](?:[ -~]*[!-~])?$/
const KEY = /^[!-~]+$/

/** The metadata of a request. @throws CodedError `IDEMPOTENCY_KEY_INVALID` */
export function requestMetadata(grpc: Grpc, from: BesideRequest): Metadata {
  const { correlationId = '', idempotencyKey, traceparent = currentTraceparent() } = from
  const metadata = new grpc.Metadata()
  for (const [name, value] of correlatedMetadata(correlationId)) {
    if (TEXT.test(value)) metadata.set(name, value)
  }
  if (traceparent !== undefined && TEXT.test(traceparent)) {
    metadata.set(TRACEPARENT_HEADER, traceparent)
  }
  if (idempotencyKey !== undefined) {
    if (!KEY.test(idempotencyKey) || idempotencyKey.length > limits.idempotencyKeyLengthMax) {
      throw codedError('IDEMPOTENCY_KEY_INVALID', { details: { input: idempotencyKey } })
    }
    metadata.set(IDEMPOTENCY_KEY_HEADER, idempotencyKey)
  }
  return metadata
}
