/**
 * What a coordinator answers beside its clients, under the names of the contract: the part of its
 * services that no client of this library calls. The server maps its calls onto this.
 */
import { create } from '@bufbuild/protobuf'
import { codedError } from '../errors.ts'
import { bytesOfRoot } from '../identity.ts'
import type {
  BusinessResponse,
  FactInjectionResponse,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type AggregateRoot,
  AggregateRootSchema,
  type CommandRequest,
  type EventBook,
  type EventRequest,
  type EventStreamFilter,
  type Query,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { DirectTransportOptions } from './direct-options.ts'
import { eventStream, type StreamedEvent, type SubscribeOptions } from './event-stream.ts'
import { handleCompensation } from './handle-compensation.ts'
import { injectFacts } from './inject-facts.ts'
import { eventBook } from './run-query.ts'

/** The answer to one query of a stream of them. */
export type SynchronizedBook =
  | { readonly kind: 'book'; readonly book: EventBook }
  | { readonly kind: 'failed'; readonly error: unknown }

/** See the top of this file. Every call fails with `COORDINATOR_CLOSED` once it is closed. */
export interface CoordinatorServices {
  /** Injects facts (`CommandHandlerCoordinatorService.HandleEvent`). @throws as `injectFacts` */
  handleEvent(request: EventRequest): Promise<FactInjectionResponse>
  /** `CommandHandlerCoordinatorService.HandleCompensation`. @throws as `handleCompensation` */
  handleCompensation(request: CommandRequest): Promise<BusinessResponse>
  /** One book per query, in their order; a query that fails does not end the stream. */
  synchronize(queries: AsyncIterable<Query>): AsyncIterable<SynchronizedBook>
  /** Every aggregate of the main timeline (`EventQueryService.GetAggregateRoots`). */
  getAggregateRoots(): AsyncIterable<AggregateRoot>
  /** Live events of one workflow (`EventStreamService.Subscribe`). @throws as `eventStream` */
  subscribe(filter: EventStreamFilter, options?: SubscribeOptions): AsyncIterable<StreamedEvent>
}

/** The services of a coordinator of this process. */
export function localServices(options: DirectTransportOptions): CoordinatorServices {
  const open = (): void => {
    if (options.isClosed()) throw codedError('COORDINATOR_CLOSED')
  }
  return {
    handleEvent: async (request) => {
      open()
      return await injectFacts(options, request)
    },
    handleCompensation: async (request) => {
      open()
      return await handleCompensation(options, request)
    },
    synchronize: async function* (queries): AsyncGenerator<SynchronizedBook> {
      for await (const query of queries) {
        open()
        yield await eventBook(options, query).then(
          (book) => ({ kind: 'book', book }) as const,
          (error: unknown) => ({ kind: 'failed', error }) as const,
        )
      }
    },
    getAggregateRoots: async function* (): AsyncGenerator<AggregateRoot> {
      open()
      for await (const chunk of options.ledger.streams({ edition: '' })) {
        for (const { domain, root } of chunk) {
          // Domains of the engine are none of the user's aggregates.
          if (domain.startsWith('_')) continue
          yield create(AggregateRootSchema, { domain, root: { value: bytesOfRoot(root) } })
        }
      }
    },
    subscribe: (filter, subscription) => {
      open()
      return eventStream(options, filter, subscription)
    },
  }
}
