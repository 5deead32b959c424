/** The wrapper of a cover. */
import type { Cover as CoverMessage } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { CoverBearer } from './cover-bearer.ts'

/** A cover with accessors (Angzarr client: `Cover`). */
export class Cover extends CoverBearer<CoverMessage> {
  protected override coverMessage(): CoverMessage {
    return this.proto()
  }
}
