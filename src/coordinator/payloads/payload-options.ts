/** How large payloads are kept, as users say it. */
import { codedError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { PayloadStore } from './payload-store.ts'

/** Options of `openCoordinator`: where large payloads go (Angzarr: `payload_offload`). */
export type PayloadOptions = {
  /** A folder of this ledger's own; it is made when it is missing. */
  readonly folder?: string | undefined
  /** A store of your own, in place of a folder. */
  readonly store?: PayloadStore | undefined
  /** Events of more bytes than this go there. Default 65,536. */
  readonly thresholdBytes?: number | undefined
  /** How long a payload that nobody refers to is kept. Default 86,400,000, a day. */
  readonly graceMs?: number | undefined
}

/** Where payloads go: exactly one of two. */
export type PayloadPlace =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'store'; readonly store: PayloadStore }

/** The options, checked and filled in. */
export type PayloadSettings = {
  readonly place: PayloadPlace
  readonly thresholdBytes: number
  readonly graceMs: number
}

/** @throws CodedError `CONFIGURATION_INVALID` */
export function payloadSettings(options: PayloadOptions): PayloadSettings {
  const { thresholdBytes = limits.payloadInlineBytesMax, graceMs = limits.payloadGraceMs } = options
  if (!Number.isSafeInteger(thresholdBytes) || thresholdBytes < 0) {
    const hint = 'payloads.thresholdBytes counts bytes: a whole number, 0 for all events.'
    throw invalid({ thresholdBytes }, hint)
  }
  if (!Number.isSafeInteger(graceMs) || graceMs < limits.payloadGraceMsMin) {
    const hint = `payloads.graceMs is a whole number, ${limits.payloadGraceMsMin} or more.`
    throw invalid({ graceMs }, hint)
  }
  return { place: placeIn(options), thresholdBytes, graceMs }
}

function placeIn({ folder, store }: PayloadOptions): PayloadPlace {
  if (store !== undefined && folder === undefined) return { kind: 'store', store }
  if (store === undefined && typeof folder === 'string' && folder !== '') {
    return { kind: 'folder', folder }
  }
  throw invalid({ folder }, 'payloads has either a folder, which is a path, or a store.')
}

function invalid(details: Readonly<Record<string, unknown>>, hint: string): Error {
  return codedError('CONFIGURATION_INVALID', { details, hint })
}
