/** The entries of a component written as functions, in the order they were added. */
import type { Entry } from './definition.ts'
import { rememberSchemasOfRole } from './known-messages.ts'
import type { DefinitionBody } from './make-definition.ts'
import type { Role } from './roles.ts'
import { nameOf } from './schema-or-name.ts'

/** Any function; what it takes is checked where it is added. */
export type AnyFunction = (...args: never[]) => unknown

/** A list that grows by copy. */
export type EntryList = {
  add(role: Role, run: AnyFunction): EntryList
  body(label: string): DefinitionBody
}

/** An empty list. */
export function newEntries(): EntryList {
  return entryList([])
}

function entryList(entries: readonly Entry[]): EntryList {
  return {
    add: (role, run) => {
      rememberSchemasOfRole(role)
      const call = (_self: object | undefined, args: readonly unknown[]): unknown =>
        Reflect.apply(run, undefined, args)
      return entryList([...entries, { ...role, name: nameOfRole(role), call }])
    },
    body: (label) => ({ entries, create: () => undefined, label }),
  }
}

function nameOfRole(role: Role): string {
  switch (role.role) {
    case 'handles':
    case 'handlesFact':
    case 'applies':
    case 'undoes':
      return `${role.role}(${role.schema.typeName})`
    case 'rejected':
      return `rejected(${role.domain}, ${nameOf(role.command)})`
    case 'upcasts':
      return `upcasts(${nameOf(role.from)}, ${nameOf(role.to)})`
    case 'stateFactory':
      return role.role
  }
}
