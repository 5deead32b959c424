/** The checks of a definition before anything is dispatched to it. */
import { typeUrl } from '../wire/type-url.ts'
import type { ComponentDefinition, Entry } from './definition.ts'
import { type BuildError, buildError } from './errors.ts'
import { isSchema } from './schema-or-name.ts'

/**
 * Checks fields and claims of one component.
 *
 * @throws BuildError `HANDLER_FIELD_EMPTY_STRING`, `HANDLER_FIELD_EMPTY_LIST`,
 *   `HANDLER_STATE_NOT_TYPE`, `DUPLICATE_COMMAND_HANDLER` for a command handled twice, and
 *   `COMPONENT_ROLE_DUPLICATE` for two appliers of one event, two undo handlers of one command, or
 *   two state factories
 */
export function checkDefinition(definition: ComponentDefinition): void {
  checkFields(definition)
  checkRoles(definition)
  if (definition.kind === 'command_handler') checkCommandClaims([definition], definition.label)
}

/**
 * Checks the declared fields.
 *
 * @throws BuildError `HANDLER_FIELD_EMPTY_STRING`, `HANDLER_FIELD_EMPTY_LIST`,
 *   `HANDLER_STATE_NOT_TYPE`
 */
export function checkFields(definition: ComponentDefinition): void {
  switch (definition.kind) {
    case 'command_handler':
      text(definition, 'domain', definition.domain)
      state(definition, definition.state)
      return
    case 'saga':
      text(definition, 'name', definition.name)
      text(definition, 'source', definition.source)
      text(definition, 'target', definition.target)
      return
    case 'process_manager':
      text(definition, 'name', definition.name)
      text(definition, 'pm_domain', definition.pmDomain)
      list(definition, 'sources', definition.sources)
      list(definition, 'targets', definition.targets)
      state(definition, definition.state)
      return
    case 'projector':
      text(definition, 'name', definition.name)
      list(definition, 'domains', definition.domains)
      return
    case 'upcaster':
      text(definition, 'name', definition.name)
      text(definition, 'domain', definition.domain)
  }
}

/**
 * Refuses two claims on one command of one domain.
 *
 * @throws BuildError `DUPLICATE_COMMAND_HANDLER`
 */
export function checkCommandClaims(
  definitions: readonly ComponentDefinition[],
  routerName: string,
): void {
  const claimed = new Set<string>()
  for (const definition of definitions) {
    if (definition.kind !== 'command_handler') continue
    for (const entry of definition.entries) {
      if (entry.role !== 'handles') continue
      const url = typeUrl(entry.schema.typeName)
      const claim = `${definition.domain} ${url}`
      if (claimed.has(claim)) {
        const where = { domain: definition.domain, type_url: url, router_name: routerName }
        throw buildError('DUPLICATE_COMMAND_HANDLER', where)
      }
      claimed.add(claim)
    }
  }
}

/**
 * Refuses two methods where only one can answer.
 *
 * @throws BuildError `COMPONENT_ROLE_DUPLICATE`
 */
export function checkRoles({ entries, label }: ComponentDefinition): void {
  const seen = new Set<string>()
  for (const entry of entries) {
    const claim = onlyOnce(entry)
    if (claim === undefined) continue
    if (seen.has(claim)) {
      throw buildError('COMPONENT_ROLE_DUPLICATE', { handler_class: label, field: entry.name })
    }
    seen.add(claim)
  }
}

/** What only one entry of a component may be; `undefined` where several may answer in turn. */
function onlyOnce(entry: Entry): string | undefined {
  switch (entry.role) {
    case 'applies':
    case 'undoes':
      return `${entry.role} ${entry.schema.typeName}`
    case 'stateFactory':
      return entry.role
    case 'handles':
    case 'handlesFact':
    case 'rejected':
    case 'upcasts':
      return undefined
  }
}

function text(definition: ComponentDefinition, field: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return
  throw wrongField('HANDLER_FIELD_EMPTY_STRING', definition, field)
}

function list(definition: ComponentDefinition, field: string, value: unknown): void {
  if (Array.isArray(value) && value.length > 0) return
  throw wrongField('HANDLER_FIELD_EMPTY_LIST', definition, field)
}

function state(definition: ComponentDefinition, value: unknown): void {
  if (typeof value === 'function' || isSchema(value)) return
  throw wrongField('HANDLER_STATE_NOT_TYPE', definition, 'state')
}

function wrongField(
  code: 'HANDLER_FIELD_EMPTY_STRING' | 'HANDLER_FIELD_EMPTY_LIST' | 'HANDLER_STATE_NOT_TYPE',
  definition: ComponentDefinition,
  field: string,
): BuildError {
  return buildError(code, { handler_class: definition.label, field })
}
