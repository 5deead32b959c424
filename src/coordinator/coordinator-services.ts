/**
 * What a coordinator answers beside its clients, under the names of the contract: the part of its
 * services that no client of this library calls. A server maps its calls onto this.
 */
import type { Position } from '../identity.ts'
import type {
  BusinessResponse,
  FactInjectionResponse,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import type {
  AggregateRoot,
  CommandRequest,
  EventBook,
  EventRequest,
  EventStreamFilter,
  Projection,
  Query,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'

/** Where a stream begins, and what ends it. */
export type SubscribeOptions = {
  /** Begin behind this position of the log. Default: with what is stored from now on. */
  readonly after?: Position | undefined
  readonly signal?: AbortSignal | undefined
}

/** Where a call belongs to. */
export type TracePlace = {
  /** W3C trace context of the caller. Default: the span that is current, if there is one. */
  readonly traceparent?: string | undefined
}

/** One event of a stream: a book of one page, and where to go on after it. */
export type StreamedEvent = { readonly book: EventBook; readonly position: Position }

/** The answer to one query of a stream of them. */
export type SynchronizedBook =
  | { readonly kind: 'book'; readonly book: EventBook }
  | { readonly kind: 'failed'; readonly error: unknown }

/** See the top of this file. Every call fails with `COORDINATOR_CLOSED` once it is closed. */
export interface CoordinatorServices {
  /** Injects facts (`CommandHandlerCoordinatorService.HandleEvent`). @throws as `injectFacts` */
  handleEvent(request: EventRequest, place?: TracePlace): Promise<FactInjectionResponse>
  /**
   * Waits until projectors have taken in stored events (`ProjectorCoordinatorService.HandleSync`).
   *
   * @throws as `awaitProjections`
   */
  handleSync(
    request: EventRequest,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Projection>
  /** `CommandHandlerCoordinatorService.HandleCompensation`. @throws as `handleCompensation` */
  handleCompensation(request: CommandRequest): Promise<BusinessResponse>
  /** One book per query, in their order; a query that fails does not end the stream. */
  synchronize(queries: AsyncIterable<Query>): AsyncIterable<SynchronizedBook>
  /** Every aggregate of the main timeline (`EventQueryService.GetAggregateRoots`). */
  getAggregateRoots(): AsyncIterable<AggregateRoot>
  /** Live events of one workflow (`EventStreamService.Subscribe`). @throws as `eventStream` */
  subscribe(filter: EventStreamFilter, options?: SubscribeOptions): AsyncIterable<StreamedEvent>
}
