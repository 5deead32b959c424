/** The text of the code that writes messages of one type; see `encode-message.ts` for what it does. */
import {
  type FieldPlan,
  FOREIGN,
  FOREIGN_LIST,
  FOREIGN_MAP,
  IMPLICIT,
  IMPLICIT_BYTES,
  IMPLICIT_FLOAT,
  LIST,
  MAP,
  MESSAGE,
  MESSAGE_LIST,
  type MessagePlan,
  ONEOF,
  ONEOF_MESSAGE,
  OPTIONAL,
  PACKED,
  WRAPPER,
} from './message-plan.ts'
import * as type from './scalar-type.ts'

/** A function `write(message, w)`; the plans of children are `c0`, `c1`, and of cases `c2_0`. */
export function encoderText(plan: MessagePlan): string {
  const guesses: string[] = []
  const body = plan.fields.map((field, i) => fieldText(field, `c${i}`, guesses))
  return `${guesses.map((guess) => `let ${guess} = 1`).join('\n')}
function write(m, w) {
  if (m.$typeName !== ${JSON.stringify(plan.typeName)} || m.$unknown !== undefined) throw NOT_PLAIN
  let v
${body.join('\n')}
}`
}

function fieldText(field: FieldPlan, child: string, guesses: string[]): string {
  const load = `v = m[${JSON.stringify(field.name)}]`
  switch (field.shape) {
    case IMPLICIT:
      return `${load}\nif (v !== ${literal(field.zero)}) { ${taggedText(field)} }`
    case IMPLICIT_FLOAT:
      return `${load}\nif (v !== 0 || Object.is(v, -0)) { ${taggedText(field)} }`
    case IMPLICIT_BYTES:
      return `${load}\nif (!(v instanceof Uint8Array) || v.length > 0) { ${taggedText(field)} }`
    case OPTIONAL:
      return `${load}\nif (v !== undefined) { ${taggedText(field)} }`
    case MESSAGE:
      return `${load}\nif (v !== undefined) { ${messageText(field, child, 'v', guesses)} }`
    case WRAPPER: {
      const wrapped = `{ $typeName: ${JSON.stringify(field.child?.typeName)}, value: v }`
      return `${load}\nif (v !== undefined) { ${messageText(field, child, wrapped, guesses)} }`
    }
    case ONEOF:
      return `${load}\n${groupText(field, child, guesses)}`
    case LIST:
      return `${load}\n${IS_LIST}\n${LOOP} { const v = list[i]; ${taggedText(field)} }`
    case PACKED: {
      const items = `${LOOP} { const v = list[i]; ${scalarText(field.scalar)} }`
      return `${load}\n${IS_LIST}\nif (v.length > 0) { ${openText(field, child, guesses)}
${items}
${closeText(child)} }`
    }
    case MESSAGE_LIST:
      return `${load}\n${IS_LIST}\n${LOOP} { ${messageText(field, child, 'list[i]', guesses)} }`
    case MAP:
      return `${load}\n${mapText(field, child, guesses)}`
    case FOREIGN:
      return `if (m[${JSON.stringify(field.name)}] !== undefined) throw NOT_PLAIN`
    case FOREIGN_LIST:
      return `${load}\nif (!Array.isArray(v) || v.length > 0) throw NOT_PLAIN`
    case FOREIGN_MAP:
      return `${load}\nif (Object.keys(v).length > 0) throw NOT_PLAIN`
    default:
      return 'throw NOT_PLAIN'
  }
}

const IS_LIST = 'if (!Array.isArray(v)) throw NOT_PLAIN'
const LOOP = 'for (let i = 0, list = v; i < list.length; i++)'

function groupText(group: FieldPlan, child: string, guesses: string[]): string {
  const cases = group.cases.map((field, j) => {
    const plan = `${child}_${j}`
    const value =
      field.shape === ONEOF
        ? `v = v.value; ${taggedText(field)}`
        : field.shape === ONEOF_MESSAGE
          ? `v = v.value; if (v === undefined) throw NOT_PLAIN; ${messageText(field, plan, 'v', guesses)}`
          : 'throw NOT_PLAIN'
    return `case ${JSON.stringify(field.caseName)}: { ${value}; break }`
  })
  return `switch (v.case) {\n${cases.join('\n')}\n}`
}

function mapText(field: FieldPlan, child: string, guesses: string[]): string {
  const key = tagText((1 << 3) | type.wireTypeOf(field.key))
  const value =
    field.child === undefined
      ? `${tagText((2 << 3) | type.wireTypeOf(field.scalar))}; ${scalarText(field.scalar)}`
      : messageText({ ...field, tag: 18 }, child, 'v', guesses)
  return `for (let i = 0, map = v, keys = Object.keys(v); i < keys.length; i++) {
${openText(field, `${child}e`, guesses)}
{ const v = mapKeyOf(${field.key}, keys[i]); ${key}; ${scalarText(field.key)} }
{ const v = map[keys[i]]; ${value} }
${closeText(`${child}e`)}
}`
}

function messageText(field: FieldPlan, child: string, value: string, guesses: string[]): string {
  return `${openText(field, child, guesses)}; ${child}.write(${value}, w); ${closeText(child)}`
}

/**
 * A length is expected to take as many bytes as the last one of that field did; a wrong guess costs a
 * move. The guess is kept aside: a message within this one may be of the same type and change it.
 */
function openText(field: FieldPlan, child: string, guesses: string[]): string {
  guesses.push(`${child}g`)
  return `${tagText(field.tag)}; const guess = ${child}g, opened = w.open(guess)`
}

function closeText(child: string): string {
  return `${child}g = w.close(opened, guess)`
}

function taggedText(field: FieldPlan): string {
  return `${tagText(field.tag)}; ${scalarText(field.scalar)}`
}

function tagText(tag: number): string {
  return tag < 128 ? `w.byte(${tag})` : `w.uint32(${tag})`
}

/** Writes the value `v`, if it is one that its type can hold. */
function scalarText(scalar: number): string {
  switch (scalar) {
    case type.STRING:
      return `if (typeof v !== 'string') throw NOT_PLAIN; w.string(v)`
    case type.NAME:
      return `if (typeof v !== 'string') throw NOT_PLAIN; w.name(v)`
    case type.UINT32:
      return `if (v >>> 0 !== v) throw NOT_PLAIN; w.uint32(v)`
    case type.INT32:
      return `if ((v | 0) !== v) throw NOT_PLAIN; w.int32(v)`
    case type.BOOL:
      return `if (typeof v !== 'boolean') throw NOT_PLAIN; w.byte(v ? 1 : 0)`
    case type.BYTES:
      return `if (!(v instanceof Uint8Array)) throw NOT_PLAIN; w.bytes(v)`
    case type.INT64:
      return `if (typeof v !== 'bigint' || BigInt.asIntN(64, v) !== v) throw NOT_PLAIN; w.int64(v)`
    case type.UINT64:
      return `if (typeof v !== 'bigint' || BigInt.asUintN(64, v) !== v) throw NOT_PLAIN; w.int64(v)`
    default:
      return `writeScalar(w, ${scalar}, v)`
  }
}

function literal(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value)
}
