/** What can be asked of event streams, whoever answers: a client, the `query` of a domain client. */
import type { QueryBuilder } from './query-builder.ts'
import type { QueryCalls } from './query-calls.ts'

/** The calls of the event query service, and builders for them. */
export interface QueryAccess extends QueryCalls {
  /** A builder for one aggregate. @param rootOrKey a UUID, or a business key of the domain */
  query(domain: string, rootOrKey: string): QueryBuilder
  /** A builder without a root. */
  queryDomain(domain: string): QueryBuilder
}
