/** Timelines named without their branch points. */
import { create } from '@bufbuild/protobuf'
import { type Edition, EditionSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'

/**
 * An edition of this name that branches off at the first event written in it (Angzarr client:
 * `implicit_edition`). '' is the main timeline.
 */
export function implicitEdition(name: string): Edition {
  return create(EditionSchema, { name })
}
