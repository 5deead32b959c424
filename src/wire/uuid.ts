/** The wire's `UUID` message: 16 bytes, big-endian, with its text forms. */
import { create } from '@bufbuild/protobuf'
import { errorTable } from '../errors.ts'
import { InvalidArgumentError } from '../errors/client-error.ts'
import { bytesOfRoot, isUuid, parseRoot, type Root, rootOfBytes } from '../identity.ts'
import { type UUID, UUIDSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

/** Bytes as lower-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX[byte]
  return text
}

/**
 * The canonical text of a UUID (Angzarr client: `proto_to_uuid`).
 *
 * @throws InvalidArgumentError `PROTO_UUID_INVALID` with `cause` unless it has 16 bytes
 */
export function protoToUuid(uuid: UUID): Root {
  if (uuid.value.length !== 16) throw invalid(`expected 16 bytes, got ${uuid.value.length}`)
  return rootOfBytes(uuid.value)
}

/**
 * A UUID's message (Angzarr client: `uuid_to_proto`).
 *
 * @throws InvalidArgumentError `PROTO_UUID_INVALID` with `cause` for text that is no UUID
 */
export function uuidToProto(text: string): UUID {
  if (!isUuid(text)) throw invalid(`not a UUID: ${text}`)
  return create(UUIDSchema, { value: bytesOfRoot(parseRoot(text)) })
}

/** The bytes as hexadecimal digits, however many there are; '' for none. */
export function protoUuidToHex(uuid: UUID | undefined): string {
  return uuid === undefined ? '' : hexOf(uuid.value)
}

/** 16 bytes as UUID text, others as hexadecimal digits (Angzarr client: `bytes_to_uuid_text`). */
export function bytesToUuidText(bytes: Uint8Array): string {
  return bytes.length === 16 ? rootOfBytes(bytes) : hexOf(bytes)
}

/** The bytes of a message as {@link bytesToUuidText} has them; '' for none. */
export function protoUuidToText(uuid: UUID | undefined): string {
  return uuid === undefined ? '' : bytesToUuidText(uuid.value)
}

function invalid(cause: string): InvalidArgumentError {
  return new InvalidArgumentError(errorTable.PROTO_UUID_INVALID.message, {
    code: 'PROTO_UUID_INVALID',
    details: { cause },
  })
}
