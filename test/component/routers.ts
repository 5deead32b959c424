// Typed routers for tests: built, and known to be of the kind asked for.
import { CommandHandlerRouter } from '../../src/component/command-handler-router.ts'
import type { ComponentOrClass } from '../../src/component/definition-of.ts'
import { ProcessManagerRouter } from '../../src/component/process-manager-router.ts'
import { ProjectorRouter } from '../../src/component/projector-router.ts'
import { Router, type TypedRouter } from '../../src/component/router.ts'
import { SagaRouter } from '../../src/component/saga-router.ts'
import { UpcasterRouter } from '../../src/component/upcaster-router.ts'

type RouterClass<R> = abstract new (...args: never[]) => R

function route<R>(expected: RouterClass<R>, components: readonly ComponentOrClass[]): R {
  const router = new Router('test')
  for (const component of components) router.withHandler(component)
  return requireRouter(expected, router.build())
}

/** The router, when it is of the expected class. */
export function requireRouter<R>(expected: RouterClass<R>, router: TypedRouter): R {
  if (router instanceof expected) return router
  throw new Error(`a router of ${router.kind}`)
}

/** A router of aggregates. */
export const aggregates = (...components: ComponentOrClass[]): CommandHandlerRouter =>
  route(CommandHandlerRouter, components)
/** A router of sagas. */
export const sagaRouter = (...components: ComponentOrClass[]): SagaRouter =>
  route(SagaRouter, components)
/** A router of process managers. */
export const processRouter = (...components: ComponentOrClass[]): ProcessManagerRouter =>
  route(ProcessManagerRouter, components)
/** A router of projectors. */
export const projectorRouter = (...components: ComponentOrClass[]): ProjectorRouter =>
  route(ProjectorRouter, components)
/** A router of upcasters. */
export const upcasterRouter = (...components: ComponentOrClass[]): UpcasterRouter =>
  route(UpcasterRouter, components)
