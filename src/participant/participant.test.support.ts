/** A service on an in-process bus, and somebody who asks it. */
import type { BusMessage } from '../bus/bus.ts'
import { type UndeliveredMessage, deadLetterOf, deadLetterTopic } from '../bus/dead-letter.ts'
import { type MemoryBus, openMemoryBus } from '../bus/memory/open-memory-bus.ts'
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts'
import {
  type HostedParticipant,
  hostParticipant,
  type ParticipantOptions,
} from './host-participant.ts'
import { type IncomingReply, readReply } from './reply-message.ts'
import { requestMessage, type SagaRequestEnvelope } from './request-message.ts'

/** What a request says unless the test says otherwise. */
export const REQUEST: SagaRequestEnvelope = {
  requestId: 'trip-1/book',
  target: 'flights.book',
  executionId: 'trip-1',
  path: 'book',
  direction: 'forward',
  attempt: 1,
  correlationId: 'c-1',
}

/** The undo of it. */
export const UNDO: SagaRequestEnvelope = {
  ...REQUEST,
  requestId: 'trip-1/book/undo',
  target: 'flights.cancel',
  direction: 'backward',
  undoes: { requestId: 'trip-1/book', target: 'flights.book' },
}

/** See the top of this file. */
export interface Service extends AsyncDisposable {
  readonly bus: MemoryBus
  readonly clock: FakeClock
  readonly participant: HostedParticipant
  /** Replies in the order in which they came. */
  readonly replies: readonly BusMessage[]
  /** Sends a request and waits for the next reply to its id and attempt. */
  ask(part?: Partial<SagaRequestEnvelope>, content?: unknown): Promise<IncomingReply>
  /** Sends a request without waiting for its reply. */
  send(part?: Partial<SagaRequestEnvelope>, content?: unknown): Promise<void>
  /** Sends a message as it is. */
  sendRaw(part: Partial<BusMessage>): Promise<void>
  /** The next reply, whatever it is. */
  nextReply(): Promise<BusMessage>
  /** The dead letters of a topic, so far. */
  deadLetters(topic: string): Promise<readonly UndeliveredMessage[]>
}

/** Hosts a service named `flights`. */
export async function hostService(
  options: Omit<ParticipantOptions, 'bus' | 'service'> & { readonly service?: string },
): Promise<Service> {
  const clock = fakeClock()
  const bus = openMemoryBus({ clock })
  const replies: BusMessage[] = []
  const waiting: ((message: BusMessage) => void)[] = []
  await bus.consume('tripsReply', ({ message }) => {
    replies.push(message)
    waiting.shift()?.(message)
  })
  const participant = await hostParticipant({ clock, service: 'flights', ...options, bus })
  const nextReply = (): Promise<BusMessage> => new Promise((resolve) => waiting.push(resolve))
  const send = (part: Partial<SagaRequestEnvelope> = {}, content: unknown = { who: 'ada' }) =>
    bus.send(requestMessage({ ...REQUEST, ...part, content, replyTo: 'tripsReply' }))
  return {
    bus,
    clock,
    participant,
    replies,
    nextReply,
    send,
    ask: async (part, content) => {
      const reply = nextReply()
      await send(part, content)
      return readReply(await reply)
    },
    sendRaw: (part) => {
      const message = requestMessage({ ...REQUEST, content: 1, replyTo: 'tripsReply' })
      return bus.send({ ...message, ...part })
    },
    deadLetters: async (topic) => {
      const letters: UndeliveredMessage[] = []
      const note = ({ message }: { message: BusMessage }): void => {
        const letter = deadLetterOf(message)
        if (letter !== undefined) letters.push(letter)
      }
      await bus.consume(deadLetterTopic(topic), note)
      await bus.idle()
      return letters
    },
    [Symbol.asyncDispose]: () => bus.close({ drainMs: 0 }),
  }
}
