/**
 * Health of a server and its services, under the standard protocol.
 *
 * 1. Every name starts as NOT_SERVING; nobody is told SERVING before the supervisor says so.
 * 2. After `shutDown` every name is NOT_SERVING for good, and watchers are let go.
 * 3. A name that the server does not know is NOT_FOUND for Check, SERVICE_UNKNOWN for Watch.
 */
import { codedError } from '../errors.ts'
import {
  Health,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '../proto/grpc/health/v1/health_pb.ts'
import { type GrpcService, grpcService } from './grpc-service.ts'

/** What can be said of a service. */
export type HealthStatus = 'SERVING' | 'NOT_SERVING'

/** The health of one server. */
export interface HealthRegistry {
  /** The names it knows; the empty one is the server as a whole. */
  readonly names: readonly string[]
  /** What it says of a name; `undefined` for a name it does not know. */
  status(name: string): HealthStatus | undefined
  /** Says it of one name; a new name is added. */
  set(name: string, status: HealthStatus): void
  /** Says it of every name. */
  setAll(status: HealthStatus): void
  /** NOT_SERVING for good. */
  shutDown(): void
  /** The service that answers. */
  readonly service: GrpcService
}

/** Makes the health of a server with these names beside the empty one. */
export function healthRegistry(names: readonly string[]): HealthRegistry {
  const statuses = new Map<string, HealthStatus>(['', ...names].map((n) => [n, 'NOT_SERVING']))
  const listeners = new Set<() => void>()
  let closed = false
  const change = (name: string, status: HealthStatus): void => {
    if (closed) return
    statuses.set(name, status)
  }
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  return {
    get names() {
      return [...statuses.keys()]
    },
    status: (name) => statuses.get(name),
    set: (name, status) => {
      change(name, status)
      tell()
    },
    setAll: (status) => {
      for (const name of statuses.keys()) change(name, status)
      tell()
    },
    shutDown: () => {
      for (const name of statuses.keys()) change(name, 'NOT_SERVING')
      closed = true
      tell()
    },
    service: grpcService(Health, {
      check: ({ service }) => {
        const status = statuses.get(service)
        if (status === undefined) throw codedError('SERVICE_UNKNOWN', { details: { service } })
        return { status: ServingStatus[status] }
      },
      list: () => ({
        statuses: Object.fromEntries(
          [...statuses].map(([name, status]) => [name, { status: ServingStatus[status] }]),
        ),
      }),
      watch: async function* ({ service }, { signal }) {
        let last: ServingStatus | undefined
        while (!signal.aborted) {
          const known = statuses.get(service)
          const status = known === undefined ? ServingStatus.SERVICE_UNKNOWN : ServingStatus[known]
          if (status !== last) yield { status }
          last = status
          if (closed) return
          // What changed while the caller took its time is seen at the next round.
          const now = statuses.get(service)
          if (now === known && !closed) await nextChange(listeners, signal)
        }
      },
    }),
  }
}

function nextChange(listeners: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      listeners.delete(wake)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    listeners.add(wake)
    signal.addEventListener('abort', wake)
  })
}
