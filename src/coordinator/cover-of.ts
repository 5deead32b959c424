/** Covers on the wire, and the stream keys behind them. */
import { create } from '@bufbuild/protobuf'
import { codedError } from '../errors.ts'
import { bytesOfRoot, rootOfBytes } from '../identity.ts'
import type { StreamKey } from '../ledger/ledger.ts'
import { type Cover, EditionSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { checkEdition } from './plan-names.ts'

/** The cover of a stream. Written out: every command and every event handed on needs one. */
export function coverOf(key: StreamKey, correlationId: string): Cover {
  const { domain, edition, root } = key
  const cover: Cover = {
    $typeName: 'angzarr_client.proto.angzarr.Cover',
    domain,
    correlationId,
    root: { $typeName: 'angzarr_client.proto.angzarr.UUID', value: bytesOfRoot(root) },
  }
  if (edition !== '') cover.edition = create(EditionSchema, { name: edition })
  return cover
}

/**
 * The stream a cover names.
 *
 * @throws CodedError `REQUEST_INCOMPLETE` without cover or root, `ROOT_INVALID`, `EDITION_INVALID`
 */
export function streamOf(cover: Cover | undefined): StreamKey {
  if (cover === undefined) throw codedError('REQUEST_INCOMPLETE', { details: { field: 'cover' } })
  if (cover.root === undefined) {
    throw codedError('REQUEST_INCOMPLETE', { details: { field: 'cover.root' } })
  }
  return {
    domain: cover.domain,
    edition: checkEdition(cover.edition?.name ?? ''),
    root: rootOfBytes(cover.root.value),
  }
}
