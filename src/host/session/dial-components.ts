/**
 * Components that dial their coordinator: the aggregates share one session; every saga, process
 * manager, projector and upcaster has its own, because a call names a service and not a component.
 */
import type { RouterOptions } from '../../component/built-router.ts'
import type { ComponentDefinition } from '../../component/definition.ts'
import { type ComponentOrClass, readDefinition } from '../../component/definition-of.ts'
import { Router } from '../../component/router.ts'
import { codedError } from '../../errors.ts'
import { create } from '@bufbuild/protobuf'
import {
  type ComponentDescriptor,
  ComponentDescriptorSchema,
} from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { serviceOf } from '../component-services.ts'
import { type CoordinatorLink, dialCoordinator, type DialOptions } from './dial-coordinator.ts'

/** Options of {@link dialComponents}. */
export type DialComponentsOptions = Omit<DialOptions, 'services' | 'components'> & {
  /** Components of any kind, written either way. */
  readonly components: readonly ComponentOrClass[]
  /** Where the components' time and rows come from. */
  readonly router?: RouterOptions | undefined
}

/**
 * Dials the coordinator for every component and answers its calls. Whatever breaks, it dials again.
 *
 * @throws CodedError `NO_COMPONENTS_REGISTERED`, `GRPC_NOT_INSTALLED`; ConnectionError
 *   `ENDPOINT_INVALID_URI`
 * @throws BuildError what `Router.build` throws
 */
export async function dialComponents(options: DialComponentsOptions): Promise<CoordinatorLink> {
  const { components, router, ...dial } = options
  const groups = groupsOf(components)
  if (groups.length === 0) throw codedError('NO_COMPONENTS_REGISTERED')
  const links: CoordinatorLink[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(links.map((link) => link.stop()))
  }
  try {
    for (const group of groups) {
      const services = [serviceOf(routerOf(group, router))]
      const described = group.map((one) => describe(readDefinition(one)))
      links.push(await dialCoordinator({ ...dial, services, components: described }))
    }
  } catch (error) {
    await stop()
    throw error
  }
  const connected = Promise.all(links.map((link) => link.connected)).then(() => undefined)
  return { connected, stop, [Symbol.asyncDispose]: stop }
}

function groupsOf(
  components: readonly ComponentOrClass[],
): readonly (readonly ComponentOrClass[])[] {
  const isAggregate = (one: ComponentOrClass): boolean =>
    readDefinition(one).kind === 'command_handler'
  const aggregates = components.filter(isAggregate)
  const others = components.filter((one) => !isAggregate(one)).map((one) => [one])
  return aggregates.length === 0 ? others : [aggregates, ...others]
}

function routerOf(
  group: readonly ComponentOrClass[],
  options: RouterOptions | undefined,
): Parameters<typeof serviceOf>[0] {
  const [first] = group
  if (first === undefined) throw codedError('NO_COMPONENTS_REGISTERED')
  let router = new Router(readDefinition(first).kind, options)
  for (const component of group) router = router.withHandler(component)
  return router.build()
}

function describe(definition: ComponentDefinition): ComponentDescriptor {
  return create(ComponentDescriptorSchema, {
    name: definition.kind === 'command_handler' ? definition.domain : definition.name,
    componentType: definition.kind,
    inputs: inputsOf(definition).map((domain) => ({ domain })),
  })
}

function inputsOf(definition: ComponentDefinition): readonly string[] {
  switch (definition.kind) {
    case 'command_handler':
    case 'upcaster':
      return [definition.domain]
    case 'saga':
      return [definition.source]
    case 'process_manager':
      return definition.sources
    case 'projector':
      return definition.domains
  }
}
