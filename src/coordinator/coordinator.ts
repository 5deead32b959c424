/** What `openCoordinator` answers: the engine of one process, embedded. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import type { Clock } from '../clock.ts'
import type { Component } from '../component/definition.ts'
import type { Position, Random } from '../identity.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { DomainClient } from '../client/domain-client.ts'
import type { CoordinatorServices } from './coordinator-services.ts'
import type { EditionDeletion } from './edition-deletion.ts'
import type { EscalationSender } from './escalation.ts'
import type { Cascades } from './cascades.ts'
import type { CloudEventSink } from './cloud-events/cloud-event-sink.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { PayloadOptions } from './payloads/payload-options.ts'
import type { LimitName } from '../limits.ts'
import type { MetricsRegistry } from '../telemetry/metrics-registry.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'

/** Where a component that is new to a ledger begins. */
export type StartPosition = 'beginning' | 'head' | { readonly after: Position }

/** Settings of one component, by its name. */
export type ComponentOptions = {
  /** Default: a projector at the beginning, a saga or process manager at the head. */
  readonly from?: StartPosition | undefined
  /** What becomes of a key whose message is exhausted. Default `park`. */
  readonly onExhausted?: 'park' | 'skip' | undefined
  /** Attempts, the first included. Default `limits.reactionAttemptsMax`. */
  readonly attempts?: number | undefined
  /** Of a projector: where its CloudEvents go. Default: `cloudEvents` of the coordinator. */
  readonly cloudEvents?: CloudEventSink | undefined
}

/** Options of `openCoordinator`. */
export type CoordinatorOptions = {
  /** A path, or an opened ledger. A ledger given by path is closed with the coordinator. */
  readonly ledger: string | Ledger
  readonly components: readonly Component[]
  /** Settings by component name. */
  readonly settings?: Readonly<Record<string, ComponentOptions | undefined>> | undefined
  /**
   * Domain that keeps `SagaCompensationFailed` for rejections nobody compensated.
   * Default `angzarr-saga-failures`.
   */
  readonly fallbackDomain?: string | undefined
  /**
   * Tells somebody of failed compensations whose aggregate asks for it. Default: the log, and
   * `escalationWebhookUrl`.
   */
  readonly escalate?: EscalationSender | undefined
  /** Where failed compensations are posted to as JSON. Default: nowhere. */
  readonly escalationWebhookUrl?: string | undefined
  /** Give client commands without a correlation id a version 4 UUID. Default true. */
  readonly generateCorrelationIds?: boolean | undefined
  /** Events between two snapshots where the component does not say. Default 1000; 0 is never. */
  readonly snapshotEvery?: number | undefined
  /** Bounds to change, by name; the rest stand as in `limits`. */
  readonly limits?: Partial<Readonly<Record<LimitName, number>>> | undefined
  /**
   * Where the CloudEvents go that projectors return. Default: nowhere, and a projector that returns
   * some halts.
   */
  readonly cloudEvents?: CloudEventSink | undefined
  /**
   * Where large events are kept instead of in the ledger file. Default: nowhere, all are in it. Once
   * a ledger has some, it is opened with this only.
   */
  readonly payloads?: PayloadOptions | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  /**
   * Takes spans and metrics; its redaction hook sees what is logged, too. Default: that of the
   * process, which tells OpenTelemetry when the program has registered it.
   */
  readonly telemetry?: Telemetry | undefined
  /** Takes one structured log record. Default: warnings and errors as JSON lines on stderr. */
  readonly log?: LogSink | undefined
}

/** Levels of log records, mildest first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Takes a log record; must not throw. */
export type LogSink = (
  level: LogLevel,
  event: string,
  fields: Readonly<Record<string, unknown>>,
) => void

/** How far a component is. */
export type ComponentStatus = {
  readonly name: string
  readonly kind: 'saga' | 'process_manager' | 'projector'
  /** Everything up to here is done, parked keys aside. */
  readonly position: Position
  /** Events of the log it has not looked at yet. */
  readonly lag: number
  readonly parkedKeys: number
  readonly state: 'running' | 'halted' | 'waiting-for-lease' | 'stopped'
}

/** Reads the rows that a projector keeps in the ledger. */
export interface ProjectionReader {
  get<S extends DescMessage>(schema: S, key: string): Promise<MessageShape<S> | undefined>
  /** All rows in the order of their keys. */
  all<S extends DescMessage>(
    schema: S,
  ): AsyncIterable<{ readonly key: string; readonly row: MessageShape<S> }>
}

/** What a client of this process may belong to. */
export type DirectClientOptions = {
  /**
   * The cascade that its commands belong to: what they bring about is pending, and seen by this
   * client alone, until the cascade is committed. Default: none.
   */
  readonly cascadeId?: string | undefined
}

/** The engine of one process. Disposing drains: what has begun ends, nothing new begins. */
export interface Coordinator extends AsyncDisposable {
  readonly ledger: Ledger
  /**
   * A client of one domain (Angzarr client: `DomainClient`) over a direct transport.
   *
   * @throws CodedError `CORRELATION_ID_INVALID` for an id of a cascade that cannot be one
   */
  client(domain: string, options?: DirectClientOptions): DomainClient
  /** Whether an aggregate of a domain takes commands of a type, by its full name. */
  serves(domain: string, type: string): boolean
  /** What is counted here, with its text for Prometheus. Shared by all that have this telemetry. */
  readonly metrics: MetricsRegistry
  /** Where its spans and metrics go. */
  readonly telemetry: Telemetry
  /** What the services of the contract answer beside what a client calls. */
  readonly services: CoordinatorServices
  /** Ends cascades, whose pages are pending until then. */
  readonly cascades: Cascades
  /** Deletes everything that a named edition owns. @throws CodedError `MAIN_TIMELINE_PROTECTED` */
  deleteEdition(deletion: EditionDeletion): Promise<void>
  /** Resolves when every component has done, parked or skipped all that is in the log by then. */
  settled(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** The read model of a projector. @throws CodedError `COMPONENT_UNKNOWN` */
  projection(name: string): ProjectionReader
  /** Starts a projection again from zero beside the old one and swaps when it has caught up. */
  rebuild(name: string): Promise<void>
  readonly deadLetters: DeadLetters
  status(): readonly ComponentStatus[]
  /** Names that have checkpoints in this ledger but no code here. */
  readonly orphans: readonly string[]
}
