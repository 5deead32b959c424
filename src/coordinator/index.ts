/** `amends/coordinator`: the embedded engine. */
export { openCoordinator } from './open-coordinator.ts'
export type {
  ComponentOptions,
  ComponentStatus,
  Coordinator,
  CoordinatorOptions,
  DirectClientOptions,
  LogLevel,
  LogSink,
  ProjectionReader,
  StartPosition,
} from './coordinator.ts'
export type {
  CoordinatorServices,
  StreamedEvent,
  SubscribeOptions,
  SynchronizedBook,
  TracePlace,
} from './coordinator-services.ts'
export type { CascadeOwner, Cascades, CascadeState } from './cascades.ts'
export { SequenceMismatchError } from './sequence-mismatch.ts'
export type { SequenceMismatchCode } from './sequence-mismatch.ts'
export type { Escalation, EscalationSender } from './escalation.ts'
export type { EditionDeletion } from './edition-deletion.ts'
export { httpCloudEvents } from './cloud-events/http-cloud-events.ts'
export type { HttpCloudEventsOptions } from './cloud-events/http-cloud-events.ts'
export { busCloudEvents } from './cloud-events/bus-cloud-events.ts'
export type { BusCloudEventsOptions } from './cloud-events/bus-cloud-events.ts'
export type { CloudEventSink, OutgoingCloudEvent } from './cloud-events/cloud-event-sink.ts'
export type { PayloadOptions } from './payloads/payload-options.ts'
export type { PayloadStore, SweepOptions } from './payloads/payload-store.ts'
export type { DeadLetter, DeadLetterFilter, DeadLetters, DeadLetterReason } from './dead-letters.ts'
export { createTelemetry, defaultTelemetry, processMetrics } from '../telemetry/telemetry.ts'
export type { Redact, RedactedField, Telemetry, TelemetryOptions } from '../telemetry/telemetry.ts'
export { MetricsRegistry } from '../telemetry/metrics-registry.ts'
