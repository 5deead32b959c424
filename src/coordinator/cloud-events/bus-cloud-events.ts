/** CloudEvents as messages of a topic. */
import type { Bus } from '../../bus/bus.ts'
import type { CloudEventSink } from './cloud-event-sink.ts'

/** Options of `busCloudEvents`. */
export type BusCloudEventsOptions = {
  /** The bus; it stays its owner's to close. */
  readonly bus: Pick<Bus, 'send'>
  /** Default `cloudevents`. */
  readonly topic?: string | undefined
}

/**
 * A sink that sends each event as a message: the JSON format as its content, the id of the event as
 * its id, the subject as its key, so that the events of one aggregate keep their order.
 *
 * What it sends fails as `Bus.send` does.
 */
export function busCloudEvents({
  bus,
  topic = 'cloudevents',
}: BusCloudEventsOptions): CloudEventSink {
  const headers = { 'content-type': 'application/cloudevents+json' }
  return {
    send: async (events, { signal }) => {
      for (const event of events) {
        const content = new TextEncoder().encode(JSON.stringify(event))
        await bus.send({ topic, id: event.id, key: event.subject, headers, content }, { signal })
      }
    },
  }
}
