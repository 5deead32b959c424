/** The request metadata of a workflow. */
import { CORRELATION_ID_HEADER } from '../wire/constants.ts'

/** Pairs of name and value. */
export type Metadata = readonly (readonly [name: string, value: string])[]

/**
 * Metadata that carries a correlation id (Angzarr client: `correlated_metadata`); none for '', as
 * the header is never sent blank.
 */
export function correlatedMetadata(correlationId: string): Metadata {
  return correlationId === '' ? [] : [[CORRELATION_ID_HEADER, correlationId]]
}
