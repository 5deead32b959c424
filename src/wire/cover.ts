/** Covers: whose book it is. And editions: on which timeline. */
import { create } from '@bufbuild/protobuf'
import { bytesOfRoot, parseRoot, type Sequence } from '../identity.ts'
import {
  type Cover,
  CoverSchema,
  type Edition,
  EditionSchema,
  UUIDSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'

/** What a cover says. */
export type CoverParts = {
  readonly domain: string
  /** UUID text, or its 16 bytes; absent when only a domain or a correlation id is addressed. */
  readonly root?: string | Uint8Array | undefined
  /** Default: '', none. */
  readonly correlationId?: string | undefined
  /** A timeline by name or with its branch points. Default: the main one. */
  readonly edition?: string | Edition | undefined
}

/**
 * Makes a cover.
 *
 * @throws CodedError `ROOT_INVALID` for a root whose text is no UUID
 */
export function newCover(parts: CoverParts): Cover {
  const { domain, root, correlationId = '', edition } = parts
  const cover = create(CoverSchema, { domain, correlationId })
  if (root !== undefined) {
    const value = typeof root === 'string' ? bytesOfRoot(parseRoot(root)) : root
    cover.root = create(UUIDSchema, { value })
  }
  if (typeof edition === 'object') cover.edition = edition
  else if (edition !== undefined && !isMainEdition(edition))
    cover.edition = implicitEdition(edition)
  return cover
}

/** A timeline that branches off where its first event is written (Angzarr client). */
export function implicitEdition(name: string): Edition {
  return create(EditionSchema, { name })
}

/** Whether a name means the main timeline: '' does, and `angzarr`, which other generations send. */
export function isMainEdition(name: string): boolean {
  return name === '' || name === 'angzarr'
}

/** The timeline of a cover by name; '' for the main one, however it is spelt. */
export function editionNameOf(cover: Cover | undefined): string {
  const name = cover?.edition?.name ?? ''
  return isMainEdition(name) ? '' : name
}

/** The sequence at which a timeline branches in a domain; `undefined` when it does not say. */
export function divergenceFor(edition: Edition | undefined, domain: string): Sequence | undefined {
  return edition?.divergences.find((divergence) => divergence.domain === domain)?.sequence
}
