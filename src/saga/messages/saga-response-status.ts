/** The statuses of replies, as every service knows them. */

/** The statuses of replies (Minos saga: `SagaResponseStatus`). */
export const SagaResponseStatus = {
  /** The request took effect. */
  SUCCESS: 200,
  /** The service refused, on purpose: a business error. */
  ERROR: 400,
  /** The service failed: whether the request took effect is not known. */
  SYSTEM_ERROR: 500,
} as const

/** One of the three statuses. */
export type SagaResponseStatus = (typeof SagaResponseStatus)[keyof typeof SagaResponseStatus]

/** The status of a raw number. Whatever is none of the three is a `SYSTEM_ERROR`. */
export function sagaResponseStatusFromRaw(raw: number): SagaResponseStatus {
  return raw === SagaResponseStatus.SUCCESS || raw === SagaResponseStatus.ERROR
    ? raw
    : SagaResponseStatus.SYSTEM_ERROR
}
