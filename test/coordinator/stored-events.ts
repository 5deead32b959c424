/** What a ledger holds, read past the coordinator. */
import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf'
import { rootFor } from '../../src/identity/compute-root.ts'
import type { Ledger, Row, StoredEvent, StreamKey } from '../../src/ledger/ledger.ts'
import { decodeEventPage } from '../../src/wire/page-codec.ts'

const ALL = 10_000

/** The stream of a business key on the main timeline. */
export function streamKey(domain: string, rootOrKey: string): StreamKey {
  return { domain, edition: '', root: rootFor(domain, rootOrKey) }
}

/** Every event of the log, or of one domain. */
export async function storedEvents(ledger: Ledger, domain?: string): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for await (const chunk of ledger.log(0, { limit: ALL })) {
    for (const event of chunk)
      if ((domain ?? event.key.domain) === event.key.domain) found.push(event)
  }
  return found
}

/** The events of one stream. */
export async function eventsOf(
  ledger: Ledger,
  domain: string,
  rootOrKey: string,
): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for await (const chunk of ledger.stream(streamKey(domain, rootOrKey), { from: 0 })) {
    found.push(...chunk)
  }
  return found
}

/** The short type names of a stream's events, in order. */
export async function typesOf(
  ledger: Ledger,
  domain: string,
  rootOrKey: string,
): Promise<string[]> {
  return (await eventsOf(ledger, domain, rootOrKey)).map(({ type }) => shortName(type))
}

/** The messages of one type in a domain, in the order of the log. */
export async function messagesIn<S extends DescMessage>(
  ledger: Ledger,
  domain: string,
  schema: S,
): Promise<MessageShape<S>[]> {
  const events = await storedEvents(ledger, domain)
  return events
    .filter(({ type }) => type === schema.typeName)
    .map((event) => decoded(event, schema))
}

/** The message in a stored event. */
export function decoded<S extends DescMessage>(event: StoredEvent, schema: S): MessageShape<S> {
  return fromBinary(schema, decodeEventPage(event.page).value ?? new Uint8Array(0))
}

/** The rows of a space. */
export async function rowsOf(ledger: Ledger, space: string): Promise<readonly Row[]> {
  return await ledger.rows(space, { limit: ALL })
}

/** The last part of a type's full name. */
export function shortName(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1)
}
