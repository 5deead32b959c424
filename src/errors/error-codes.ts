/** Codes, messages and detail keys by name (Angzarr client: `error_codes`). */
import { type ErrorCode, errorTable } from '../errors.ts'

/** Every code under its own name. */
export type ErrorCodes = { readonly [C in ErrorCode]: C }

/** The message of every code. */
export type ErrorMessages = { readonly [C in ErrorCode]: (typeof errorTable)[C]['message'] }

const detailKeys = {
  FIELD: 'field',
  CONTEXT: 'context',
  CAUSE: 'cause',
  ENDPOINT: 'endpoint',
  INPUT: 'input',
  EXPECTED: 'expected',
  ACTUAL: 'actual',
  EXPECTED_KIND: 'expected_kind',
  DOMAIN: 'domain',
  TYPE_URL: 'type_url',
  ROUTER_NAME: 'router_name',
  HANDLER_CLASS: 'handler_class',
  HANDLER_KIND: 'handler_kind',
  ACTUAL_RETURN_TYPE: 'actual_return_type',
  ENV_VAR: 'env_var',
  OTHER_KIND: 'other_kind',
} as const

const names = Object.keys(errorTable) as ErrorCode[]

/**
 * What programs compare: `errorCodes.codes.UNKNOWN_DOMAIN`, the fixed texts in
 * `errorCodes.messages`, the keys of `details` in `errorCodes.keys`.
 */
export const errorCodes: {
  readonly codes: ErrorCodes
  readonly messages: ErrorMessages
  readonly keys: typeof detailKeys
} = Object.freeze({
  // The table has exactly the codes as its keys, which `fromEntries` cannot express.
  codes: Object.freeze(Object.fromEntries(names.map((code) => [code, code]))) as ErrorCodes,
  messages: Object.freeze(
    Object.fromEntries(names.map((code) => [code, errorTable[code].message])),
  ) as ErrorMessages,
  keys: Object.freeze(detailKeys),
})
