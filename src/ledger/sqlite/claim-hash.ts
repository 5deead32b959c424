/** The hash by which a claim is found; keys that share one are told apart by comparing them. */

/** 53 bits of a text, the same everywhere and for ever: it is stored. */
export function claimHash(key: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i)
    high = Math.imul(high ^ code, 0x85ebca6b)
    low = Math.imul(low ^ code, 0xc2b2ae35)
  }
  high ^= Math.imul(high ^ (low >>> 15), 0x735a2d97)
  low ^= Math.imul(low ^ (high >>> 15), 0xcaf649a9)
  return (high >>> 0) * 0x20_0000 + ((low >>> 0) & 0x1f_ffff)
}

/** Finds the number of the commit that holds a claim: by stream, hash, key. */
export const SELECT_CLAIM: string =
  'SELECT number FROM claims WHERE stream = ? AND hash = ? AND key = ?'
