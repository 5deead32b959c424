/** Types by their URL, matched exactly: the contract's prefix and the full name. */
import { TYPE_URL_PREFIX } from '../wire/constants.ts'

/** The full name in a type URL with the contract's prefix; `undefined` for any other URL. */
export function exactTypeName(url: string): string | undefined {
  if (!url.startsWith(TYPE_URL_PREFIX) || url.length === TYPE_URL_PREFIX.length) return undefined
  return url.slice(TYPE_URL_PREFIX.length)
}
