/**
 * Where values leave a service and where they come in, a schema decides what may pass.
 *
 * 1. What travels is what the schema takes in: the sender checks it, the receiver gets what the
 *    schema makes of it.
 * 2. Protobuf messages travel in their JSON form.
 */
import {
  create,
  type DescMessage,
  fromJson,
  isMessage,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
  toJson,
} from '@bufbuild/protobuf'
import { codedError, type ErrorCode, messageOf } from '../../errors.ts'
import { isStandardSchema, issuesText, type StandardSchema } from './standard-schema.ts'

/** A schema of any library that speaks Standard Schema, or of a protobuf message. */
export type Schema = StandardSchema<unknown, unknown> | DescMessage

/** What a sender gives, under a schema. */
export type SentBy<S> = S extends DescMessage
  ? MessageInitShape<S>
  : S extends StandardSchema<infer Input, unknown>
    ? Input
    : never

/** What a receiver gets, under a schema. */
export type ReceivedBy<S> = S extends DescMessage
  ? MessageShape<S>
  : S extends StandardSchema<unknown, infer Output>
    ? Output
    : never

/** Both ways over a border. Both throw when the value may not pass. */
export type Border = {
  /** From what the sender gives to what travels. */
  readonly pack: (value: unknown) => unknown
  /** From what travels to what the receiver gets. */
  readonly unpack: (value: unknown) => unknown
}

/** Which code a refused value gets, and what the error says of it. */
export type BorderErrors = {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, string>>
}

/**
 * The border a schema draws.
 *
 * @throws CodedError `SAGA_OPTION_INVALID` for what is no schema; while passing, the code given
 */
export function borderOf(schema: Schema, errors: BorderErrors): Border {
  if (isStandardSchema(schema)) return standardBorder(schema, errors)
  if (isProtobufSchema(schema)) return protobufBorder(schema, errors)
  const hint = 'Give a Standard Schema (valibot, zod, ...) or the schema of a protobuf message.'
  throw codedError('SAGA_OPTION_INVALID', { details: { option: 'schema' }, hint })
}

function isProtobufSchema(value: unknown): value is DescMessage {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'message'
}

function standardBorder(schema: StandardSchema, errors: BorderErrors): Border {
  const check = (value: unknown, wanted: (output: unknown) => unknown): unknown => {
    const result = schema['~standard'].validate(value)
    if (result instanceof Promise) {
      return result.then((later) => wanted(passed(later.issues, errors, later)))
    }
    return wanted(passed(result.issues, errors, result))
  }
  return {
    pack: (value) => check(value, () => value),
    unpack: (value) => check(value, (output) => output),
  }
}

function passed(
  issues: Parameters<typeof issuesText>[0] | undefined,
  { code, details }: BorderErrors,
  result: object,
): unknown {
  if (issues === undefined) return 'value' in result ? result.value : undefined
  throw codedError(code, { details: { ...details, issues: issuesText(issues) } })
}

function protobufBorder(schema: DescMessage, errors: BorderErrors): Border {
  const guarded = (pass: () => unknown): unknown => {
    try {
      return pass()
    } catch (cause) {
      const details = { ...errors.details, type: schema.typeName, issues: messageOf(cause) }
      throw codedError(errors.code, { details, cause })
    }
  }
  return {
    // What is no initializer of the message is refused when its JSON form is made.
    pack: (value) =>
      guarded(() => toJson(schema, create(schema, value as MessageInitShape<DescMessage>))),
    unpack: (value) =>
      guarded(() => (isMessage(value, schema) ? value : fromJson(schema, value as JsonValue))),
  }
}
