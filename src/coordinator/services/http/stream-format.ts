/**
 * How a stream of messages is written: as lines of JSON, or as server-sent events. Pure.
 *
 * 1. A line is `{"result": message}`; the last one of a stream that failed is `{"error": failure}`.
 * 2. An event has the message as its data. A stream ends with the event `end`, or with `error` and
 *    the failure, so that a reader can tell an end from a lost connection.
 * 3. Where a message has a position, it stands beside it: as `position` in a line, as the `id` of an
 *    event, which a browser sends back as `last-event-id` when it comes again.
 */
import type { JsonValue } from '@bufbuild/protobuf'

/** How a stream is written. */
export type StreamFormat = {
  readonly type: string
  message(json: JsonValue, position: number | undefined): string
  failure(json: JsonValue): string
  /** What stands at the end of a stream that is complete. */
  readonly end: string
  /** What a stream that has nothing to say writes to show that it is there; '' writes nothing. */
  readonly beat: string
}

const lines: StreamFormat = {
  type: 'application/x-ndjson',
  message: (result, position) => {
    const beside = position === undefined ? {} : { position: String(position) }
    return `${JSON.stringify({ result, ...beside })}\n`
  },
  failure: (error) => `${JSON.stringify({ error })}\n`,
  end: '',
  beat: '',
}

const events: StreamFormat = {
  type: 'text/event-stream',
  message: (json, position) => {
    const id = position === undefined ? '' : `id: ${position}\n`
    return `${id}data: ${JSON.stringify(json)}\n\n`
  },
  failure: (error) => `event: error\ndata: ${JSON.stringify(error)}\n\n`,
  end: 'event: end\ndata: {}\n\n',
  beat: ':\n\n',
}

/** The format that a request's `accept` header asks for: lines, unless it names events. */
export function streamFormat(accept: string | undefined): StreamFormat {
  const kinds = (accept ?? '').split(',').map((kind) => kind.split(';')[0]?.trim().toLowerCase())
  return kinds.includes('text/event-stream') ? events : lines
}
