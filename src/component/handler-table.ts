/** The handlers of a component by the full name of their message type. */
import type { DescMessage } from '@bufbuild/protobuf'
import { messageCodec, type MessageCodec } from '../wire/message-codec.ts'
import type { Entry, EntryFunction } from './definition.ts'

/** A message type that somebody handles. */
export type HandledType = { readonly schema: DescMessage; readonly codec: MessageCodec }

/** A message type with its handlers, in the order of their declaration. */
export type Handlers = HandledType & {
  readonly calls: readonly [EntryFunction, ...EntryFunction[]]
}

/** Handlers by full type name. */
export type HandlerTable = ReadonlyMap<string, Handlers>

/** The table of all entries of one role. */
export function handlerTable(
  entries: readonly Entry[],
  role: 'handles' | 'handlesFact' | 'undoes',
): HandlerTable {
  const table = new Map<string, Handlers>()
  for (const entry of entries) {
    if (entry.role !== role) continue
    const { schema, call } = entry
    const known = table.get(schema.typeName)
    const calls: Handlers['calls'] = known === undefined ? [call] : [...known.calls, call]
    table.set(schema.typeName, { schema, codec: messageCodec(schema), calls })
  }
  return table
}
