/** What a call says beside its request. */

/** What may travel beside a request. */
export type BesideRequest = {
  /** '' sends none. One that metadata cannot carry stays in the cover, where it counts. */
  readonly correlationId?: string | undefined
  readonly idempotencyKey?: string | undefined
  /** W3C trace context of the caller. Default: the span that is current, if there is one. */
  readonly traceparent?: string | undefined
}
