/** Whether a set of components can work together; said before anything starts. Pure. */
import type {
  AggregateDefinition,
  ComponentDefinition,
  ProcessManagerDefinition,
  ProjectorDefinition,
  SagaDefinition,
  UpcasterDefinition,
} from '../component/definition.ts'
import { codedError, type CodedError } from '../errors.ts'
import { checkComponentName, checkDomain } from './plan-names.ts'

/** Components by kind. */
export type Wiring = {
  readonly aggregates: readonly AggregateDefinition[]
  readonly sagas: readonly SagaDefinition[]
  readonly processManagers: readonly ProcessManagerDefinition[]
  readonly projectors: readonly ProjectorDefinition[]
  readonly upcasters: readonly UpcasterDefinition[]
}

/**
 * Sorts components by kind and refuses what cannot work.
 *
 * @throws CodedError `COMPONENT_DUPLICATE`, `WIRING_UNSERVED_DOMAIN`, `WIRING_INVALID`,
 * `DOMAIN_INVALID`, `COMPONENT_NAME_INVALID`
 */
export function planWiring(
  definitions: readonly ComponentDefinition[],
  fallbackDomain: string,
): Wiring {
  const wiring: Wiring = {
    aggregates: definitions.filter((item) => item.kind === 'command_handler'),
    sagas: definitions.filter((item) => item.kind === 'saga'),
    processManagers: definitions.filter((item) => item.kind === 'process_manager'),
    projectors: definitions.filter((item) => item.kind === 'projector'),
    upcasters: definitions.filter((item) => item.kind === 'upcaster'),
  }
  checkNames(wiring)
  checkFallback(wiring, fallbackDomain)
  checkDomains(wiring, fallbackDomain)
  return wiring
}

function checkNames(wiring: Wiring): void {
  const taken = new Set<string>()
  for (const { name } of [...wiring.sagas, ...wiring.processManagers, ...wiring.projectors]) {
    checkComponentName(name)
    if (taken.has(name)) throw codedError('COMPONENT_DUPLICATE', { details: { component: name } })
    taken.add(name)
  }
  const domains = new Set<string>()
  for (const domain of [
    ...wiring.aggregates.map((item) => item.domain),
    ...wiring.processManagers.map((item) => item.pmDomain),
  ]) {
    checkDomain(domain)
    if (domains.has(domain)) {
      throw codedError('WIRING_INVALID', {
        details: { domain },
        hint: 'A domain belongs to one aggregate or one process manager.',
      })
    }
    domains.add(domain)
  }
}

function checkFallback(wiring: Wiring, domain: string): void {
  const owners = [
    ...wiring.aggregates.map((item) => item.domain),
    ...wiring.processManagers.map((item) => item.pmDomain),
  ]
  if (!owners.includes(domain)) return
  throw codedError('WIRING_INVALID', {
    details: { domain },
    hint: 'The fallback domain keeps what nobody compensated: give it a domain of its own.',
  })
}

function checkDomains(wiring: Wiring, fallbackDomain: string): void {
  const commanded = new Set(wiring.aggregates.map(({ domain }) => domain))
  const heard = new Set([...commanded, ...wiring.processManagers.map(({ pmDomain }) => pmDomain)])
  heard.add(fallbackDomain)
  for (const { name, source, target, entries } of wiring.sagas) {
    requireServed(heard, { component: name, role: 'source', domain: source })
    requireServed(commanded, { component: name, role: 'target', domain: target })
    checkRejected(commanded, name, entries)
  }
  for (const { name, sources, targets, entries } of wiring.processManagers) {
    for (const domain of sources) requireServed(heard, { component: name, role: 'source', domain })
    for (const domain of targets) {
      requireServed(commanded, { component: name, role: 'target', domain })
    }
    checkRejected(commanded, name, entries)
  }
  for (const { name, domains } of wiring.projectors) {
    for (const domain of domains) {
      if (domain !== '*') requireServed(heard, { component: name, role: 'domain', domain })
    }
  }
  for (const { label, entries } of wiring.aggregates) checkRejected(commanded, label, entries)
}

function checkRejected(
  commanded: ReadonlySet<string>,
  component: string,
  entries: ComponentDefinition['entries'],
): void {
  for (const entry of entries) {
    if (entry.role !== 'rejected') continue
    requireServed(commanded, { component, role: 'rejected', domain: entry.domain })
  }
}

function requireServed(
  served: ReadonlySet<string>,
  details: { readonly component: string; readonly role: string; readonly domain: string },
): void {
  if (!served.has(details.domain)) throw unserved(details)
}

function unserved(details: Readonly<Record<string, string>>): CodedError {
  return codedError('WIRING_UNSERVED_DOMAIN', {
    details,
    hint: 'Register the component that serves this domain, or correct its name.',
  })
}
