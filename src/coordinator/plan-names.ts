/** The rules for names that come from outside (P10). Pure; each throws one coded error. */
import { codedError, type CodedError, type ErrorCode } from '../errors.ts'
import { limits } from '../limits.ts'
import { isMainEdition } from '../wire/cover.ts'

const DOMAIN = /^[a-z_][a-z0-9_-]*$/
const COMPONENT = /^[a-z][a-z0-9_-]*$/
const EDITION = /^[a-z][a-z0-9_-]*$/
const CORRELATION = /^[A-Za-z0-9_-]*$/
// Printable ASCII: a key must look the same in a log, a header and a database.
const KEY = /^[\x21-\x7e]+$/

/** @throws CodedError `DOMAIN_INVALID` */
export function checkDomain(name: string): void {
  if (name.length === 0) throw invalid('DOMAIN_INVALID', name, 'domain name cannot be empty')
  if (name.length > limits.domainLengthMax) {
    throw invalid('DOMAIN_INVALID', name, 'domain name exceeds maximum length')
  }
  if (!DOMAIN.test(name)) throw invalid('DOMAIN_INVALID', name, characters(name, 'domain name'))
}

/** A domain a client may address. @throws CodedError `DOMAIN_INVALID`, `DOMAIN_RESERVED` */
export function checkClientDomain(name: string): void {
  checkDomain(name)
  if (name.startsWith('_')) throw codedError('DOMAIN_RESERVED', { details: { domain: name } })
}

/** @throws CodedError `COMPONENT_NAME_INVALID` */
export function checkComponentName(name: string): void {
  const fault =
    name.length === 0
      ? 'component name cannot be empty'
      : name.length > limits.componentNameLengthMax
        ? 'component name exceeds maximum length'
        : COMPONENT.test(name)
          ? undefined
          : characters(name, 'component name')
  if (fault !== undefined) throw invalid('COMPONENT_NAME_INVALID', name, fault)
}

/** The canonical spelling of an edition; '' is the main timeline. @throws CodedError `EDITION_INVALID` */
export function checkEdition(name: string): string {
  if (isMainEdition(name)) return ''
  if (name.length > limits.editionLengthMax) {
    throw invalid('EDITION_INVALID', name, 'edition name exceeds maximum length')
  }
  if (!EDITION.test(name)) throw invalid('EDITION_INVALID', name, characters(name, 'edition name'))
  return name
}

/** @throws CodedError `CORRELATION_ID_INVALID` */
export function checkCorrelationId(id: string): void {
  if (id.length > limits.correlationIdLengthMax) {
    throw invalid('CORRELATION_ID_INVALID', id, 'correlation_id exceeds maximum length')
  }
  if (!CORRELATION.test(id)) {
    const fault = 'correlation_id contains invalid characters (allowed: a-zA-Z0-9_-)'
    throw invalid('CORRELATION_ID_INVALID', id, fault)
  }
}

/** @throws CodedError `IDEMPOTENCY_KEY_INVALID` */
export function checkIdempotencyKey(key: string): void {
  if (key.length > limits.idempotencyKeyLengthMax || !KEY.test(key)) {
    const fault = `1 to ${limits.idempotencyKeyLengthMax} printable characters`
    throw invalid('IDEMPOTENCY_KEY_INVALID', key, fault)
  }
}

/** The id of a cascade: as a correlation id, but never empty. @throws CodedError `CORRELATION_ID_INVALID` */
export function checkCascadeId(id: string): void {
  if (id === '') throw invalid('CORRELATION_ID_INVALID', id, 'cascade_id cannot be empty')
  checkCorrelationId(id)
}

function characters(name: string, subject: string): string {
  return /^[a-z_]/.test(name)
    ? `${subject} contains invalid characters (allowed: a-z, 0-9, _, -)`
    : `${subject} must start with lowercase letter`
}

function invalid(code: ErrorCode, input: string, cause: string): CodedError {
  return codedError(code, { details: { input: input.slice(0, 200), cause } })
}
