/** The services of a coordinator of this process. */
import { create } from '@bufbuild/protobuf'
import { codedError } from '../errors.ts'
import { bytesOfRoot } from '../identity.ts'
import {
  type AggregateRoot,
  AggregateRootSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { awaitProjections } from './await-projections.ts'
import type { DirectTransportOptions } from './direct-options.ts'
import type { CoordinatorServices, SynchronizedBook } from './coordinator-services.ts'
import { eventStream } from './event-stream.ts'
import { handleCompensation } from './handle-compensation.ts'
import { injectFacts } from './inject-facts.ts'
import { eventBook } from './run-query.ts'

/** The services of a coordinator of this process. */
export function localServices(options: DirectTransportOptions): CoordinatorServices {
  const open = (): void => {
    if (options.isClosed()) throw codedError('COORDINATOR_CLOSED')
  }
  return {
    handleEvent: async (request, place) => {
      open()
      return await injectFacts(options, request, place?.traceparent)
    },
    handleSync: async (request, { signal } = {}) => {
      open()
      return await awaitProjections(options, request, signal)
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
      const stream = eventStream(options, filter, subscription)
      return options.watch.requests.stream('Subscribe', () => stream)
    },
  }
}
