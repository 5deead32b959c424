/** A scenario is about a component of one kind. */
import { codedError } from '../../errors.ts'
import type { ComponentDefinition, ComponentKind } from '../../component/definition.ts'

/**
 * The definition, when it is of this kind.
 *
 * @throws CodedError `HANDLER_WRONG_REQUEST_KIND`
 */
export function requireKind<K extends ComponentKind>(
  definition: ComponentDefinition,
  kind: K,
): Extract<ComponentDefinition, { readonly kind: K }> {
  if (isOfKind(definition, kind)) return definition
  throw codedError('HANDLER_WRONG_REQUEST_KIND', {
    details: { handler_kind: definition.kind, expected_kind: kind },
    hint: `${definition.label} is a component of another kind; its scenario begins with another function.`,
  })
}

function isOfKind<K extends ComponentKind>(
  definition: ComponentDefinition,
  kind: K,
): definition is Extract<ComponentDefinition, { readonly kind: K }> {
  return definition.kind === kind
}
