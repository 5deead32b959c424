/** What the contract tests of a ledger share. */
import { strict as assert } from 'node:assert'
import type { Clock } from '../../clock.ts'
import { codeOf } from '../../errors.ts'
import { parseRoot, randomRoot, type WriteId, writeIds } from '../../identity.ts'
import type {
  Append,
  Committed,
  Ledger,
  NewEvent,
  Outcome,
  StoredEvent,
  StreamKey,
  Write,
} from '../../ledger/ledger.ts'
import { type FakeClock, fakeClock } from '../fake-clock.ts'
import { seededRandom } from '../seeded-random.ts'

/** A ledger opened for one test; disposing it removes what it left behind. */
export interface OpenedLedger extends AsyncDisposable {
  readonly ledger: Ledger
  /** Disposes the ledger and opens the same data again. Absent where nothing outlives the ledger. */
  readonly reopen?: (() => Promise<Ledger>) | undefined
  /** Opens the same data beside the ledger, as another process would. */
  readonly second?: (() => Promise<Ledger>) | undefined
}

/** Opens an empty ledger that uses the given clock. */
export type OpenForContract = (options: { readonly clock: Clock }) => Promise<OpenedLedger>

/** One promise of the contract: what it says, and the test that holds it to it. */
export type ContractTest = {
  readonly title: string
  readonly run: (kit: Kit) => Promise<void>
}

/** A part of the contract. */
export type ContractPart = readonly ContractTest[]

/** Names a promise and its test, which gets a ledger of its own. */
export function fact(title: string, run: (kit: Kit) => Promise<void>): ContractTest {
  return { title, run }
}

/** What a test works with. */
export type Kit = {
  readonly opened: OpenedLedger
  readonly ledger: Ledger
  readonly clock: FakeClock
  /** Leaves the test out, with a reason. */
  readonly skip: (reason: string) => void
  readonly newId: () => WriteId
  /** A write with an id of its own. */
  readonly commit: (write: Omit<Write, 'id'>) => Promise<Outcome>
  /** The same, and it is committed. */
  readonly store: (write: Omit<Write, 'id'>) => Promise<Committed>
}

/** Opens a ledger, runs a test with it, and puts everything away. */
export async function withKit(
  open: OpenForContract,
  skip: (reason: string) => void,
  run: (kit: Kit) => Promise<void>,
): Promise<void> {
  const clock = fakeClock()
  await using opened = await open({ clock })
  const { ledger } = opened
  const newId = writeIds(clock, seededRandom(1))
  const commit = (write: Omit<Write, 'id'>): Promise<Outcome> =>
    ledger.commit({ ...write, id: newId() })
  const store = async (write: Omit<Write, 'id'>): Promise<Committed> =>
    committed(await commit(write))
  await run({ opened, ledger, clock, skip, newId, commit, store })
}

const random = seededRandom(7)

/** A stream of its own. */
export function freshKey(domain = 'order', edition = ''): StreamKey {
  return { domain, edition, root: randomRoot(random) }
}

/** The stream of a number, the same each time. */
export function keyNumber(n: number, domain = 'order', edition = ''): StreamKey {
  const root = parseRoot(`00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`)
  return { domain, edition, root }
}

/** An event whose page is a text. */
export function event(text: string, type = 'test.Happened'): NewEvent {
  return { type, page: bytes(text) }
}

/** A text as bytes. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Bytes as a text. */
export function text(of: Uint8Array): string {
  return new TextDecoder().decode(of)
}

/** An append of events named by their pages. */
export function append(key: StreamKey, at: number, ...pages: string[]): Append {
  return { key, at, correlationId: '', events: pages.map((page) => event(page)) }
}

/** Everything an iterable of chunks brings. */
export async function collect<T>(chunks: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = []
  for await (const chunk of chunks) items.push(...chunk)
  return items
}

/** The pages of a stream as texts. */
export async function pagesOf(ledger: Ledger, key: StreamKey): Promise<string[]> {
  return texts(await collect(ledger.stream(key, { from: 0 })))
}

/** The pages of events as texts. */
export function texts(events: readonly StoredEvent[]): string[] {
  return events.map((one) => text(one.page))
}

/** Asserts that a write was stored. */
export function committed(outcome: Outcome): Committed {
  assert.equal(outcome.kind, 'committed')
  // The assertion says so.
  return outcome as Committed
}

/** Asserts that a promise rejects with a code. */
export async function rejectsWith(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.equal(codeOf(error), code)
    return true
  })
}
