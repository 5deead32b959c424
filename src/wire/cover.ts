/** Covers: whose book it is. And editions: on which timeline. */
import { create } from '@bufbuild/protobuf'
import { rootFor } from '../identity/compute-root.ts'
import { bytesOfRoot, rootOfBytes, type Sequence } from '../identity.ts'
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
  /**
   * A UUID as text or bytes; any other text is a business key of the domain. Default: none, only a
   * domain or a correlation id is addressed.
   */
  readonly root?: string | Uint8Array | undefined
  /** Default: '', none. */
  readonly correlationId?: string | undefined
  /** A timeline by name or with its branch points. Default: the main one. */
  readonly edition?: string | Edition | undefined
}

/**
 * Makes a cover (Angzarr client: `new_cover`).
 *
 * @throws CodedError `ROOT_INVALID` for bytes that are no UUID
 */
export function newCover(parts: CoverParts): Cover {
  const { domain, root, correlationId = '', edition } = parts
  const cover = create(CoverSchema, { domain, correlationId })
  if (root !== undefined) {
    const known = typeof root === 'string' ? rootFor(domain, root) : rootOfBytes(root)
    cover.root = create(UUIDSchema, { value: bytesOfRoot(known) })
  }
  if (typeof edition === 'object') cover.edition = edition
  else if (edition !== undefined && !isMainEdition(edition))
    cover.edition = implicitEdition(edition)
  return cover
}

/**
 * An edition of this name that branches off at the first event written in it (Angzarr client:
 * `implicit_edition`). '' is the main timeline.
 */
export function implicitEdition(name: string): Edition {
  return create(EditionSchema, { name })
}

/** Whether a name means the main timeline: '' does, and `angzarr`, which other generations send. */
export function isMainEdition(name: string): boolean {
  return name === '' || name === 'angzarr'
}

/**
 * The sequence at which a timeline branches in a domain; `undefined` when it does not say (Angzarr
 * client: `divergence_for`).
 */
export function divergenceFor(edition: Edition | undefined, domain: string): Sequence | undefined {
  return edition?.divergences.find((divergence) => divergence.domain === domain)?.sequence
}
