/** The options of a manager, and of its calls, checked. */
import { checkCascadeId } from '../../coordinator/plan-names.ts'
import { codedError } from '../../errors.ts'
import { isUuid } from '../../identity.ts'
import { type LimitName, limits } from '../../limits.ts'
import { Executables } from '../runner/executables.ts'
import type { Bounds } from '../runner/executions.ts'
import type { SagaManagerOptions, StartSagaOptions } from './saga-manager.ts'

/** How long what has ended is kept: 30 days. */
const RETENTION_MS = 2_592_000_000

/**
 * Checks the options and fills them in.
 *
 * @throws CodedError `CONFIGURATION_INVALID`, `SAGA_DEFINITION_INVALID`, `SAGA_DEFINITION_DUPLICATE`
 */
export function checkOptions(options: SagaManagerOptions): {
  readonly executables: Executables
  readonly bounds: Bounds
  readonly retentionMs: number
} {
  const { ledger, definitions, retentionMs = RETENTION_MS } = options
  // Callers without types are told at once.
  const given: unknown = ledger
  if (
    (typeof given !== 'string' || given === '') &&
    (typeof given !== 'object' || given === null)
  ) {
    throw invalid('ledger', given, 'ledger is a path, or an opened ledger.')
  }
  if (!Array.isArray(definitions)) {
    throw invalid('definitions', definitions, 'definitions is a list of sagas and workflows.')
  }
  const { service = 'saga' } = options
  if (typeof service !== 'string' || service === '' || service.includes(',')) {
    throw invalid('service', service, 'The name of a service is a text without commas.')
  }
  if (!(retentionMs >= 0)) {
    throw invalid(
      'retentionMs',
      retentionMs,
      'retentionMs counts milliseconds; Infinity keeps all.',
    )
  }
  const executables = new Executables()
  for (const definition of definitions) executables.add(definition)
  return { executables, bounds: boundsOf(options.limits), retentionMs }
}

/**
 * Checks how an execution is started.
 *
 * @throws CodedError `SAGA_EXECUTION_ID_INVALID`, `CORRELATION_ID_INVALID`, `CONFIGURATION_INVALID`
 */
export function checkStart(options: StartSagaOptions): StartSagaOptions {
  const { id, correlationId, user } = options
  if (correlationId !== undefined) checkCorrelationId(correlationId)
  if (
    user !== undefined &&
    (typeof user !== 'string' || user.length > limits.idempotencyKeyLengthMax)
  ) {
    throw invalid('user', user, 'user names on whose behalf a saga runs.')
  }
  return { id: id === undefined ? undefined : checkId(id), correlationId, user }
}

/** The canonical form of an id: of UUIDs the lower-case one. @throws CodedError `SAGA_EXECUTION_ID_INVALID` */
export function checkId(id: string): string {
  const fits = typeof id === 'string' && id.length > 0 && id.length <= limits.executionIdLengthMax
  if (!fits || CONTROL.test(id)) {
    throw codedError('SAGA_EXECUTION_ID_INVALID', {
      details: { id: String(id).slice(0, 64), max: limits.executionIdLengthMax },
      hint: 'An id is a text of one line: a business key such as order-42, or a UUID.',
    })
  }
  return isUuid(id) ? id.toLowerCase() : id
}

/** The id of an isolated execution. @throws CodedError `SAGA_EXECUTION_ID_INVALID` */
export function checkTransactionId(id: string): void {
  try {
    checkCascadeId(id)
  } catch (cause) {
    const hint = 'The id of an isolated saga has letters, digits, _ and - alone.'
    throw codedError('SAGA_EXECUTION_ID_INVALID', { cause, details: { id }, hint })
  }
}

/** Checks one line of text. @throws CodedError `CONFIGURATION_INVALID` */
export function checkText(field: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid(field, value, `${field} is a text that is not empty.`)
}

/** An option that is not valid. */
export function invalid(field: string, value: unknown, hint: string): Error {
  const shown = typeof value === 'string' ? value.slice(0, 64) : typeof value
  const details = { field, got: typeof value === 'number' ? value : shown }
  return codedError('CONFIGURATION_INVALID', { details, hint })
}

function checkCorrelationId(id: string): void {
  const max = limits.correlationIdLengthMax
  if (typeof id === 'string' && id !== '' && id.length <= max && !CONTROL.test(id)) return
  throw codedError('CORRELATION_ID_INVALID', { details: { max } })
}

function boundsOf(changed: SagaManagerOptions['limits']): Bounds {
  const merged: Record<LimitName, number> = { ...limits }
  for (const [name, value] of Object.entries(changed ?? {})) {
    if (!Object.hasOwn(limits, name) || !Number.isSafeInteger(value) || value < 1) {
      throw invalid(
        name,
        value,
        'A bound is a positive whole number; its names are those of `limits`.',
      )
    }
  }
  Object.assign(merged, changed)
  const { leaseMs, leaseRenewalMs } = merged
  if (leaseRenewalMs >= leaseMs) {
    throw invalid('leaseRenewalMs', leaseRenewalMs, 'A lease is renewed before it runs out.')
  }
  return merged
}

// oxlint-disable-next-line no-control-regex -- what must not stand in a key is looked for.
const CONTROL = /[\u0000-\u001f\u007f]/
