/** An upcaster written as functions. */
import { checkOptions, type UpcasterOptions } from './component-options.ts'
import type { NewMessage, OldMessage } from './decorate-method.ts'
import type { ComponentSource, UpcasterDefinition } from './definition.ts'
import { type EntryList, newEntries } from './entry-list.ts'
import type { Awaitable } from '../awaitable.ts'
import type { Knows, KnowsAny, KnowsMessages } from './known-types.ts'
import { makeUpcaster } from './make-definition.ts'
import type { SchemaOrName } from './schema-or-name.ts'

/**
 * An upcaster under construction; every method returns a new one. `Known` gathers the events it
 * renews and makes, so that a test of it is typed.
 */
export interface UpcasterFunctions<Known extends KnowsAny = KnowsAny>
  extends ComponentSource, KnowsMessages<Known> {
  readonly definition: UpcasterDefinition
  /** Turns events of one type into their newer form. */
  upcasts<From extends SchemaOrName, To extends SchemaOrName>(
    from: From,
    to: To,
    renew: (old: OldMessage<From>) => Awaitable<NewMessage<To>>,
  ): UpcasterFunctions<Known | Knows<'upcasts', OldMessage<From>> | Knows<'emits', NewMessage<To>>>
}

/**
 * Begins an upcaster (Angzarr client: `upcaster`).
 *
 * @throws CodedError `COMPONENT_OPTION_INVALID` for a missing option
 */
export function defineUpcaster(options: UpcasterOptions): UpcasterFunctions<never> {
  checkOptions({ kind: 'upcaster', options })
  return upcaster(options, newEntries())
}

function upcaster<Known extends KnowsAny>(
  options: UpcasterOptions,
  list: EntryList,
): UpcasterFunctions<Known> {
  return {
    definition: makeUpcaster(options, list.body(options.name)),
    upcasts: (from, to, renew) => upcaster(options, list.add({ role: 'upcasts', from, to }, renew)),
  }
}
