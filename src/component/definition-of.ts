/** From a component, however it is written, to its definition. */
import { checkDefinition } from './check-definition.ts'
import { declarationOf } from './decorate-class.ts'
import type {
  Component,
  ComponentDefinition,
  ComponentSource,
  Entry,
  EntryFunction,
} from './definition.ts'
import { buildError } from './errors.ts'
import { rememberSchemasOf } from './known-messages.ts'
import { makeDefinition } from './make-definition.ts'
import { type AnyClass, type Role, rolesOf } from './roles.ts'

/**
 * The checked definition of a component.
 *
 * @throws BuildError `HANDLER_UNKNOWN_KIND` for a class without a kind, and what
 *   {@link checkDefinition} throws
 */
export function definitionOf(component: Component): ComponentDefinition {
  const definition = readDefinition(component)
  checkDefinition(definition)
  return definition
}

/** A component, or a class whose instances somebody else makes. */
export type ComponentOrClass = ComponentDefinition | ComponentSource | AnyClass

const definitions = new WeakMap<AnyClass, ComponentDefinition>()

/**
 * The definition of a component as it stands, unchecked.
 *
 * @throws BuildError `HANDLER_UNKNOWN_KIND` for a class without a kind
 */
export function readDefinition(component: ComponentOrClass): ComponentDefinition {
  if (typeof component !== 'function') {
    const definition = 'kind' in component ? component : component.definition
    rememberSchemasOf(definition)
    return definition
  }
  const known = definitions.get(component)
  if (known !== undefined) return known
  const declared = declarationOf(component)
  if (declared === undefined) {
    throw buildError(
      'HANDLER_UNKNOWN_KIND',
      { handler_class: component.name, handler_kind: '<undecorated>' },
      'Decorate the class with @commandHandler, @saga, @processManager, @projector or @upcaster.',
    )
  }
  const made = makeDefinition(declared, {
    entries: [...rolesOf(component)].map(([name, role]) => entryOf(name, role)),
    create: () => instanceOf(component),
    label: component.name,
  })
  rememberSchemasOf(made)
  definitions.set(component, made)
  return made
}

/** Kind and options of a component, as they were declared. */
export type HandlerConfig = {
  [K in ComponentDefinition['kind']]: Omit<
    Extract<ComponentDefinition, { readonly kind: K }>,
    'entries' | 'create' | 'label'
  >
}[ComponentDefinition['kind']]

/**
 * Reads back what a component was declared to be.
 *
 * @throws BuildError `HANDLER_UNKNOWN_KIND` for a class without a kind
 */
export function handlerConfig(component: ComponentOrClass): HandlerConfig {
  const { entries: _entries, create: _create, label: _label, ...config } = readDefinition(component)
  return config
}

/** Calls the method by its name, so that what a factory makes may stand in for the class. */
function entryOf(name: string, role: Role): Entry {
  const call: EntryFunction = (self, args) => {
    const method: unknown = self === undefined ? undefined : Reflect.get(self, name)
    if (typeof method !== 'function') throw new TypeError(`there is no method ${name}`)
    return Reflect.apply(method, self, args)
  }
  return { ...role, name, call }
}

function instanceOf(cls: AnyClass): object {
  // Whether it can be made without arguments is the coordinator's condition, checked by its types.
  return Reflect.construct(cls as unknown as new () => object, [])
}
