/** Which messages hold a `google.protobuf.Any`, and where; maps are not looked into. */
import type { DescField, DescMessage } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'

/** The message type of a field or of its list's items; `undefined` for every other field. */
export function messageIn(field: DescField): DescMessage | undefined {
  if (field.fieldKind === 'message') return field.message
  return field.fieldKind === 'list' && field.listKind === 'message' ? field.message : undefined
}

/** Well-known types whose JSON is no object of their fields. */
const OWN_JSON: ReadonlySet<string> = new Set(
  (
    'Any Duration FieldMask ListValue Struct Timestamp Value BoolValue BytesValue DoubleValue ' +
    'FloatValue Int32Value Int64Value StringValue UInt32Value UInt64Value'
  )
    .split(' ')
    .map((name) => `google.protobuf.${name}`),
)

/** Whether a message packed into an `Any` stands under `value` in its JSON. */
export function hasOwnJson({ typeName }: DescMessage): boolean {
  return OWN_JSON.has(typeName)
}

const answers = new WeakMap<DescMessage, boolean>()

/** Whether a message is an `Any`, or holds one somewhere. */
export function holdsAny(schema: DescMessage): boolean {
  let answer = answers.get(schema)
  if (answer === undefined) {
    answer = leadsToAny(schema, new Set())
    answers.set(schema, answer)
  }
  return answer
}

function leadsToAny(schema: DescMessage, seen: Set<DescMessage>): boolean {
  if (schema.typeName === AnySchema.typeName) return true
  if (seen.has(schema)) return false
  seen.add(schema)
  return schema.fields.some((field) => {
    const inner = messageIn(field)
    return inner !== undefined && leadsToAny(inner, seen)
  })
}
