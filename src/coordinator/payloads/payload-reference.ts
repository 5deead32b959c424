/** References to payloads: what stands in a page in place of its event, and how that is said. */
import { create } from '@bufbuild/protobuf'
import { CodedError, codedError, messageOf } from '../../errors.ts'
import {
  type AngzarrDeadLetter,
  EventPageSchema,
  type PayloadReference,
  PayloadRetrievalFailedDetailsSchema,
  PayloadStorageType,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../../wire/message-codec.ts'

const pages = messageCodec(EventPageSchema)

/** The reference in an encoded page; `undefined` when its event is inline, or there is none. */
export function referenceIn(page: Uint8Array): PayloadReference | undefined {
  const { payload } = pages.decode(page)
  return payload.case === 'external' ? payload.value : undefined
}

/** Says that a payload could not be had; anything but a text is a cause. */
export function retrievalFailed(reference: PayloadReference, why: unknown): Error {
  const { storageType, uri, contentHash, originalSize } = reference
  const reason = typeof why === 'string' ? why : messageOf(why)
  return codedError('PAYLOAD_RETRIEVAL_FAILED', {
    details: {
      storage_type: storageTypeText(storageType),
      uri,
      content_hash: hexOf(contentHash),
      original_size: originalSize.toString(),
      reason,
    },
    ...(typeof why === 'string' ? {} : { cause: why }),
    hint: 'Put the payload back where it was, then replay the dead letter.',
  })
}

/** What a dead letter says of a payload that could not be had. */
export function retrievalFailure(
  reference: PayloadReference,
  failure: unknown,
): Pick<AngzarrDeadLetter, 'rejectionReason' | 'rejectionDetails'> {
  const { storageType, uri, contentHash, originalSize } = reference
  const reason = failure instanceof CodedError ? failure.details['reason'] : undefined
  const error = reason ?? messageOf(failure)
  const value = create(PayloadRetrievalFailedDetailsSchema, {
    storageType,
    uri,
    contentHash,
    originalSize,
    error,
  })
  return {
    rejectionReason: `Payload retrieval failed from ${storageTypeText(storageType)} (${uri}): ${error}`,
    rejectionDetails: { case: 'payloadRetrievalFailed', value },
  }
}

/** The name of a kind of store. */
function storageTypeText(type: PayloadStorageType): string {
  const found = Object.entries(PayloadStorageType).find(([, number]) => number === type)
  return found?.[0] ?? `${type}`
}

/** Bytes as lower-case hex. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
