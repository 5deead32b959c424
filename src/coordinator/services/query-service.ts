/** Queries over gRPC. */
import { type GrpcService, grpcService } from '../../host/grpc-service.ts'
import { EventQueryService } from '../../proto/angzarr_client/proto/angzarr/query_pb.ts'
import type { ServedCoordinator } from './served-coordinator.ts'

/**
 * `EventQueryService`. The contract's stream of `Synchronize` has no place for an error: a query
 * that fails ends it with its status, after the answers to those before it.
 */
export function queryService({ coordinator, reads }: ServedCoordinator): GrpcService {
  return grpcService(EventQueryService, {
    getEventBook: async (query, { signal }) => await reads.getEventBook(query, { signal }),
    getEvents: (query, { signal }) => reads.query.streamEvents(query, { signal }),
    synchronize: async function* (queries) {
      for await (const answer of coordinator.services.synchronize(queries)) {
        if (answer.kind === 'failed') throw answer.error
        yield answer.book
      }
    },
    getAggregateRoots: () => coordinator.services.getAggregateRoots(),
  })
}
