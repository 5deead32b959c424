/**
 * Makes messages without content, in the order of properties and with the defaults that `create` of
 * protobuf-es gives them, by copying one that it made.
 *
 * Copying is four times faster while a place in the code sees objects of one shape. So the copying
 * stands in the code sixteen times and schemas take turns.
 */
import type { Bag } from './message-plan.ts'

const copiers: readonly ((template: Bag) => Bag)[] = [
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
  (template) => ({ ...template }),
]

/** Kinds of a property's value: shared by all messages, or one for each. */
export const SHARED = 0
export const OWN_LIST = 1
export const OWN_MAP = 2
export const OWN_GROUP = 3

/** The kind of a value that a message without content has. */
export function kindOf(value: unknown): number {
  if (Array.isArray(value)) return OWN_LIST
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return SHARED
  return Object.keys(value).includes('case') ? OWN_GROUP : OWN_MAP
}

let turn = 0

/** A function that makes messages like this, each with lists, maps and groups of its own. */
export function zeroMessages(template: Bag): () => Bag {
  const copy = copiers[turn++ % copiers.length] as (template: Bag) => Bag
  const own = Object.entries(template).flatMap(([name, value]) => {
    const kind = kindOf(value)
    return kind === SHARED ? [] : [{ name, kind }]
  })
  if (own.length === 0) return () => copy(template)
  return () => {
    const made = copy(template)
    for (let i = 0; i < own.length; i++) {
      const { name, kind } = own[i] as { name: string; kind: number }
      made[name] = kind === OWN_LIST ? [] : kind === OWN_MAP ? {} : { case: undefined }
    }
    return made
  }
}
