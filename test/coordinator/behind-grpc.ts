/**
 * A shop whose coordinator is served on a Unix socket and whose components are elsewhere: they dial
 * in, or are served at an address of their own. What is asked of the shop travels over the wire; the
 * ledger, and when all is settled, are looked at past it.
 *
 * Projectors stay with the coordinator when their rows lie in its ledger.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DomainClient } from '../../src/client/domain-client.ts'
import { openChannel } from '../../src/client/grpc/open-channel.ts'
import type { Clock } from '../../src/clock.ts'
import type { Component, ComponentDefinition } from '../../src/component/definition.ts'
import { readDefinition } from '../../src/component/definition-of.ts'
import type { Coordinator } from '../../src/coordinator/coordinator.ts'
import { addressLink } from '../../src/coordinator/services/remote/component-link.ts'
import {
  type RemoteComponent,
  remoteComponent,
} from '../../src/coordinator/services/remote/remote-component.ts'
import { sessionDesk } from '../../src/coordinator/services/remote/session-desk.ts'
import { serveCoordinator } from '../../src/coordinator/services/serve-coordinator.ts'
import { startComponentHost } from '../../src/host/component-host.ts'
import { dialComponents } from '../../src/host/session/dial-components.ts'
import { declarationOf } from '../serve/reached-components.ts'
import type { Reach } from './twice.ts'
import { wireCalls } from './wire-calls.ts'

const quiet = { logger: () => undefined, environment: {} } as const

/** Opens one. `open` opens the coordinator with the components as it sees them. */
export async function behindGrpc<C extends Coordinator>(
  components: readonly Component[],
  options: { readonly reach: Reach; readonly clock?: Clock | undefined },
  open: (components: readonly ComponentDefinition[]) => Promise<C>,
): Promise<C> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'amends-grpc-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const definitions = components.map(readDefinition)
  const here = definitions.filter(staysHere)
  const away = definitions.filter((definition) => !staysHere(definition))
  const desk = sessionDesk()
  const reached =
    options.reach === 'by session'
      ? away.map((one) => remoteComponent(declared(one), desk.link(one.kind, nameOf(one))))
      : await Promise.all(away.map((one, at) => atAddress(one, join(folder, `${at}.sock`), stack)))
  const coordinator = stack.use(await open(inOrder(definitions, here, away, reached)))
  const server = await serveCoordinator({
    coordinator,
    closesCoordinator: true,
    listen: join(folder, 'coordinator.sock'),
    sessions: desk,
    logger: quiet.logger,
  })
  const [endpoint = ''] = server.addresses
  if (options.reach === 'by session') await dialIn(endpoint, away, stack)
  // The coordinator ends while its components are still there.
  stack.defer(() => server.stop({ graceMs: 0 }))
  const channel = stack.use(await openChannel(endpoint))
  const asked = await wireCalls(channel)
  const { clock } = options
  const kept = stack.move()
  return {
    ...coordinator,
    ...asked,
    // The wire has no call that reaps.
    cascades: { ...asked.cascades, reap: () => coordinator.cascades.reap() },
    client: (domain: string) => DomainClient.fromChannel(channel, { domain, clock }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** A component behind the unary services of an address. */
async function atAddress(
  definition: ComponentDefinition,
  path: string,
  stack: AsyncDisposableStack,
): Promise<ComponentDefinition> {
  const host = await startComponentHost({
    ...quiet,
    address: `unix:${path}`,
    components: [definition],
  })
  stack.defer(() => host.stop({ graceMs: 0 }))
  const link = await addressLink(host.address)
  stack.defer(() => link.close())
  return remoteComponent(declared(definition), link)
}

async function dialIn(
  endpoint: string,
  away: readonly ComponentDefinition[],
  stack: AsyncDisposableStack,
): Promise<void> {
  if (away.length === 0) return
  const backoff = { delayMs: () => 1 }
  const dialled = await dialComponents({ ...quiet, backoff, endpoint, components: away })
  stack.use(dialled)
  await dialled.connected
}

/** The components in the order in which they were given, which is the order they are wired in. */
function inOrder(
  all: readonly ComponentDefinition[],
  here: readonly ComponentDefinition[],
  away: readonly ComponentDefinition[],
  reached: readonly ComponentDefinition[],
): readonly ComponentDefinition[] {
  return all.flatMap((one) =>
    here.includes(one) ? [one] : reached.slice(away.indexOf(one)).slice(0, 1),
  )
}

function staysHere({ kind }: ComponentDefinition): boolean {
  return kind === 'projector'
}

/** What is declared of a component elsewhere, its cadence of snapshots among it. */
function declared(definition: ComponentDefinition): RemoteComponent {
  const declaration = declarationOf(definition)
  if (declaration.kind !== 'command_handler' || definition.kind !== 'command_handler') {
    return declaration
  }
  const { snapshotEvery = 0 } = definition
  return snapshotEvery === 0 ? declaration : { ...declaration, pagesPerFold: snapshotEvery }
}

function nameOf(definition: ComponentDefinition): string {
  return definition.kind === 'command_handler' ? definition.domain : definition.name
}
