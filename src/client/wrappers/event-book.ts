/** The wrapper of an event book. */
import { create } from '@bufbuild/protobuf'
import type { Sequence } from '../../identity.ts'
import {
  type Cover as CoverMessage,
  CoverSchema,
  type EventBook as EventBookMessage,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { Cover } from './cover.ts'
import { CoverBearer } from './cover-bearer.ts'
import { EventPage } from './event-page.ts'

/** A history, or a part of one, with accessors (Angzarr client: `EventBook`). */
export class EventBook extends CoverBearer<EventBookMessage> {
  /** The wrapped cover; an empty one when the book has none. */
  cover(): Cover {
    return new Cover(this.proto().cover ?? create(CoverSchema))
  }

  /** The sequence the next event will get. */
  nextSequence(): Sequence {
    return this.proto().nextSequence
  }

  /** Whether there are no pages. */
  isEmpty(): boolean {
    return this.proto().pages.length === 0
  }

  /** The pages, wrapped, in order. */
  pages(): readonly EventPage[] {
    return this.proto().pages.map((page) => new EventPage(page))
  }

  /** The first page; `undefined` when there is none. */
  firstPage(): EventPage | undefined {
    return pageIn(this.proto(), 0)
  }

  /** The last page; `undefined` when there is none. */
  lastPage(): EventPage | undefined {
    return pageIn(this.proto(), -1)
  }

  protected override coverMessage(): CoverMessage | undefined {
    return this.proto().cover
  }
}

function pageIn(book: EventBookMessage, index: number): EventPage | undefined {
  const page = book.pages.at(index)
  return page === undefined ? undefined : new EventPage(page)
}
