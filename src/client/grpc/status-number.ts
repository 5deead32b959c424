/** The numbers of gRPC statuses. */
import type { GrpcStatusName } from '../../errors/error-row.ts'

const names: readonly GrpcStatusName[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]

/** The number of a status. */
export function statusNumber(name: GrpcStatusName): number {
  return names.indexOf(name)
}

/** The status of a number; UNKNOWN for a number that gRPC does not have. */
export function statusName(number: number): GrpcStatusName {
  return names[number] ?? 'UNKNOWN'
}
