/**
 * Dead letters: messages that could not be handled, kept for somebody to look at. They are messages
 * of the dead-letter topic, consumed like any other, in the order in which they came; what they were
 * and why they failed travels in headers. A dead letter is never put among the dead letters again.
 */
import { codeOf, messageOf } from '../errors.ts'
import type { BusMessage, GivenUp } from './bus.ts'

/** The end of the name of every dead-letter topic. */
const DEAD_LETTER_SUFFIX = '.dead'

/** The topic that keeps the dead letters of a topic. */
export function deadLetterTopic(topic: string): string {
  return topic + DEAD_LETTER_SUFFIX
}

/** True for a topic that keeps dead letters; only a bus sends to it. */
export function isDeadLetterTopic(topic: string): boolean {
  return topic.endsWith(DEAD_LETTER_SUFFIX)
}

/** A dead letter as one reads it. */
export type UndeliveredMessage = {
  /** The message as it was; sending it puts it back at the end of its topic. */
  readonly message: BusMessage
  readonly code: string
  readonly reason: string
  /** How often it was delivered. */
  readonly deliveries: number
}

const TOPIC = 'dead_letter_topic'
const CODE = 'dead_letter_code'
const REASON = 'dead_letter_reason'
const DELIVERIES = 'dead_letter_deliveries'
const REASON_LENGTH_MAX = 1_000

/** The message that stands for a dead letter on its topic. */
export function deadLetterMessage(letter: UndeliveredMessage): BusMessage {
  const { message, code, reason, deliveries } = letter
  return {
    ...message,
    topic: deadLetterTopic(message.topic),
    headers: {
      ...message.headers,
      [TOPIC]: message.topic,
      [CODE]: code,
      [REASON]: reason.slice(0, REASON_LENGTH_MAX),
      [DELIVERIES]: String(deliveries),
    },
  }
}

/** Reads a message of a dead-letter topic; `undefined` when it is not one. */
export function deadLetterOf(message: BusMessage): UndeliveredMessage | undefined {
  const { [TOPIC]: topic, [CODE]: code, [REASON]: reason, ...rest } = message.headers
  if (topic === undefined || code === undefined) return undefined
  const { [DELIVERIES]: deliveries, ...headers } = rest
  return {
    message: { ...message, topic, headers },
    code,
    reason: reason ?? '',
    deliveries: Number(deliveries ?? 0),
  }
}

/** What is said of a message whose handler has rejected too often. */
export function givenUpAfter(error: unknown): GivenUp {
  return { kind: 'dead-letter', code: codeOf(error) || 'HANDLER_FAILED', reason: textOf(error) }
}

function textOf(error: unknown): string {
  try {
    return messageOf(error)
  } catch {
    return 'the error could not be read'
  }
}
