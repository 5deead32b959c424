/** The root of a process: its correlation id. */
import { isUuid, namedRoot, parseRoot, type Root } from '../identity.ts'

const NAMESPACE_DNS = parseRoot('6ba7b810-9dad-11d1-80b4-00c04fd430c8')
const NAMESPACE = namedRoot(NAMESPACE_DNS, 'angzarr.dev')

/** A UUID is the root itself; any other correlation id names one (UUID version 5). */
export function processRoot(correlationId: string): Root {
  return isUuid(correlationId) ? parseRoot(correlationId) : namedRoot(NAMESPACE, correlationId)
}
