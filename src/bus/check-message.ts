/** The rules of a message that need no look at the bus. Every bus applies them first. */
import { type CodedError, codedError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { BusMessage } from './bus.ts'
import { isDeadLetterTopic } from './dead-letter.ts'

/**
 * Checks a message and copies it, so that nobody changes it on its way.
 *
 * @throws CodedError `MESSAGE_INVALID` naming the field, `MESSAGE_TOO_LARGE`
 */
export function checkedMessage(message: BusMessage): BusMessage {
  if (typeof message !== 'object' || message === null) throw invalid('message', message)
  const { topic, id, key, headers, content, status, replyTo } = message
  checkSendTopic('topic', topic)
  checkText('id', id, 1)
  checkText('key', key, 0)
  if (!(content instanceof Uint8Array)) throw invalid('content', content)
  if (content.length > limits.messageBytesMax) throw tooLarge('content', content.length)
  if (status !== undefined && !isStatus(status)) throw invalid('status', status)
  if (replyTo !== undefined) checkSendTopic('replyTo', replyTo)
  return {
    topic,
    id,
    key,
    headers: checkedHeaders(headers),
    content: new Uint8Array(content),
    status,
    replyTo,
  }
}

/** Checks the name of a topic to be consumed. @throws CodedError `MESSAGE_INVALID` */
export function checkTopic(field: string, topic: string): void {
  if (known.has(topic)) return
  if (typeof topic !== 'string' || !TOPIC.test(topic)) throw invalid(field, topic)
  if (known.size < KNOWN_MAX) known.add(topic)
}

/** Visible ASCII; the suffix of dead letters comes on top. */
const TOPIC = /^[\x21-\x7e]{1,200}(\.dead)?$/

/** Topics found good: there are few of them and they come again and again. */
const known = new Set<string>()
const KNOWN_MAX = 1_000

function checkSendTopic(field: string, topic: string): void {
  checkTopic(field, topic)
  if (isDeadLetterTopic(topic)) throw invalid(field, topic)
}

function checkText(field: string, value: string, lengthMin: number): void {
  if (typeof value !== 'string' || value.length < lengthMin) throw invalid(field, value)
  if (value.length > limits.messageIdLengthMax) throw invalid(field, `${value.slice(0, 100)}...`)
}

function isStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 100 && status <= 999
}

function checkedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) throw invalid('headers', headers)
  const copy: Record<string, string> = {}
  let length = 0
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (typeof value !== 'string' || name === '' || name === '__proto__') {
      throw invalid(`headers.${name}`, value)
    }
    length += name.length + value.length
    copy[name] = value
  }
  if (length > limits.messageHeadersLengthMax) throw tooLarge('headers', length)
  return copy
}

function invalid(field: string, input: unknown): CodedError {
  const shown = typeof input === 'string' ? input : typeof input
  return codedError('MESSAGE_INVALID', { details: { field, input: shown.slice(0, 200) } })
}

function tooLarge(field: string, actual: number): CodedError {
  return codedError('MESSAGE_TOO_LARGE', { details: { field, actual } })
}
