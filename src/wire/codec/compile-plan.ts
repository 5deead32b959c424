/**
 * Compiles a plan: code for one message type, made as text and given to the engine. Where the code
 * that walks over any plan sees properties of all names and messages of all shapes, this sees one of
 * each, and the engine's compiler can make the most of it.
 *
 * 1. The text is made of numbers and of names out of descriptors, as JSON text; never of data.
 * 2. It does what `encode-message.ts` and `decode-message.ts` do, field for field.
 */
import { decoderText } from './decoder-text.ts'
import { encoderText } from './encoder-text.ts'
import type { MessagePlan } from './message-plan.ts'
import { NOT_PLAIN } from './not-plain.ts'
import { readScalar } from './read-scalar.ts'
import { mapKeyOf, writeScalar } from './write-scalar.ts'

/** The code of one plan. */
export type CompiledPlan = Pick<MessagePlan, 'write' | 'read'>

/** What the text may name beside the language itself. */
const tools = { NOT_PLAIN, readScalar, writeScalar, mapKeyOf }

/** False once the engine has refused to make code from text. */
let allowed = true

/** The code of a plan; undefined for a plan that has none. */
export function compilePlan(plan: MessagePlan): CompiledPlan | undefined {
  if (!plan.plain || !allowed || hasPrototypeName(plan)) return undefined
  const text = [
    'const { NOT_PLAIN, readScalar, writeScalar, mapKeyOf } = tools',
    ...plan.fields.flatMap(({ cases }, i) => [
      `const c${i} = plan.fields[${i}].child`,
      ...cases.map((_, j) => `const c${i}_${j} = plan.fields[${i}].cases[${j}].child`),
    ]),
    encoderText(plan),
    decoderText(plan),
    'return { write, read }',
  ].join('\n')
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- The text comes from descriptors only, see 1.
    const make = new Function('plan', 'tools', text) as (
      plan: MessagePlan,
      given: typeof tools,
    ) => CompiledPlan
    return make(plan, tools)
  } catch {
    allowed = false
    return undefined
  }
}

/** An assignment to a property of this name would set the prototype. */
function hasPrototypeName({ fields }: MessagePlan): boolean {
  return fields.some(({ name }) => name === '__proto__')
}
