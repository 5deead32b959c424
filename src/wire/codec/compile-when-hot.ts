/**
 * The first code of every plan: it takes the message field by field, and counts. A type that is used
 * often gets code of its own, made from its plan at run time.
 *
 * 1. Nothing is compiled before it is hot: a process that handles a few messages pays nothing.
 * 2. Where the engine forbids making code from strings, everything stays as it was.
 */
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { compilePlan } from './compile-plan.ts'
import { readMessage } from './decode-message.ts'
import { writeMessage } from './encode-message.ts'
import type { Bag, MessagePlan } from './message-plan.ts'

/** Messages of a type that are written or read before its code is compiled. */
let usesMax = 500

/** Compiles the code of a type after so many uses of it. For tests. */
export function compileAfter(uses: number): void {
  usesMax = uses
}

/** Writes a message, and compiles its plan if that is due. */
export function writeUncompiled(this: MessagePlan, message: Bag, w: ByteWriter): void {
  if (isDue(this)) this.write(message, w)
  else writeMessage(this, message, w)
}

/** Reads a message, and compiles its plan if that is due. */
export function readUncompiled(this: MessagePlan, r: ByteReader, end: number): Bag {
  return isDue(this) ? this.read(r, end) : readMessage(this, r, end)
}

/** True when the plan has got other code. */
function isDue(plan: MessagePlan): boolean {
  if (plan.uses++ < usesMax) return false
  const compiled = compilePlan(plan)
  plan.write = compiled?.write ?? writeInterpreted
  plan.read = compiled?.read ?? readInterpreted
  return true
}

function writeInterpreted(this: MessagePlan, message: Bag, w: ByteWriter): void {
  writeMessage(this, message, w)
}

function readInterpreted(this: MessagePlan, r: ByteReader, end: number): Bag {
  return readMessage(this, r, end)
}
