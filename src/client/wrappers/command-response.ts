/** The wrapper of a command's answer. */
import type { CommandResponse as CommandResponseMessage } from '../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { EventBook } from './event-book.ts'
import type { EventPage } from './event-page.ts'
import { Wrapped } from './wrapped.ts'

/** What became of a command, with accessors (Angzarr client: `CommandResponse`). */
export class CommandResponse extends Wrapped<CommandResponseMessage> {
  /** The events as a wrapped book; `undefined` when the answer has none. */
  eventsBook(): EventBook | undefined {
    const { events } = this.proto()
    return events === undefined ? undefined : new EventBook(events)
  }

  /** The pages of the events, wrapped; none when the answer has no book. */
  events(): readonly EventPage[] {
    return this.eventsBook()?.pages() ?? []
  }
}
