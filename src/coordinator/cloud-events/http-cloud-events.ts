/** CloudEvents posted to a web address (Angzarr: `CLOUDEVENTS_HTTP_ENDPOINT`). */
import { codedError, messageOf } from '../../errors.ts'
import type { CloudEventSink, OutgoingCloudEvent } from './cloud-event-sink.ts'

/** Options of `httpCloudEvents`. */
export type HttpCloudEventsOptions = {
  /** An http or https address. */
  readonly url: string
  /**
   * How they are posted: those of one trigger together (`application/cloudevents-batch+json`), or
   * each on its own (`application/cloudevents+json`). Default `batch`.
   */
  readonly mode?: 'batch' | 'single' | undefined
  /** Events of one post. Default 100. */
  readonly batchSize?: number | undefined
  /** Milliseconds for one post. Default 30,000; the deadline of handlers counts as well. */
  readonly timeoutMs?: number | undefined
  /** Sent along, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

const BATCH_SIZE = 100
const TIMEOUT_MS = 30_000

/**
 * A sink that posts. An answer of 2xx is a receipt; one of 429 or 5xx, none in time, and a connection
 * that fails are tried again by the engine; any other is a refusal.
 *
 * What it sends fails with CodedError `CLOUD_EVENTS_UNAVAILABLE` or `CLOUD_EVENTS_REFUSED`.
 *
 * @throws CodedError `CONFIGURATION_INVALID`
 */
export function httpCloudEvents(options: HttpCloudEventsOptions): CloudEventSink {
  const { url, mode = 'batch', batchSize = BATCH_SIZE, timeoutMs = TIMEOUT_MS } = options
  const address = URL.parse(url)
  if (address === null || !['http:', 'https:'].includes(address.protocol)) {
    throw invalid('The url of CloudEvents is an http or https address.')
  }
  if (!['batch', 'single'].includes(mode)) throw invalid("mode is 'batch' or 'single'.")
  for (const count of [batchSize, timeoutMs]) {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw invalid('batchSize and timeoutMs are whole numbers, 1 or more.')
    }
  }
  const post = async (body: unknown, contentType: string, signal: AbortSignal): Promise<void> => {
    const headers = { ...options.headers, 'content-type': contentType }
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const request = { method: 'POST', headers, body: JSON.stringify(body), signal: within } as const
    await checkAnswer(fetch(address, { ...request, redirect: 'manual' }))
  }
  return {
    send: async (events, { signal }) => {
      if (mode === 'single') {
        for (const event of events) await post(event, 'application/cloudevents+json', signal)
        return
      }
      for (const part of partsOf(events, batchSize)) {
        await post(part, 'application/cloudevents-batch+json', signal)
      }
    },
  }
}

async function checkAnswer(answer: Promise<Response>): Promise<void> {
  let status: number
  try {
    const response = await answer
    await response.body?.cancel()
    status = response.status
  } catch (cause) {
    throw codedError('CLOUD_EVENTS_UNAVAILABLE', { details: { cause: messageOf(cause) }, cause })
  }
  if (status >= 200 && status < 300) return
  const isPassing = status === 429 || status >= 500
  const code = isPassing ? 'CLOUD_EVENTS_UNAVAILABLE' : 'CLOUD_EVENTS_REFUSED'
  throw codedError(code, { details: { status } })
}

function* partsOf(
  events: readonly OutgoingCloudEvent[],
  size: number,
): Generator<readonly OutgoingCloudEvent[]> {
  for (let from = 0; from < events.length; from += size) yield events.slice(from, from + size)
}

function invalid(hint: string): Error {
  return codedError('CONFIGURATION_INVALID', { hint })
}
