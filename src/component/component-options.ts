/** The options of each kind of component, and what is checked where they are declared. */
import type { StateArgument } from './checked-methods.ts'
import type { ComponentKind } from './definition.ts'
import { declarationError } from './errors.ts'

/** Options of an aggregate (Angzarr client: `command_handler`). */
export type CommandHandlerOptions<S extends StateArgument = StateArgument> = {
  readonly domain: string
  /** A message schema, or a class that can be made without arguments. */
  readonly state: S
  /**
   * Whether concurrent commands that change different fields may both succeed. Default false.
   * Needs a message schema as state when the component is remote.
   */
  readonly supportsReplay?: boolean | undefined
  /** Events between two snapshots; 0 means never. Default: what the coordinator is set to. */
  readonly snapshotEvery?: number | undefined
}

/** Options of a saga (Angzarr client: `saga`). */
export type SagaOptions = {
  readonly name: string
  /** Domain whose events it translates. */
  readonly source: string
  /** Domain of the commands it emits. */
  readonly target: string
  /** Whether the target must be reachable for this saga to be ready. Default false. */
  readonly sync?: boolean | undefined
}

/** Options of a process manager (Angzarr client: `process_manager`). */
export type ProcessManagerOptions<S extends StateArgument = StateArgument> = {
  readonly name: string
  /** Domain of its own state. */
  readonly pmDomain: string
  /** Domains whose events trigger it. */
  readonly sources: readonly string[]
  /** Domains of the commands it emits. */
  readonly targets: readonly string[]
  readonly state: S
  /** The targets that must be reachable for it to be ready. Default none. */
  readonly syncTargets?: readonly string[] | undefined
}

/** Options of a projector (Angzarr client: `projector`). */
export type ProjectorOptions = {
  readonly name: string
  /** Domains it follows; `*` stands for all. */
  readonly domains: readonly string[]
  /** Editions it follows besides the main timeline. Default none. */
  readonly editions?: readonly string[] | undefined
}

/** Options of an upcaster (Angzarr client: `upcaster`). */
export type UpcasterOptions = {
  readonly name: string
  /** Domain whose events it renews. */
  readonly domain: string
}

/** Kind and options, as they were declared. */
export type DeclaredOptions =
  | { readonly kind: 'command_handler'; readonly options: CommandHandlerOptions }
  | { readonly kind: 'saga'; readonly options: SagaOptions }
  | { readonly kind: 'process_manager'; readonly options: ProcessManagerOptions }
  | { readonly kind: 'projector'; readonly options: ProjectorOptions }
  | { readonly kind: 'upcaster'; readonly options: UpcasterOptions }

/** Names of the contract beside ours; errors use the contract's. */
const required: Readonly<Record<ComponentKind, Readonly<Record<string, string>>>> = {
  command_handler: { domain: 'domain', state: 'state' },
  saga: { name: 'name', source: 'source', target: 'target' },
  process_manager: {
    name: 'name',
    pmDomain: 'pm_domain',
    sources: 'sources',
    targets: 'targets',
    state: 'state',
  },
  projector: { name: 'name', domains: 'domains' },
  upcaster: { name: 'name', domain: 'domain' },
}

/**
 * Checks what can be checked before anything else is known of the component; the rest is checked
 * when it is built.
 *
 * @throws CodedError `COMPONENT_OPTION_INVALID`
 */
export function checkOptions(declared: DeclaredOptions): void {
  const { kind, options } = declared
  const given: Readonly<Record<string, unknown>> = options
  for (const [name, field] of Object.entries(required[kind])) {
    if (given[name] === undefined) throw invalid(kind, field, `The option ${name} is required.`)
  }
  switch (kind) {
    case 'command_handler':
      checkCadence(options)
      return
    case 'process_manager':
      checkSyncTargets(options)
      return
    case 'saga':
    case 'projector':
    case 'upcaster':
  }
}

function checkCadence({ snapshotEvery }: CommandHandlerOptions): void {
  if (snapshotEvery === undefined) return
  if (Number.isSafeInteger(snapshotEvery) && snapshotEvery >= 0) return
  throw invalid(
    'command_handler',
    'snapshot_every',
    'snapshotEvery counts events: a whole number, 0 for never.',
  )
}

function checkSyncTargets({ syncTargets, targets }: ProcessManagerOptions): void {
  const stranger = syncTargets?.find((domain) => !targets.includes(domain))
  if (stranger === undefined) return
  throw invalid('process_manager', 'sync_targets', 'syncTargets are some of the targets.', stranger)
}

function invalid(kind: ComponentKind, field: string, hint: string, input?: string): Error {
  const details = { handler_kind: kind, field, ...(input === undefined ? {} : { input }) }
  return declarationError('COMPONENT_OPTION_INVALID', details, hint)
}
