/** The text of the code that reads messages of one type; see `decode-message.ts` for what it does. */
import { DEPTH_MAX } from './decode-message.ts'
import {
  type FieldPlan,
  LIST,
  MAP,
  MESSAGE,
  MESSAGE_LIST,
  type MessagePlan,
  ONEOF,
  ONEOF_MESSAGE,
  PACKED,
  WRAPPER,
} from './message-plan.ts'
import * as type from './scalar-type.ts'
import { kindOf, OWN_GROUP, OWN_LIST, OWN_MAP, SHARED } from './zero-message.ts'

/** A function `read(r, end)`; plans of children are read through the tags of `plan`. */
export function decoderText(plan: MessagePlan): string {
  const names = Object.keys(plan.template)
  const kinds = names.map((name) => kindOf(plan.template[name]))
  const short = plan.byTag.filter((field) => field !== undefined)
  const long = [...plan.byLongTag.values()]
  const all = [...short, ...long]
  // The constructor makes room for properties that come later, which an object literal does not.
  return `${names.map((name, i) => `const z${i} = plan.template[${JSON.stringify(name)}]`).join('\n')}
${all.map((field) => childText(field)).join('\n')}
function Message() {
${names.map((name, i) => `this[${JSON.stringify(name)}] = ${zeroText(kinds[i] ?? SHARED, i)}`).join('\n')}
}
Message.prototype = Object.prototype
function read(r, end) {
  if (++r.depth > ${DEPTH_MAX}) throw NOT_PLAIN
  const m = new Message()
  while (r.pos < end) {
    const tag = r.buf[r.pos++]
    switch (tag) {
${short.map((field) => caseText(field)).join('\n')}
      default: ${long.length === 0 ? 'throw NOT_PLAIN' : longText(long)}
    }
  }
  if (r.pos !== end) throw NOT_PLAIN
  r.depth--
${names.map((name, i) => ownText(kinds[i] ?? SHARED, `m[${JSON.stringify(name)}]`)).join('\n')}
  return m
}`
}

function childText({ tag, child }: FieldPlan): string {
  if (child === undefined) return ''
  const from = tag < 128 ? `plan.byTag[${tag}]` : `plan.byLongTag.get(${tag})`
  return `const r${tag} = ${from}.child`
}

/** Lists, maps and groups are made when something comes, or at the end. */
function zeroText(kind: number, index: number): string {
  return kind === SHARED ? `z${index}` : 'undefined'
}

function ownText(kind: number, property: string): string {
  switch (kind) {
    case OWN_LIST:
      return `if (${property} === undefined) ${property} = []`
    case OWN_MAP:
      return `if (${property} === undefined) ${property} = {}`
    case OWN_GROUP:
      return `if (${property} === undefined) ${property} = { case: undefined }`
    default:
      return ''
  }
}

function longText(fields: readonly FieldPlan[]): string {
  return `{
      if (!(tag > 127)) throw NOT_PLAIN
      r.pos--
      switch (r.uint32()) {
${fields.map((field) => caseText(field)).join('\n')}
        default: throw NOT_PLAIN
      }
    }`
}

function caseText(field: FieldPlan): string {
  return `case ${field.tag}: { ${fieldText(field, `m[${JSON.stringify(field.name)}]`)}; break }`
}

function fieldText(field: FieldPlan, property: string): string {
  const message = `r${field.tag}.read(r, r.extent(end))`
  const name = JSON.stringify(field.caseName)
  const once = `if (${property} !== undefined) throw NOT_PLAIN`
  switch (field.shape) {
    case MESSAGE:
      return `${once}; ${property} = ${message}`
    case WRAPPER:
      return `${once}; ${property} = ${message}.value`
    case ONEOF:
      return `${property} = { case: ${name}, value: ${scalarText(field.scalar, 'end')} }`
    case ONEOF_MESSAGE:
      return `if (${property} !== undefined && ${property}.case === ${name}) throw NOT_PLAIN
${property} = { case: ${name}, value: ${message} }`
    case MESSAGE_LIST:
      return listText(field, property, message)
    case LIST:
      return listText(field, property, scalarText(field.scalar, 'end'))
    case PACKED:
      return `const until = r.extent(end)
const list = ${property} === undefined ? (${property} = []) : ${property}
while (r.pos < until) list.push(${scalarText(field.scalar, 'until')})
if (r.pos !== until) throw NOT_PLAIN`
    case MAP:
      return mapText(field, property)
    default:
      return `${property} = ${scalarText(field.scalar, 'end')}`
  }
}

/** The items of a list mostly stand together. */
function listText(field: FieldPlan, property: string, item: string): string {
  if (field.tag > 127)
    return `(${property} === undefined ? (${property} = []) : ${property}).push(${item})`
  return `let list = ${property}
if (list === undefined) list = ${property} = [${item}]
else list.push(${item})
while (r.pos < end && r.buf[r.pos] === ${field.tag}) { r.pos++; list.push(${item}) }`
}

function mapText(field: FieldPlan, property: string): string {
  const key = 8 | type.wireTypeOf(field.key)
  const value = 16 | (field.child === undefined ? type.wireTypeOf(field.scalar) : type.WIRE_LENGTH)
  const read =
    field.child === undefined
      ? scalarText(field.scalar, 'until')
      : `r${field.tag}.read(r, r.extent(until))`
  return `const until = r.extent(end)
if (r.uint32() !== ${key}) throw NOT_PLAIN
const key = String(${scalarText(field.key, 'until')})
if (r.uint32() !== ${value}) throw NOT_PLAIN
const value = ${read}
if (r.pos !== until || key === '__proto__') throw NOT_PLAIN
if (${property} === undefined) ${property} = {}
${property}[key] = value`
}

function scalarText(scalar: number, end: string): string {
  switch (scalar) {
    case type.STRING:
      return `r.string(${end})`
    case type.NAME:
      return `r.name(${end})`
    case type.BYTES:
      return `r.bytes(${end})`
    case type.UINT32:
      return 'r.uint32()'
    case type.INT32:
      return '(r.uint32() | 0)'
    case type.BOOL:
      return 'r.bool()'
    case type.INT64:
      return 'r.int64()'
    case type.UINT64:
      return 'r.uint64()'
    default:
      return `readScalar(r, ${scalar}, ${end})`
  }
}
