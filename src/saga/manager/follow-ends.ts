/** What ends and what gets stuck, read from the log of the ledger: no execution is missed. */
import type { Position } from '../../identity.ts'
import type { Ledger, StoredEvent } from '../../ledger/ledger.ts'
import { decodeEntry } from '../journal/decode-entry.ts'
import { SAGA_DOMAIN } from '../journal/execution-stream.ts'
import type { SagaEnded } from './saga-manager.ts'

const EVENTS_PER_READ = 500

/** See the top of this file. Breaking out ends it. */
export async function* followEnds(
  ledger: Ledger,
  options: {
    readonly after?: Position | undefined
    readonly follow?: boolean | undefined
    readonly signal?: AbortSignal | undefined
  },
): AsyncGenerator<SagaEnded, void, undefined> {
  const after = options.after ?? (await ledger.tip())
  const log = ledger.log(after, {
    limit: EVENTS_PER_READ,
    follow: options.follow ?? true,
    signal: options.signal,
  })
  for await (const chunk of log) {
    for (const event of chunk) {
      if (event.key.domain !== SAGA_DOMAIN) continue
      const ended = await endedBy(ledger, event)
      if (ended !== undefined) yield ended
    }
  }
}

async function endedBy(ledger: Ledger, event: StoredEvent): Promise<SagaEnded | undefined> {
  const { turns, at } = decodeEntry(event)
  if (turns === undefined || turns.forward === 'running' || turns.backward === 'running') {
    return undefined
  }
  const first = await firstEntry(ledger, event)
  if (first === undefined) return undefined
  const { id, definition } = first
  const { forward, backward, failure } = turns
  return { position: event.position, id, definition, forward, backward, failure, at }
}

/** The names stand in the first entry; undefined when the execution was deleted since. */
async function firstEntry(
  ledger: Ledger,
  { key, sequence }: StoredEvent,
): Promise<{ readonly id: string; readonly definition: string } | undefined> {
  for await (const chunk of ledger.stream(key, { from: 0, to: sequence })) {
    for (const stored of chunk) {
      const entry = decodeEntry(stored)
      return entry.kind === 'started' ? entry : undefined
    }
  }
  return undefined
}
