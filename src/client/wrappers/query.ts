/** The wrapper of a query. */
import { create } from '@bufbuild/protobuf'
import {
  type Cover as CoverMessage,
  CoverSchema,
  type Query as QueryMessage,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { Cover } from './cover.ts'
import { CoverBearer } from './cover-bearer.ts'

/** A query with accessors (Angzarr client: `Query`). */
export class Query extends CoverBearer<QueryMessage> {
  /** The wrapped cover; an empty one when the query has none. */
  cover(): Cover {
    return new Cover(this.proto().cover ?? create(CoverSchema))
  }

  protected override coverMessage(): CoverMessage | undefined {
    return this.proto().cover
  }
}
