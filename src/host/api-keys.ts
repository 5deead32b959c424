/**
 * API keys: who calls, and what the caller may do.
 *
 * 1. Only digests are kept, so that neither memory nor a printed configuration gives a key away.
 * 2. A key is found by its digest: how long that takes says nothing of a key that is nearly right.
 */
import { createHash } from 'node:crypto'
import { codedError } from '../errors.ts'
import type { CallContext } from './grpc-service.ts'

/** What a holder of a key may be. */
export type KeyHolder = { readonly name: string; readonly roles: ReadonlySet<string> }

/** A key as it is configured: the key itself, or its SHA-256 digest in hex. */
export type ApiKey = {
  /** Whose it is, for logs and errors. */
  readonly name: string
  readonly roles: readonly string[]
} & ({ readonly key: string } | { readonly sha256: string })

/** Finds out who calls. */
export interface KeyRing {
  /** @throws CodedError `API_KEY_MISSING`, `API_KEY_UNKNOWN`, status UNAUTHENTICATED */
  holderOf(context: Pick<CallContext, 'metadata'>): KeyHolder
}

/** Shortest key that is taken, in characters. */
export const KEY_LENGTH_MIN = 16

/** Request metadata that carries a key: `authorization: Bearer <key>`. */
export const AUTHORIZATION_HEADER = 'authorization'

/** The ring of these keys. @throws CodedError `CONFIGURATION_INVALID` for a key that is none */
export function keyRing(keys: readonly ApiKey[]): KeyRing {
  const holders = new Map<string, KeyHolder>()
  for (const key of keys) {
    const digest = digestOf(key)
    if (holders.has(digest)) throw invalid(key.name, 'Two holders share one key.')
    holders.set(digest, { name: key.name, roles: new Set(key.roles) })
  }
  return {
    holderOf: (context) => {
      const presented = presentedKey(context)
      if (presented === undefined) throw codedError('API_KEY_MISSING', { hint: HINT })
      const holder = holders.get(sha256(presented))
      if (holder === undefined) throw codedError('API_KEY_UNKNOWN')
      return holder
    },
  }
}

const HINT = 'Send the request metadata "authorization: Bearer <key>".'

function presentedKey(context: Pick<CallContext, 'metadata'>): string | undefined {
  const text = context.metadata(AUTHORIZATION_HEADER) ?? ''
  return /^Bearer +(?<key>[!-~]+)$/i.exec(text)?.groups?.['key']
}

function digestOf(key: ApiKey): string {
  if ('sha256' in key) {
    if (/^[0-9a-f]{64}$/i.test(key.sha256)) return key.sha256.toLowerCase()
    throw invalid(key.name, 'sha256 is the digest of a key: 64 hexadecimal digits.')
  }
  if (key.key.length < KEY_LENGTH_MIN || !/^[!-~]+$/.test(key.key)) {
    throw invalid(key.name, `A key has ${KEY_LENGTH_MIN} printable ASCII characters or more.`)
  }
  return sha256(key.key)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function invalid(name: string, hint: string): Error {
  return codedError('CONFIGURATION_INVALID', { details: { key_of: name }, hint })
}
