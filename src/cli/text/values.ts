/** Values that sagas have stored, for people and for programs. */
import { inspect } from 'node:util'
import { valueOfText } from '../../wire/values/decode-value.ts'
import { valueText } from '../../wire/values/encode-value.ts'
import { UsageError } from '../command.ts'
import { printable, shortened } from './printable.ts'

/** Characters of a value that is shown shortly. */
export const SHORT = 160

/** A value on one line; cut unless all of it is wanted. */
export function shownValue(value: unknown, options: { readonly isFull?: boolean } = {}): string {
  const { isFull = false } = options
  const text = printable(
    inspect(value, {
      depth: isFull ? Infinity : 4,
      maxArrayLength: isFull ? Infinity : 20,
      maxStringLength: isFull ? Infinity : SHORT,
      breakLength: Infinity,
      compact: true,
    }),
  )
  return isFull ? text : shortened(text, SHORT)
}

/**
 * A value as JSON. What JSON cannot express stands in it as it is stored: a date as
 * `{"$":["date",...]}`. `undefined` is left out.
 */
export function jsonValue(value: unknown): unknown {
  const text = valueText(value)
  return text === '' ? undefined : JSON.parse(text)
}

/** A value that was typed as JSON, tags of {@link jsonValue} included. @throws UsageError */
export function typedValue(option: string, text: string): unknown {
  try {
    if (text.trim() !== '') return valueOfText(text)
  } catch {
    // Said below.
  }
  throw new UsageError(`--${option} is JSON, such as '{"card":"visa"}' or '"a text"'`)
}
