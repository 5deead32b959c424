/** The `query` of a domain client: a query client that is also called with a root or key. */
import type { QueryAccess } from './query-access.ts'
import type { QueryBuilder } from './query-builder.ts'

/**
 * `query('A-1')` builds a query for an aggregate of the client's domain; `query.getEventBook(...)`
 * and the rest are those of a `QueryClient`.
 */
export interface DomainQuery extends QueryAccess {
  /** @param rootOrKey a UUID, or a business key of the domain */
  (rootOrKey: string): QueryBuilder
}

/** Makes a query client callable. `domain` is asked for when it is called. */
export function domainQuery(client: QueryAccess, domain: () => string): DomainQuery {
  const calls: QueryAccess = {
    getEventBook: (query, options) => client.getEventBook(query, options),
    getEvents: (query, options) => client.getEvents(query, options),
    streamEvents: (query, options) => client.streamEvents(query, options),
    query: (of, rootOrKey) => client.query(of, rootOrKey),
    queryDomain: (of) => client.queryDomain(of),
  }
  return Object.assign((rootOrKey: string) => client.query(domain(), rootOrKey), calls)
}
