/** A coordinator as its services use it. */
import type { Clock } from '../../clock.ts'
import type { DomainClient } from '../../client/domain-client.ts'
import type { Coordinator } from '../coordinator.ts'

/** See the top of this file. */
export type ServedCoordinator = {
  readonly coordinator: Coordinator
  /** Sends the commands of every caller. */
  readonly commands: DomainClient
  /** Reads for every caller; it sends nothing, so no caller waits for what another has begun. */
  readonly reads: DomainClient
  readonly clock: Clock
  /** Aborts when callers are to leave; the reason is what they are told. */
  readonly draining: AbortSignal
}

/** Makes one. The clients belong to the coordinator and need no closing. */
export function servedCoordinator(
  coordinator: Coordinator,
  options: { readonly clock: Clock; readonly draining: AbortSignal },
): ServedCoordinator {
  // Whose domain it is only matters to builders, and none are used here.
  const client = (): DomainClient => coordinator.client('served')
  return { coordinator, commands: client(), reads: client(), ...options }
}
