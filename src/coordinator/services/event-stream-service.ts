/**
 * Live events over gRPC. The reader sets the pace: events wait in the ledger, never in a buffer, so
 * that a slow reader misses nothing.
 */
import { codedError } from '../../errors.ts'
import type { Position } from '../../identity.ts'
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
      const stream = coordinator.services.subscribe(filter, { after, signal })
      for await (const { book, position } of stream) {
        positions.set(book, position)
        yield book
      }
      if (!context.signal.aborted) throw codedError('COORDINATOR_CLOSED')
    },
  })
}

const positions = new WeakMap<object, Position>()

/**
 * Where a book that this service has streamed stands in the log. The contract's book has no place
 * for it; transports that have one tell it, so that a reader can go on behind it.
 */
export function positionOf(book: object): Position | undefined {
  return positions.get(book)
}

function positionIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const position = Number(text)
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(position)) return position
  const details = { field: AFTER_POSITION_HEADER, input: text.slice(0, 64) }
  throw codedError('QUERY_INVALID', { details, hint: 'A position is a whole number, 0 or more.' })
}
