/** `amends/workflow`: compensating workflows and the primitives they are made of. */

// Compensation.
export { CompensationPrimitive } from './compensation-primitive.ts'
export type { CompensationPrimitiveConstructor } from './compensation-primitive.ts'
export { compensating } from './compensating.ts'
export type { CompensatingBuilder, CompensatingStart, RetriableBuilder } from './compensating.ts'
export type {
  CompensatingOptions,
  CompensationFailure,
  RegisteredUndo,
  RegisteredUndoInfo,
} from './compensation-options.ts'
export type {
  CompensationFunction,
  CompensationInfo,
  Compensator,
  FailedStepInfo,
  FailedStepUndo,
  Step,
  StepObject,
  StepPair,
  StepRetry,
  Steps,
} from './compensation-step.ts'
export type { AnyStep, AnyStepObject, AnyStepPair } from './planned-steps.ts'
export { CompensationError } from './compensation-error.ts'
export { reportOf } from './compensation-report.ts'
export type {
  CompensationReport,
  ReportStatus,
  CompensationStepReport,
} from './compensation-report.ts'
export type { Execution } from './run-in-memory.ts'

// The context.
export { WorkflowContext } from './workflow-context.ts'
export type { SerializedContext, UndoFunction } from './workflow-context.ts'
export type { Checkpoint, WorkflowContextInit } from './context-run.ts'

// Primitives.
export type { Operation, OperationFunction, Primitive } from './primitive.ts'
export {
  InstrumentedPrimitive,
  parallel,
  ParallelPrimitive,
  sequential,
  SequentialPrimitive,
  WorkflowPrimitive,
} from './workflow-primitive.ts'
export type { ParallelOptions } from './workflow-primitive.ts'
export { fromFunction, FunctionPrimitive, observed } from './function-primitive.ts'
export { pipe } from './pipe.ts'
export { retry, RetryPrimitive } from './retry-primitive.ts'
export type { RetryOptions } from './retry-primitive.ts'
export { RetryStrategy } from './retry-strategy.ts'
export type { Backoff, RetryStrategyOptions } from './retry-strategy.ts'
export { timeout, TimeoutPrimitive } from './timeout-primitive.ts'
export type { TimeoutOptions, TimeoutRecord } from './timeout-primitive.ts'
export { WorkflowTimeoutError } from './workflow-timeout-error.ts'
export { fallback, fallbackErrorsOf, FallbackPrimitive } from './fallback-primitive.ts'
export type { FallbackOptions } from './fallback-primitive.ts'
export { conditional, ConditionalPrimitive } from './conditional-primitive.ts'
export type { BranchCondition } from './branch-condition.ts'
export { switchOn, SwitchPrimitive } from './switch-primitive.ts'
export type { SwitchOptions } from './switch-primitive.ts'
export { route, RouterPrimitive } from './router-primitive.ts'
export type {
  RouteInput,
  RouteOutput,
  RouteRecord,
  RouteOptions,
  Routes,
} from './router-primitive.ts'
export {
  circuitBreaker,
  CircuitBreakerPrimitive,
  CircuitOpenError,
} from './circuit-breaker-primitive.ts'
export type { CircuitBreakerOptions, CircuitState } from './circuit-breaker-primitive.ts'
export { cache, CachePrimitive } from './cache-primitive.ts'
export type { CacheOptions, CacheStats } from './cache-primitive.ts'
export { InMemoryBackend } from './cache-backend.ts'
export type { CacheBackend, Cached } from './cache-backend.ts'
export { classifyError, isTransient } from './classify-error.ts'
export type { ErrorCategory, ErrorSeverity } from './classify-error.ts'

// Refusals: what is not worth another try.
export { refuse, RefusedError } from '../machine/refusal.ts'
export type { RefusalOptions } from '../machine/refusal.ts'

// Observability.
export { createTelemetry, defaultTelemetry, processMetrics } from '../telemetry/telemetry.ts'
export type { Redact, RedactedField, Telemetry, TelemetryOptions } from '../telemetry/telemetry.ts'
export { recordTelemetry } from '../telemetry/recorded-telemetry.ts'
export type { RecordedSpan, RecordedTelemetry } from '../telemetry/recorded-telemetry.ts'
export { MetricsRegistry } from '../telemetry/metrics-registry.ts'
export { SECONDS } from '../telemetry/metric.ts'
export type {
  ExportedName,
  HistogramDeclaration,
  Labels,
  MetricDeclaration,
} from '../telemetry/metric.ts'
export type { Gauge, GaugeReading } from '../telemetry/gauge.ts'
export type { GaugeInstrument, Meter, Observed } from '../telemetry/metering.ts'
export type {
  Counter,
  CounterSeries,
  Histogram,
  HistogramSeries,
} from '../telemetry/metrics-registry.ts'
export type { LogEvent, EventLevel, EventSink } from '../telemetry/log-event.ts'
export type {
  Attributes,
  RemoteParent,
  Span,
  SpanError,
  TraceParent,
  Tracer,
} from '../telemetry/tracing.ts'
