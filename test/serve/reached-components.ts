/**
 * The same components in three places: in this process, behind the unary services of an address, and
 * over sessions that they dial. What holds for one must hold for all.
 */
import type { ComponentDefinition } from '../../src/component/definition.ts'
import { type ComponentOrClass, readDefinition } from '../../src/component/definition-of.ts'
import {
  addressLink,
  type CallerOptions,
  type ComponentLink,
} from '../../src/coordinator/services/remote/component-link.ts'
import {
  type RemoteComponent,
  remoteComponent,
} from '../../src/coordinator/services/remote/remote-component.ts'
import { sessionDesk } from '../../src/coordinator/services/remote/session-desk.ts'
import { dialComponents } from '../../src/host/session/dial-components.ts'
import { serve, serveComponents } from '../host/serving.ts'

/** Where components run. */
export type Place = 'in process' | 'by address' | 'by session'

/** Every place. */
export const PLACES: readonly Place[] = ['in process', 'by address', 'by session']

/** Components as a coordinator takes them; disposing ends whatever serves them. */
export type Reached = AsyncDisposable & { readonly components: readonly ComponentDefinition[] }

/** Puts components into a place. */
export async function reach(
  place: Place,
  components: readonly ComponentOrClass[],
  options: CallerOptions & {
    readonly pagesPerFold?: number | undefined
    readonly types?: readonly string[] | undefined
  } = {},
): Promise<Reached> {
  await using stack = new AsyncDisposableStack()
  const reached: ComponentDefinition[] = []
  const desk = sessionDesk()
  const there = place === 'by session' ? stack.use(await serve(desk.service)) : undefined
  for (const component of components) {
    const definition = readDefinition(component)
    if (place === 'in process') {
      reached.push(definition)
      continue
    }
    const declared = { ...declarationOf(definition), ...options }
    let link: ComponentLink
    if (place === 'by address') {
      const host = stack.use(await serveComponents([component]))
      link = await addressLink(host.endpoint)
    } else link = desk.link(definition.kind, nameOf(definition))
    stack.defer(() => link.close())
    reached.push(remoteComponent(declared, link))
  }
  if (there !== undefined) {
    stack.defer(() => desk.close())
    const quiet = { logger: () => undefined, backoff: { delayMs: () => 1 } }
    const dialled = await dialComponents({ ...quiet, endpoint: there.endpoint, components })
    stack.use(dialled)
    await dialled.connected
  }
  const kept = stack.move()
  return { components: reached, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** What is to be declared of a component that runs elsewhere. */
export function declarationOf(definition: ComponentDefinition): RemoteComponent {
  switch (definition.kind) {
    case 'command_handler': {
      const { kind, domain } = definition
      return { kind, domain }
    }
    case 'saga': {
      const { kind, name, source, target } = definition
      return { kind, name, source, target }
    }
    case 'process_manager': {
      const { kind, name, pmDomain, sources, targets } = definition
      return { kind, name, pmDomain, sources, targets }
    }
    case 'projector': {
      const { kind, name, domains, editions } = definition
      return { kind, name, domains, editions }
    }
    case 'upcaster': {
      const { kind, name, domain } = definition
      return { kind, name, domain }
    }
  }
}

function nameOf(definition: ComponentDefinition): string {
  return definition.kind === 'command_handler' ? definition.domain : definition.name
}
