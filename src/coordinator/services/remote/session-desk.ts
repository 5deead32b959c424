/**
 * Where components dial in, and where their calls find them.
 *
 * 1. A session may only offer components that were declared; one session offers each once.
 * 2. A call goes to an open session that offers its component, the newest first; while there is none
 *    it waits, as long as it may.
 */
import type { Clock } from '../../../clock.ts'
import { systemClock } from '../../../clock.ts'
import { codedError } from '../../../errors.ts'
import type { ComponentKind } from '../../../component/definition.ts'
import type { GrpcService } from '../../../host/grpc-service.ts'
import type { ComponentSession } from '../../../host/session/component-session.ts'
import { sessionService } from '../../../host/session/session-service.ts'
import type { ComponentLink } from './component-link.ts'

/** See the top of this file. */
export interface SessionDesk {
  /** The service by which components dial in. */
  readonly service: GrpcService
  /** The way to a component, which is declared with it. `name` is the domain of an aggregate. */
  link(kind: ComponentKind, name: string): ComponentLink
  /** Components that were declared and nobody offers, as `kind name`. */
  missing(): readonly string[]
  /** Asks every component to leave. */
  close(): void
}

/** Opens a desk. */
export function sessionDesk(options: { readonly clock?: Clock | undefined } = {}): SessionDesk {
  const { clock = systemClock() } = options
  const offered = new Map<string, ComponentSession[]>()
  const closing = new AbortController()
  let arrived = Promise.withResolvers<void>()
  const onSession = (session: ComponentSession): void => {
    const names = session.components.map((one) => nameOf(one.componentType, one.name))
    const unknown = names.find((name) => !offered.has(name))
    if (unknown !== undefined || names.length === 0) {
      const details = { component: unknown ?? '', session: session.name }
      const hint = 'Declare it to the coordinator, with its kind and name, and no address.'
      throw codedError('COMPONENT_UNDECLARED', { details, hint })
    }
    for (const name of new Set(names)) offered.get(name)?.unshift(session)
    void session.ended.then(() => {
      for (const sessions of offered.values()) {
        const at = sessions.indexOf(session)
        if (at >= 0) sessions.splice(at, 1)
      }
    })
    arrived.resolve()
    arrived = Promise.withResolvers()
  }
  return {
    service: sessionService({ onSession, closing: closing.signal, clock }),
    link: (kind, name) => {
      const sessions: ComponentSession[] = []
      offered.set(nameOf(kind, name), sessions)
      return {
        target: `session of ${nameOf(kind, name)}`,
        call: async (method, request, call) => {
          const until = clock.monotonicMs() + call.waitMs
          for (;;) {
            const [session] = sessions
            const { correlationId, timeoutMs, traceparent } = call
            if (session !== undefined) {
              const options = { correlationId, timeoutMs, traceparent }
              return await session.call(method, request, options)
            }
            await waited(arrived.promise, clock, until - clock.monotonicMs())
          }
        },
        close: () => Promise.resolve(),
      }
    },
    missing: () => [...offered].filter(([, all]) => all.length === 0).map(([name]) => name),
    close: () => closing.abort(codedError('COORDINATOR_CLOSED')),
  }
}

function nameOf(kind: string, name: string): string {
  return `${kind} ${name}`
}

/** @throws CodedError `COMPONENT_UNAVAILABLE` */
async function waited(arrival: Promise<void>, clock: Clock, forMs: number): Promise<void> {
  const over = Promise.withResolvers<never>()
  const end = (): void => over.reject(codedError('COMPONENT_UNAVAILABLE'))
  if (forMs <= 0) end()
  const timer = clock.after(Math.max(0, forMs), end)
  try {
    await Promise.race([over.promise, arrival])
  } finally {
    timer.cancel()
  }
}
