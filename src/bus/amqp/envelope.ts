/**
 * Messages as RabbitMQ carries them. Headers travel under their own names, id and answer topic as
 * properties, so that others can read them; what AMQP has no room for travels in headers of ours.
 *
 * 1. What is read is what was written.
 * 2. A message that somebody else has put on the queue is read as far as it goes: without an id, its
 *    content names it, so that it has the same id when it comes again.
 */
import type { MessageProperties, Options } from 'amqplib'
import { codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { BusMessage } from '../bus.ts'

const { hash } = process.getBuiltinModule('node:crypto')

/** Our own headers. The names of others that begin like them, or are too long, travel in `rest`. */
const own = {
  prefix: 'amends-',
  id: 'amends-id',
  key: 'amends-key',
  status: 'amends-status',
  /** Names one publication, for the broker's return of what it cannot route. */
  publication: 'amends-publication',
  rest: 'amends-headers',
} as const

/** The broker's own headers begin so. */
const BROKERS = 'x-'

/** Bytes of a short text of AMQP: a property, or the name of a header. */
const SHORT_MAX = 255

/** How a message is published: properties and content. */
export type Publication = {
  readonly options: Options.Publish & { readonly headers: Record<string, string> }
  readonly content: Buffer
}

/** Writes a message. @throws CodedError `MESSAGE_TOO_LARGE` when its headers do not fit into AMQP */
export function writeMessage(message: BusMessage): Publication {
  const { id, key, status, replyTo, content } = message
  const headers: Record<string, string> = {}
  const rest: Record<string, string> = {}
  for (const [name, value] of Object.entries(message.headers)) {
    const fits = !name.startsWith(own.prefix) && !name.startsWith(BROKERS) && isShort(name)
    if (fits) headers[name] = value
    else rest[name] = value
  }
  if (Object.keys(rest).length > 0) headers[own.rest] = JSON.stringify(rest)
  const hasShortId = isShort(id)
  if (!hasShortId) headers[own.id] = id
  if (key !== '') headers[own.key] = key
  if (status !== undefined) headers[own.status] = String(status)
  checkSize(headers)
  return {
    options: {
      persistent: true,
      mandatory: true,
      headers,
      ...(hasShortId ? { messageId: id } : {}),
      ...(replyTo === undefined ? {} : { replyTo }),
    },
    content: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
  }
}

/** The same publication under a number, which `publicationOf` reads. */
export function numbered({ options, content }: Publication, number: number): Publication {
  const headers = { ...options.headers, [own.publication]: String(number) }
  return { options: { ...options, headers }, content }
}

/** The number of a publication that the broker has given back. */
export function publicationOf(properties: MessageProperties): number {
  return Number(textOf(properties.headers?.[own.publication]))
}

/** Reads a message that came from a queue. */
export function readMessage(
  topic: string,
  properties: MessageProperties,
  content: Uint8Array,
): BusMessage {
  const headers: Record<string, string> = {}
  const ours: Record<string, string> = {}
  for (const [name, value] of Object.entries(properties.headers ?? {})) {
    const text = textOf(value)
    if (name.startsWith(own.prefix)) ours[name] = text
    else if (!name.startsWith(BROKERS) && name !== '__proto__') headers[name] = text
  }
  Object.assign(headers, restOf(ours[own.rest]))
  const status = ours[own.status]
  // Properties that are not set are not always `undefined`.
  const messageId = textOf(properties.messageId)
  return {
    topic,
    id: ours[own.id] ?? (messageId === '' ? `content-${hash('sha256', content)}` : messageId),
    key: ours[own.key] ?? '',
    headers,
    content: new Uint8Array(content.buffer, content.byteOffset, content.byteLength),
    status: status === undefined ? undefined : Number(status),
    replyTo: textOf(properties.replyTo) || undefined,
  }
}

function restOf(json: string | undefined): Record<string, string> {
  if (json === undefined) return {}
  try {
    // Written above; anybody else's is not of our shape, and then there is nothing to add.
    return JSON.parse(json) as Record<string, string>
  } catch {
    return {}
  }
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value)
    default:
      return value === undefined || value === null ? '' : JSON.stringify(value)
  }
}

function isShort(text: string): boolean {
  return text.length * 3 <= SHORT_MAX || Buffer.byteLength(text) <= SHORT_MAX
}

function checkSize(headers: Readonly<Record<string, string>>): void {
  let bytes = 0
  for (const [name, value] of Object.entries(headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + BYTES_AROUND_HEADER
  }
  if (bytes <= limits.amqpHeadersBytesMax) return
  throw codedError('MESSAGE_TOO_LARGE', { details: { field: 'headers', bytes } })
}

const BYTES_AROUND_HEADER = 6
