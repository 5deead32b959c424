/** A stream key as one text: how it crosses to the writer and is kept in caches. */
import type { Root } from '../../identity.ts'
import type { StreamKey } from '../ledger.ts'

/** Joined by line breaks, which no part of a key may contain. */
export function textOfKey(key: StreamKey): string {
  return `${key.domain}\n${key.edition}\n${key.root}`
}

/** The key of a text that {@link textOfKey} made. */
export function keyOfText(text: string): StreamKey {
  const first = text.indexOf('\n')
  const second = text.indexOf('\n', first + 1)
  return {
    domain: text.slice(0, first),
    edition: text.slice(first + 1, second),
    // The text was made from a key, so its last part is a root.
    root: text.slice(second + 1) as Root,
  }
}
