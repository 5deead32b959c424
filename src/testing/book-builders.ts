/** Builders of covers, pages and books for tests, and UUIDs that a name always gives again. */
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import type { Any, Timestamp } from '@bufbuild/protobuf/wkt'
import { type Clock, systemClock } from '../clock.ts'
import { bytesOfRoot, namedRoot, parseRoot, type Root, type Sequence } from '../identity.ts'
import type {
  CommandBook,
  CommandPage,
  Cover,
  EventBook,
  EventPage,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../wire/any.ts'
import { newCommandBook, newCommandPage, newEventBook, newEventPage } from '../wire/book.ts'
import { newCover } from '../wire/cover.ts'
import { now } from '../wire/timestamp.ts'

/** Namespace of {@link uuidFor} (Angzarr client: `DEFAULT_TEST_NAMESPACE`). */
export const DEFAULT_TEST_NAMESPACE: Root = parseRoot('a1b2c3d4-e5f6-7890-abcd-ef1234567890')

/**
 * The 16 bytes of a name's UUID (version 5; Angzarr client: `uuid_for`).
 *
 * @throws CodedError `ROOT_INVALID` for a namespace that is no UUID
 */
export function uuidFor(name: string, namespace: string = DEFAULT_TEST_NAMESPACE): Uint8Array {
  return bytesOfRoot(uuidObjFor(name, namespace))
}

/** The text of a name's UUID (Angzarr client: `uuid_str_for`). @throws as {@link uuidFor} */
export function uuidStrFor(name: string, namespace: string = DEFAULT_TEST_NAMESPACE): string {
  return uuidObjFor(name, namespace)
}

/**
 * The root of a name (Angzarr client: `uuid_obj_for`). A checked text stands in for the UUID object
 * that JavaScript does not have. @throws as {@link uuidFor}
 */
export function uuidObjFor(name: string, namespace: string = DEFAULT_TEST_NAMESPACE): Root {
  return namedRoot(parseRoot(namespace), name)
}

/** The time of a clock as a message; default clock: that of this machine. */
export function makeTimestamp(clock?: Clock): Timestamp {
  return now(clock)
}

/** Packs a message with the canonical type URL (Angzarr client: `testing_pack_event`). */
export function testingPackEvent<S extends DescMessage>(schema: S, init: MessageInitShape<S>): Any {
  return packAny(schema, create(schema, init))
}

/**
 * A cover (Angzarr client: `make_cover`).
 *
 * @param root a UUID as text or bytes; any other text is a business key of the domain
 * @throws CodedError `ROOT_INVALID` for bytes that are no UUID
 */
export function makeCover(domain: string, root: Uint8Array | string, correlationId = ''): Cover {
  return newCover({ domain, root, correlationId })
}

/** A page of a stored event, stamped with the time (Angzarr client: `make_event_page`). */
export function makeEventPage(
  sequence: Sequence,
  event: Any,
  clock: Clock = systemClock(),
): EventPage {
  return newEventPage(sequence, event, clock.wall())
}

/**
 * A book of events (Angzarr client: `make_event_book`).
 *
 * @param nextSequence default: the number of pages
 */
export function makeEventBook(
  cover: Cover,
  pages: readonly EventPage[] = [],
  nextSequence: Sequence = pages.length,
): EventBook {
  return newEventBook({ cover, pages, nextSequence })
}

/** A page of a command (Angzarr client: `make_command_page`). */
export function makeCommandPage(sequence: Sequence, command: Any): CommandPage {
  return newCommandPage(sequence, command)
}

/** A book of one command (Angzarr client: `make_command_book`). */
export function makeCommandBook(cover: Cover, command: Any, sequence: Sequence = 0): CommandBook {
  return newCommandBook(cover, [makeCommandPage(sequence, command)])
}
