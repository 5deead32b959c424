/**
 * A projector whose CloudEvents go to a sink: before its checkpoint, so that each arrives at least
 * once, and as a part of taking its event in, so that a sink that fails holds back, and in the end
 * parks, what any failing projector does.
 */
import type { Clock } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import type { StoredEvent } from '../../ledger/ledger.ts'
import type { CloudEventsResponse } from '../../proto/angzarr_client/proto/angzarr/cloudevents_pb.ts'
import type { CloudEventSource, ProjectorEndpoint } from '../projector-endpoint.ts'
import type { CloudEventSink } from './cloud-event-sink.ts'
import { planCloudEvents } from './plan-cloud-events.ts'

/** What emitting needs. */
export type EmittingOptions = {
  /** Without one a projector that makes CloudEvents halts. */
  readonly sink: CloudEventSink | undefined
  readonly clock: Clock
  /** The sink has given up by then. */
  readonly handlerTimeoutMs: number
}

/**
 * The projector, emitting. What it answers fails with CodedError `CLOUD_EVENTS_WITHOUT_SINK`,
 * `CLOUD_EVENT_INVALID`, and as the sink does.
 */
export function emittingProjector(
  endpoint: CloudEventSource,
  options: EmittingOptions,
): ProjectorEndpoint {
  return {
    ...endpoint,
    project: (event, store) => {
      const startedMs = options.clock.monotonicMs()
      return endpoint
        .project(event, store)
        ?.then((response) =>
          response === undefined || response.events.length === 0
            ? undefined
            : emit(response, event, { ...options, startedMs }),
        )
    },
  }
}

async function emit(
  response: CloudEventsResponse,
  event: StoredEvent,
  { sink, clock, handlerTimeoutMs, startedMs }: EmittingOptions & { readonly startedMs: number },
): Promise<undefined> {
  if (sink === undefined) {
    const hint = 'Name a sink: cloudEvents of openCoordinator, or of the settings of the projector.'
    throw codedError('CLOUD_EVENTS_WITHOUT_SINK', { hint })
  }
  const outgoing = planCloudEvents(response, event)
  // What is sent too late could arrive behind what comes after it.
  const controller = new AbortController()
  const leftMs = handlerTimeoutMs - (clock.monotonicMs() - startedMs)
  const timer = clock.after(Math.max(0, leftMs), () => {
    const details = { timeout_ms: handlerTimeoutMs }
    controller.abort(codedError('HANDLER_TIMEOUT', { details }))
  })
  try {
    await sink.send(outgoing, { signal: controller.signal })
  } finally {
    timer.cancel()
  }
  return undefined
}
