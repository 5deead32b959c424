/** The components of a served coordinator: those of this process, and the ways to all others. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Component, ComponentDefinition } from '../component/definition.ts'
import { definitionOf } from '../component/definition-of.ts'
import { addressLink, type ComponentLink } from '../coordinator/services/remote/component-link.ts'
import { nameOfRemote, remoteComponent } from '../coordinator/services/remote/remote-component.ts'
import { type SessionDesk, sessionDesk } from '../coordinator/services/remote/session-desk.ts'
import { codedError, messageOf } from '../errors.ts'
import type { DeclaredComponent, ServeConfig } from './serve-config.ts'

/** See the top of this file; disposing lets go of the ways. */
export type ServedComponents = AsyncDisposable & {
  readonly components: readonly Component[]
  /** Where components dial in; `undefined` when none does. */
  readonly desk: SessionDesk | undefined
  /** Domains that commands can be sent to. */
  readonly domains: readonly string[]
}

/** Loads the modules, opens the ways. @throws CodedError `CONFIGURATION_INVALID`; as `addressLink` */
export async function servedComponents(
  config: ServeConfig,
  calls: { readonly timeoutMs: number; readonly waitMs: number },
): Promise<ServedComponents> {
  const links: ComponentLink[] = []
  const close = async (): Promise<void> => {
    await Promise.all(links.map((link) => link.close()))
  }
  try {
    const desk = config.components.some(dialsIn) ? sessionDesk() : undefined
    const definitions: ComponentDefinition[] = []
    for (const declared of config.components) {
      const { component, address } = declared
      const link =
        address === undefined
          ? desk?.link(component.kind, nameOfRemote(component))
          : await addressLink(address)
      if (link === undefined) continue
      links.push(link)
      const timeoutMs = component.timeoutMs ?? calls.timeoutMs
      const waitMs = component.waitMs ?? calls.waitMs
      definitions.push(remoteComponent({ ...component, timeoutMs, waitMs }, link))
    }
    for (const path of config.modules) {
      for (const component of await componentsIn(config.folder, path)) {
        definitions.push(definitionOf(component))
      }
    }
    const domains = definitions.flatMap((one) =>
      one.kind === 'command_handler' ? [one.domain] : [],
    )
    return { components: definitions, desk, domains, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

function dialsIn({ address }: DeclaredComponent): boolean {
  return address === undefined
}

async function componentsIn(folder: string, path: string): Promise<readonly Component[]> {
  const file = resolve(folder, path)
  let found: unknown
  try {
    found = await import(pathToFileURL(file).href)
  } catch (cause) {
    throw moduleError(path, messageOf(cause), cause)
  }
  if (typeof found === 'object' && found !== null && 'components' in found) {
    const { components } = found
    // What is in the list is checked when its definition is read.
    if (Array.isArray(components)) return components as readonly Component[]
  }
  throw moduleError(path, 'it exports no list named components')
}

function moduleError(module: string, why: string, cause?: unknown): Error {
  const details = { module, cause: why }
  const hint = 'A module exports its components as a list: export const components = [...].'
  return codedError('CONFIGURATION_INVALID', { details, hint, cause })
}
