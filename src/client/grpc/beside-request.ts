/** What a call says beside its request. */

/** What may travel beside a request. */
export type BesideRequest = {
  /** '' sends none. One that metadata cannot carry stays in the cover, where it counts. */
  readonly correlationId?: string | undefined
  readonly idempotencyKey?: string | undefined
}
