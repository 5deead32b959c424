/**
 * Identifiers: what they look like, how they are made, and the parsers that check them. Randomness
 * enters here and nowhere else.
 */
import type { Clock } from './clock.ts'
import { NANOSECONDS_PER_MS } from './clock.ts'
import { codedError } from './errors.ts'

// Not imported: the module form of node:crypto would load all of web cryptography.
const { hash, randomFillSync, randomUUID } = process.getBuiltinModule('node:crypto')

declare const brand: unique symbol

/** The root of an aggregate: a UUID as lower-case text with dashes. */
export type Root = string & { readonly [brand]: 'Root' }

/** Names one write to the ledger, made by its caller; sorts by the time it was made. */
export type WriteId = string & { readonly [brand]: 'WriteId' }

/** Where an event stands in its stream: 0-based, without gaps. */
export type Sequence = number

/** Where an event stands in the log of its ledger: ascending, never given twice. */
export type Position = number

/** The injected source of randomness. */
export interface Random {
  /** Fills the array with random bytes and returns it. */
  bytes(length: number): Uint8Array
  /** A number in [0, 1). */
  fraction(): number
  /** A version 4 UUID as lower-case text; where it is missing, one is made from `bytes`. */
  uuid?(): string
}

/** The randomness of this machine. */
export function systemRandom(): Random {
  const pool = new Uint8Array(4096)
  let used = pool.length
  const bytes = (length: number): Uint8Array => {
    if (length > pool.length) return randomFillSync(new Uint8Array(length))
    if (used + length > pool.length) {
      randomFillSync(pool)
      used = 0
    }
    used += length
    return pool.slice(used - length, used)
  }
  return { bytes, fraction: () => Math.random(), uuid: () => randomUUID() }
}

const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const HEX: readonly string[] = Array.from({ length: 256 }, (_, n) =>
  n.toString(16).padStart(2, '0'),
)

/** True for the text form of a UUID, upper case included. */
export function isUuid(text: string): boolean {
  return UUID_TEXT.test(text)
}

/** The canonical text of 16 bytes. @throws CodedError `ROOT_INVALID` for another length */
export function rootOfBytes(bytes: Uint8Array): Root {
  if (bytes.length !== 16) throw codedError('ROOT_INVALID', { details: { actual: bytes.length } })
  let text = ''
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-'
    text += HEX[bytes[i] ?? 0]
  }
  return text as Root
}

/** The 16 bytes of a root. */
export function bytesOfRoot(root: Root): Uint8Array {
  const bytes = new Uint8Array(16)
  for (let i = 0, at = 0; i < 36; i += 2) {
    if (root.charCodeAt(i) === 45) i++
    bytes[at++] = (nibble(root.charCodeAt(i)) << 4) | nibble(root.charCodeAt(i + 1))
  }
  return bytes
}

function nibble(code: number): number {
  return code < 58 ? code - 48 : code - 87
}

/** Checks the text form of a root. @throws CodedError `ROOT_INVALID` */
export function parseRoot(text: string): Root {
  if (!isUuid(text)) throw codedError('ROOT_INVALID', { details: { input: text } })
  return text.toLowerCase() as Root
}

/** A random root (UUID version 4). */
export function randomRoot(random: Random): Root {
  // The platform's own text needs no checking.
  if (random.uuid !== undefined) return random.uuid() as Root
  const bytes = random.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return rootOfBytes(bytes)
}

/** A name-based root (UUID version 5) of a text in a namespace. */
export function namedRoot(namespace: Root, name: string): Root {
  const text = new TextEncoder().encode(name)
  const input = new Uint8Array(16 + text.length)
  input.set(bytesOfRoot(namespace))
  input.set(text, 16)
  const digest = hash('sha1', input, 'buffer')
  const bytes = new Uint8Array(digest.subarray(0, 16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return rootOfBytes(bytes)
}

/** Makes write ids: ordered by time, and by call within one millisecond. */
export function writeIds(clock: Clock, random: Random): () => WriteId {
  const session = Array.from(random.bytes(8), (byte) => HEX[byte]).join('')
  let lastMs = 0
  let counter = 0
  return () => {
    const nowMs = Number(clock.wall() / NANOSECONDS_PER_MS)
    if (nowMs > lastMs) {
      lastMs = nowMs
      counter = 0
    }
    counter++
    const stamp = lastMs.toString(36).padStart(9, '0')
    return `${stamp}-${counter.toString(36).padStart(5, '0')}-${session}` as WriteId
  }
}
