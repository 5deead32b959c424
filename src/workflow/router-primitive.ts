/** Sends the input where a function says. TTA.dev's RouterPrimitive. */
import { codedError } from '../errors.ts'
import type { Awaitable } from '../awaitable.ts'
import { checkOperation, noteWrapped, type Operation, runOperation } from './primitive.ts'
import { traced } from './traced.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { InstrumentedPrimitive } from './workflow-primitive.ts'
import { workflowInvalid } from './workflow-invalid.ts'

/** Routes by their keys. */
export type Routes = Readonly<Record<string, Operation<never, unknown>>>

/** What all routes take. */
export type RouteInput<R> =
  R extends Readonly<Record<string, Operation<infer I, unknown>>> ? I : never

/** What the routes return, whichever is taken. */
export type RouteOutput<R> = {
  [K in keyof R]: R[K] extends Operation<never, infer O> ? O : never
}[keyof R]

/** What a router is made of. */
export type RouteOptions<I, R extends Routes> = {
  readonly routes: R
  readonly select: (
    input: I,
    context: WorkflowContext,
  ) => Awaitable<NoInfer<Extract<keyof R, string>>>
  /** The route for a key that is none. Default: none, so that such a key is an error. */
  readonly defaultRoute?: NoInfer<Extract<keyof R, string>> | undefined
  readonly name?: string | undefined
}

/** A way as `state.routing_history` lists it. */
export type RouteRecord = {
  readonly route: string
  readonly usedDefault: boolean
  /** Milliseconds since the root context was made. */
  readonly atMs: number
}

/**
 * Runs the route that the selector names and notes it in `state.routing_history`. Unlike a switch it
 * knows no way around: a key without a route, and without a default, is `ROUTE_UNKNOWN`.
 */
export class RouterPrimitive<I, R extends Routes> extends InstrumentedPrimitive<I, RouteOutput<R>> {
  readonly #options: RouteOptions<I, R>

  /** @throws CodedError `WORKFLOW_INVALID` for no routes, no operation, or a default that is none */
  constructor(options: RouteOptions<I, R>) {
    super(options.name)
    const { routes, select, defaultRoute } = options
    if (typeof select !== 'function') throw workflowInvalid('select', 'a function', select)
    if (Object.keys(routes).length === 0) throw workflowInvalid('routes', 'at least one route')
    for (const [key, each] of Object.entries(routes)) checkOperation(`routes.${key}`, each)
    if (defaultRoute !== undefined && !Object.hasOwn(routes, defaultRoute)) {
      throw workflowInvalid('defaultRoute', 'one of the routes', defaultRoute)
    }
    this.#options = options
    noteWrapped(this, Object.values(routes))
  }

  protected override async run(input: I, context: WorkflowContext): Promise<RouteOutput<R>> {
    const { routes, select, defaultRoute } = this.#options
    context.checkpoint('router.start')
    try {
      context.checkpoint('router.route_eval.start')
      const key: string = await select(input, context)
      context.checkpoint('router.route_eval.end')
      const isKnown = Object.hasOwn(routes, key)
      const route = isKnown ? key : defaultRoute
      const operation = route === undefined ? undefined : routes[route]
      if (route === undefined || operation === undefined) {
        throw codedError('ROUTE_UNKNOWN', {
          details: { key, routes: Object.keys(routes).join(', ') },
        })
      }
      note(context, { route, usedDefault: !isKnown, atMs: context.elapsedMs() })
      const output = await traced(
        context,
        `router.route_${route}`,
        () => ({ 'route.key': route, 'route.used_default': !isKnown }),
        // The types of the routes were checked where the router was made.
        (within) => runOperation(operation, input as never, within),
      )
      // One of the routes returned it.
      return output as RouteOutput<R>
    } finally {
      context.checkpoint('router.end')
    }
  }
}

/** See {@link RouterPrimitive}. */
export function route<R extends Routes>(
  options: RouteOptions<RouteInput<R>, R>,
): RouterPrimitive<RouteInput<R>, R> {
  return new RouterPrimitive(options)
}

function note({ state }: WorkflowContext, record: RouteRecord): void {
  const { routing_history: history } = state
  state['routing_history'] = [...(Array.isArray(history) ? (history as unknown[]) : []), record]
}
