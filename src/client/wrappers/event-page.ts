/** The wrapper of an event page. */
import type { Any } from '@bufbuild/protobuf/wkt'
import type { EventPage as EventPageMessage } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { inlineEvent } from '../../wire/event.ts'
import { PageBearer } from './page-bearer.ts'

/** One event of a stream, with accessors (Angzarr client: `EventPage`). */
export class EventPage extends PageBearer<EventPageMessage> {
  protected override inline(): Any | undefined {
    return inlineEvent(this.proto())
  }
}
