/** What a given-when-then scenario carries from step to step. */
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf'
import type { Any } from '@bufbuild/protobuf/wkt'
import { type Clock, systemClock } from '../clock.ts'
import type { CommandRejectedError } from '../errors/client-error.ts'
import type { EventBook } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { makeCover, makeEventBook, makeEventPage, testingPackEvent } from './book-builders.ts'

/**
 * Aggregate, history, last result and state of a scenario (Angzarr client: `ScenarioContext`). The
 * fields are the scenario's to set.
 */
export class ScenarioContext {
  /** Domain of the aggregate under test. */
  domain = ''
  /** Root of the aggregate under test: 16 bytes, none at first. */
  root: Uint8Array = new Uint8Array()
  /** The history, packed. */
  events: Any[] = []
  /** What the handler answered last. */
  result: unknown = undefined
  /** The rejection it threw last. */
  error: CommandRejectedError | undefined = undefined
  /** The state after the history. */
  state: unknown = undefined
  readonly #clock: Clock

  /** @param options `clock` stamps the events; default: that of this machine */
  constructor(options: { readonly clock?: Clock | undefined } = {}) {
    this.#clock = options.clock ?? systemClock()
  }

  /** Adds an event to the history. */
  addEvent<S extends DescMessage>(schema: S, init: MessageInitShape<S>): void {
    this.events.push(testingPackEvent(schema, init))
  }

  /** The history as a book: sequences from 0, the next sequence behind the last event. */
  eventBook(): EventBook {
    const pages = this.events.map((event, at) => makeEventPage(at, event, this.#clock))
    return makeEventBook(makeCover(this.domain, this.root), pages)
  }

  /** Empties the history. */
  clearEvents(): void {
    this.events = []
  }

  /** Forgets the last result and rejection. */
  clearResult(): void {
    this.result = undefined
    this.error = undefined
  }

  /** Back to the start: no domain, root, history, result, rejection or state. */
  reset(): void {
    this.domain = ''
    this.root = new Uint8Array()
    this.state = undefined
    this.clearEvents()
    this.clearResult()
  }
}
