/**
 * States that handlers cannot change. The engine keeps a state for the next command, so a handler that
 * changes it falsifies what comes after (P9), and only much later is it seen; here it fails at once.
 *
 * Objects, arrays and messages are frozen; what a `Map`, a `Set`, bytes or private fields hold is not.
 */
import type {
  AggregateDefinition,
  Entry,
  ProcessManagerDefinition,
} from '../../component/definition.ts'

/** Where every handler that is given a state has it. */
const STATE_AT = 1

/** The definition, whose handlers get frozen states; appliers may change theirs. */
export function withFrozenStates<D extends AggregateDefinition | ProcessManagerDefinition>(
  definition: D,
): D {
  return { ...definition, entries: definition.entries.map(frozen) }
}

function frozen(entry: Entry): Entry {
  if (entry.role === 'applies' || entry.role === 'stateFactory') return entry
  const { call } = entry
  return {
    ...entry,
    call: (self, args) => {
      freeze(args[STATE_AT])
      return call(self, args)
    },
  }
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  if (ArrayBuffer.isView(value)) return // bytes cannot be frozen
  Object.freeze(value)
  Object.values(value).forEach(freeze)
}
