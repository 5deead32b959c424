/**
 * Several components, also of several kinds, behind one port, with services of the application
 * beside them if need be (later Angzarr clients: `ComponentHost`).
 */
import type { RouterOptions } from '../component/built-router.ts'
import type { ComponentKind } from '../component/definition.ts'
import { type ComponentOrClass, readDefinition } from '../component/definition-of.ts'
import { Router, type TypedRouter } from '../component/router.ts'
import { codedError } from '../errors.ts'
import { serviceOf } from './component-services.ts'
import type { GrpcService } from './grpc-service.ts'
import { type RunComponentServerOptions, type RunOptions, runUntilTold } from './run-server.ts'
import { type RunningServer, startServer } from './start-server.ts'

/** What a host hosts. */
export type ComponentHostOptions = Omit<RunComponentServerOptions, keyof RunOptions> & {
  /** Components of any kind, written either way; those of one kind share a service. */
  readonly components?: readonly ComponentOrClass[] | undefined
  /** Routers that are built already; of a kind that no other router or component has. */
  readonly routers?: readonly TypedRouter[] | undefined
  /** Services of the application. Default none. */
  readonly services?: readonly GrpcService[] | undefined
  /** Where the components' time and rows come from. */
  readonly router?: RouterOptions | undefined
}

/**
 * Starts a host; stop it with `stop`.
 *
 * @throws CodedError `NO_COMPONENTS_REGISTERED` without components and routers; `SERVICE_DUPLICATE`;
 *   and what `startServer` throws
 * @throws BuildError what `Router.build` throws
 */
export async function startComponentHost(options: ComponentHostOptions): Promise<RunningServer> {
  const { components = [], routers = [], services = [], router, ...server } = options
  const all = [...routers, ...routersOf(components, router)]
  if (all.length === 0) {
    throw codedError('NO_COMPONENTS_REGISTERED', {
      hint: 'give the host components, or routers built from them',
    })
  }
  return await startServer([...all.map(serviceOf), ...services], {
    ...server,
    syncOutputDomains: unique(all.flatMap((one) => one.syncOutputDomains())),
    hasAsyncOutputs: all.some((one) => one.hasAsyncOutputs()),
  })
}

/** Runs a host until SIGTERM, SIGINT, or its signal. @throws as {@link startComponentHost} */
export async function runComponentHost(options: ComponentHostOptions & RunOptions): Promise<void> {
  await runUntilTold(() => startComponentHost(options), options)
}

/** One router per kind, in the order in which the kinds first appear. */
function routersOf(
  components: readonly ComponentOrClass[],
  options: RouterOptions | undefined,
): readonly TypedRouter[] {
  const byKind = new Map<ComponentKind, Router>()
  for (const component of components) {
    const { kind } = readDefinition(component)
    const router = byKind.get(kind) ?? new Router(kind, options)
    byKind.set(kind, router.withHandler(component))
  }
  return [...byKind.values()].map((router) => router.build())
}

function unique(domains: readonly string[]): readonly string[] {
  return [...new Set(domains)]
}
