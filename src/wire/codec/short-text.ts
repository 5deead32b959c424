/**
 * Makes short ASCII text out of bytes. One call with all codes yields a flat string at once, for
 * less than a decoder costs to start; putting it together from parts would be paid for later, when
 * somebody compares or hashes it.
 */

type Codes = (...codes: readonly (number | undefined)[]) => string
// Codes that lie behind the end of the bytes are undefined; they are never part of the text.
const text = String.fromCharCode as Codes

/** The text of up to 32 bytes, or `undefined` when one of them is no ASCII or there are more. */
export function shortText(buf: Uint8Array, from: number, until: number): string | undefined {
  const length = until - from
  if (length > 32) return undefined
  for (let i = from; i < until; i++) if ((buf[i] as number) > 0x7f) return undefined
  if (length <= 8) return upTo8(buf, from, length)
  if (length <= 16) return upTo16(buf, from, length)
  const codes = new Array<number | undefined>(length)
  for (let i = 0; i < length; i++) codes[i] = buf[from + i]
  return text(...codes)
}

function upTo8(buf: Uint8Array, from: number, length: number): string {
  const a = buf[from]
  const b = buf[from + 1]
  const c = buf[from + 2]
  const d = buf[from + 3]
  if (length === 4) return text(a, b, c, d)
  if (length === 3) return text(a, b, c)
  if (length === 2) return text(a, b)
  if (length === 1) return text(a)
  if (length === 0) return ''
  const e = buf[from + 4]
  const f = buf[from + 5]
  const g = buf[from + 6]
  const h = buf[from + 7]
  if (length === 8) return text(a, b, c, d, e, f, g, h)
  if (length === 7) return text(a, b, c, d, e, f, g)
  return length === 6 ? text(a, b, c, d, e, f) : text(a, b, c, d, e)
}

function upTo16(buf: Uint8Array, from: number, length: number): string {
  const a = buf[from]
  const b = buf[from + 1]
  const c = buf[from + 2]
  const d = buf[from + 3]
  const e = buf[from + 4]
  const f = buf[from + 5]
  const g = buf[from + 6]
  const h = buf[from + 7]
  const i = buf[from + 8]
  const j = buf[from + 9]
  const k = buf[from + 10]
  const l = buf[from + 11]
  if (length === 9) return text(a, b, c, d, e, f, g, h, i)
  if (length === 10) return text(a, b, c, d, e, f, g, h, i, j)
  if (length === 11) return text(a, b, c, d, e, f, g, h, i, j, k)
  if (length === 12) return text(a, b, c, d, e, f, g, h, i, j, k, l)
  const m = buf[from + 12]
  const n = buf[from + 13]
  const o = buf[from + 14]
  const p = buf[from + 15]
  if (length === 16) return text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)
  if (length === 15) return text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o)
  if (length === 14) return text(a, b, c, d, e, f, g, h, i, j, k, l, m, n)
  return text(a, b, c, d, e, f, g, h, i, j, k, l, m)
}
