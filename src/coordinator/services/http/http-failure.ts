/**
 * A failure as HTTP says it: a status, and a JSON object in the shape of `google.rpc.Status` with our
 * own words beside it. The statuses are those of every gRPC gateway. Pure.
 */
import { fromBinary, type JsonObject, type JsonValue } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import { encodeStatusDetails, statusText } from '../../../client/grpc/status-details.ts'
import { statusNumber } from '../../../client/grpc/status-number.ts'
import { CodedError, codeOf } from '../../../errors.ts'
import type { GrpcStatusName } from '../../../errors/error-row.ts'
import { statusOfError } from '../../../host/status-of-error.ts'
import { StatusSchema } from '../../../proto/google/rpc/status_pb.ts'
import { jsonOfMessage } from './json-of-message.ts'
import { messageTypes } from './message-types.ts'

/** HTTP status by gRPC status. */
export const HTTP_STATUSES: Readonly<Record<GrpcStatusName, number>> = {
  OK: 200,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
}

/** What HTTP itself has a status for. */
const BY_CODE: ReadonlyMap<string, number> = new Map([
  ['PATH_METHOD_UNSUPPORTED', 405],
  ['REQUEST_TOO_LARGE', 413],
  ['CONTENT_TYPE_UNSUPPORTED', 415],
])

/** A failure as it is answered. */
export type HttpFailure = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /**
   * `code` and `status`: the gRPC status as number and name; `reason`: the code of the error;
   * `message`, `hint`: its texts; `details`: packed messages, as a gRPC status carries them.
   */
  readonly body: JsonObject
}

/** The failure that anything thrown is. */
export function httpFailure(error: unknown): HttpFailure {
  const from = statusOfError(error)
  const reason = from.code
  const body = {
    code: statusNumber(from.status),
    status: from.status,
    reason: statusText(reason),
    message: from.text,
    hint: error instanceof CodedError ? statusText(error.hint) : '',
    details: detailsOf(from),
  }
  return {
    status: BY_CODE.get(reason) ?? HTTP_STATUSES[from.status],
    headers: headersOf(error),
    body,
  }
}

const types = messageTypes()

function detailsOf(from: Parameters<typeof encodeStatusDetails>[0]): JsonValue[] {
  const bytes = encodeStatusDetails(from)
  if (bytes === undefined) return []
  const { details } = fromBinary(StatusSchema, bytes)
  return details.map((any) => jsonOfMessage(AnySchema, any, types))
}

function headersOf(error: unknown): Readonly<Record<string, string>> {
  const code = codeOf(error)
  if (code === 'PATH_METHOD_UNSUPPORTED' && error instanceof CodedError) {
    return { allow: error.details['allow'] ?? '' }
  }
  const asksForKey = code === 'API_KEY_MISSING' || code === 'API_KEY_UNKNOWN'
  return asksForKey ? { 'www-authenticate': 'Bearer' } : {}
}
