/** Where the journal of an execution lies. */
import { rootFor } from '../../identity/compute-root.ts'
import type { StreamKey } from '../../ledger/ledger.ts'

/** The domain of all journals; no client may write there. */
export const SAGA_DOMAIN = '_saga'

/**
 * The stream of an execution. Its root is the id itself if that is a UUID, otherwise one made from
 * it; the id stands in the first entry. UUIDs that differ in case only name one stream.
 */
export function executionStream(id: string): StreamKey {
  return { domain: SAGA_DOMAIN, edition: '', root: rootFor(SAGA_DOMAIN, id) }
}
