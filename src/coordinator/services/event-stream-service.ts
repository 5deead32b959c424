/**
 * Live events over gRPC. The reader sets the pace: events wait in the ledger, never in a buffer, so
 * that a slow reader misses nothing.
 */
import { codedError } from '../../errors.ts'
import { type GrpcService, grpcService } from '../../host/grpc-service.ts'
import { EventStreamService } from '../../proto/angzarr_client/proto/angzarr/stream_pb.ts'
import type { ServedCoordinator } from './served-coordinator.ts'

/** Request metadata: begin behind this position of the log instead of now. */
export const AFTER_POSITION_HEADER = 'x-amends-after-position'

/**
 * `EventStreamService`. When the coordinator drains, the stream ends with `COORDINATOR_CLOSED`,
 * status UNAVAILABLE, so that a reader knows that there may be more.
 */
export function eventStreamService({ coordinator, draining }: ServedCoordinator): GrpcService {
  return grpcService(EventStreamService, {
    subscribe: async function* (filter, context) {
      const after = positionIn(context.metadata(AFTER_POSITION_HEADER))
      const signal = AbortSignal.any([context.signal, draining])
      for await (const { book } of coordinator.services.subscribe(filter, { after, signal })) {
        yield book
      }
      if (!context.signal.aborted) throw codedError('COORDINATOR_CLOSED')
    },
  })
}

function positionIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const position = Number(text)
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(position)) return position
  const details = { field: AFTER_POSITION_HEADER, input: text.slice(0, 64) }
  throw codedError('QUERY_INVALID', { details, hint: 'A position is a whole number, 0 or more.' })
}
