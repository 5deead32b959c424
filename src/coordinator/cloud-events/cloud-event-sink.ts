/**
 * The port of CloudEvents: where the events go that projectors make for the outside world
 * (Angzarr: `CLOUDEVENTS_SINK`).
 *
 * 1. A sink gets every event at least once, in order for each aggregate. What was sent before and may
 *    not have arrived is sent again under the same id.
 * 2. The events of one trigger come together.
 */

/**
 * An event in the JSON format of CloudEvents 1.0: its attributes, with extensions beside them. `data`
 * is JSON; a message whose schema is not known here is in `data_base64`.
 */
export type OutgoingCloudEvent = {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  readonly time?: string | undefined
  readonly datacontenttype?: string | undefined
  readonly data?: unknown
  readonly data_base64?: string | undefined
  readonly [extension: string]: unknown
}

/** A receiver. */
export interface CloudEventSink {
  /**
   * Resolves when the receiver has them all.
   *
   * An error that says `retry` (see the table of errors; an error without a code does) is tried
   * again, later events of the aggregate waiting; any other, and one that stays, becomes a dead
   * letter.
   */
  send(
    events: readonly OutgoingCloudEvent[],
    options: { readonly signal: AbortSignal },
  ): Promise<void>
}
