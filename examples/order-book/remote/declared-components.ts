/** The components as the configuration of `amends serve` declares them. */
import type { ComponentDefinition } from 'amends'

/** One entry of the configuration's `components`; without an address, so that it dials in. */
export type Declaration = Readonly<Record<string, string | readonly string[]>>

/** Declares a component. What it does not handle is not sent to it. */
export function declarationOf(definition: ComponentDefinition): Declaration {
  const types = definition.entries.flatMap((entry) =>
    entry.role === 'handles' ? [entry.schema.typeName] : [],
  )
  switch (definition.kind) {
    case 'command_handler':
      return { kind: 'aggregate', domain: definition.domain }
    case 'saga': {
      const { kind, name, source, target } = definition
      return { kind, name, source, target, types }
    }
    case 'process_manager': {
      const { kind, name, pmDomain: domain, sources, targets } = definition
      return { kind, name, domain, sources, targets, types }
    }
    case 'projector': {
      const { kind, name, domains } = definition
      return { kind, name, domains, types }
    }
    case 'upcaster':
      throw new TypeError('upcasters run in the process of the coordinator')
  }
}
