/** Names and strings that every peer on the wire knows (Angzarr client: `helpers`). */

/** Request metadata that carries the correlation id; never sent blank. */
export const CORRELATION_ID_HEADER = 'x-correlation-id'

/** Name of the main timeline. */
export const DEFAULT_EDITION = ''

/** Domain of the framework's own commands. */
export const META_ANGZARR_DOMAIN = '_angzarr'

/** First part of the domain of books made from projections. */
export const PROJECTION_DOMAIN_PREFIX = '_projection'

/** Type URL of a projection carried as an event. It has no prefix; compare it as it is. */
export const PROJECTION_TYPE_URL = 'angzarr_client.proto.angzarr.Projection'

/** What every type URL begins with. */
export const TYPE_URL_PREFIX = 'type.googleapis.com/'

/** Stands for a domain that is missing. */
export const UNKNOWN_DOMAIN = 'unknown'

/** Stands for every domain, in subscriptions. */
export const WILDCARD_DOMAIN = '*'
