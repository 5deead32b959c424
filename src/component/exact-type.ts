/** Types by their URL, matched exactly: the contract's prefix and the full name. */
import type { Any } from '@bufbuild/protobuf/wkt'
import { TYPE_URL_PREFIX } from '../wire/constants.ts'
import type { EventPage } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'

/** The full name in a type URL with the contract's prefix; `undefined` for any other URL. */
export function exactTypeName(url: string): string | undefined {
  if (!url.startsWith(TYPE_URL_PREFIX) || url.length === TYPE_URL_PREFIX.length) return undefined
  return url.slice(TYPE_URL_PREFIX.length)
}

/** The event of a page; `undefined` when it has none, or one that is kept elsewhere. */
export function inlineEvent({ payload }: EventPage): Any | undefined {
  return payload.case === 'event' ? payload.value : undefined
}
