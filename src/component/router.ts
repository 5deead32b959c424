/** The builder of routers: collects components of one kind and checks them. */
import type { RouterOptions } from './built-router.ts'
import { checkCommandClaims, checkFields, checkRoles } from './check-definition.ts'
import { CommandHandlerRouter } from './command-handler-router.ts'
import type { ComponentDefinition, ComponentKind } from './definition.ts'
import { type ComponentOrClass, readDefinition } from './definition-of.ts'
import { buildError } from './errors.ts'
import { ProcessManagerRouter } from './process-manager-router.ts'
import { ProjectorRouter } from './projector-router.ts'
import { SagaRouter } from './saga-router.ts'
import { UpcasterRouter } from './upcaster-router.ts'

/** Any typed router; `kind` tells which. */
export type TypedRouter =
  CommandHandlerRouter | SagaRouter | ProcessManagerRouter | ProjectorRouter | UpcasterRouter

/** Collects components and makes a typed router of them (Angzarr client: `Router`). */
export class Router {
  /** Used in errors only; a built router is named after its first component. */
  readonly name: string
  readonly #options: RouterOptions
  readonly #definitions: ComponentDefinition[] = []

  constructor(name: string, options: RouterOptions = {}) {
    this.name = name
    this.#options = options
  }

  /**
   * Adds a component. The factory is called for each dispatch that needs an instance; without one
   * the class is made without arguments. It is not called here.
   *
   * @throws BuildError `HANDLER_UNKNOWN_KIND` for a class without a kind
   */
  withHandler(component: ComponentOrClass, factory?: () => object): this {
    const definition = readDefinition(component)
    this.#definitions.push(factory === undefined ? definition : { ...definition, create: factory })
    return this
  }

  /**
   * Checks the components and makes the router. The factories of aggregates are called once.
   *
   * @throws BuildError `ROUTER_NO_HANDLERS`, `MIXED_HANDLER_KINDS`, `HANDLER_FIELD_EMPTY_STRING`,
   *   `HANDLER_FIELD_EMPTY_LIST`, `HANDLER_STATE_NOT_TYPE`, `COMPONENT_ROLE_DUPLICATE`,
   *   `DUPLICATE_COMMAND_HANDLER`
   */
  build(): TypedRouter {
    const all = [...this.#definitions]
    this.#checkKinds(all)
    for (const definition of all) {
      checkFields(definition)
      checkRoles(definition)
    }
    const commandHandlers = ofKind(all, 'command_handler')
    checkCommandClaims(commandHandlers, this.name)
    // A factory that cannot work fails here and not at the first command.
    for (const { create } of commandHandlers) create()
    return this.#route(all)
  }

  #checkKinds(all: readonly ComponentDefinition[]): void {
    if (all.length === 0) throw buildError('ROUTER_NO_HANDLERS', { router_name: this.name })
    const [kind, other] = [...new Set(all.map((definition) => definition.kind))].sort()
    if (other === undefined) return
    const details = { router_name: this.name, handler_kind: kind, other_kind: other }
    throw buildError('MIXED_HANDLER_KINDS', details)
  }

  #route(all: readonly ComponentDefinition[]): TypedRouter {
    const options = this.#options
    const [aggregate, ...aggregates] = ofKind(all, 'command_handler')
    if (aggregate !== undefined)
      return new CommandHandlerRouter([aggregate, ...aggregates], options)
    const [saga, ...sagas] = ofKind(all, 'saga')
    if (saga !== undefined) return new SagaRouter([saga, ...sagas], options)
    const [process, ...processes] = ofKind(all, 'process_manager')
    if (process !== undefined) return new ProcessManagerRouter([process, ...processes], options)
    const [projector, ...projectors] = ofKind(all, 'projector')
    if (projector !== undefined) return new ProjectorRouter([projector, ...projectors], options)
    const [upcaster, ...upcasters] = ofKind(all, 'upcaster')
    if (upcaster !== undefined) return new UpcasterRouter([upcaster, ...upcasters], options)
    throw buildError('ROUTER_NO_HANDLERS', { router_name: this.name })
  }
}

function ofKind<K extends ComponentKind>(
  definitions: readonly ComponentDefinition[],
  kind: K,
): readonly Extract<ComponentDefinition, { readonly kind: K }>[] {
  type OfKind = Extract<ComponentDefinition, { readonly kind: K }>
  return definitions.filter((definition): definition is OfKind => definition.kind === kind)
}
