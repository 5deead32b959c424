/**
 * Who runs a component. Two processes on one ledger are legal; a component runs in one of them.
 *
 * 1. A lease is renewed until its holder ends; it is taken over when it has run out, or when its
 *    holder was a process of this machine that is gone.
 * 2. The term changes at each takeover and never else. It is a condition of every write of the
 *    component: what a holder that was taken over still tries is not stored.
 */
import { hostname } from 'node:os'
import { create } from '@bufbuild/protobuf'
import { type Clock, NANOSECONDS_PER_MS } from '../clock.ts'
import type { Random } from '../identity.ts'
import type { Condition, Ledger, Row, RowChange } from '../ledger/ledger.ts'
import { type Lease, LeaseSchema } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import type { Journal } from './journal.ts'
import type { Bounds } from './scheduled-component.ts'
import { LEASES, TERMS } from './spaces.ts'

const codec = messageCodec(LeaseSchema)

/** See the top of this file. */
export class Leases {
  readonly #ledger: Ledger
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #bounds: Bounds
  readonly #holder: string
  /** Version of the term row of each component this process runs. */
  readonly #terms = new Map<string, { readonly version: number; readonly term: bigint }>()

  constructor(options: {
    readonly ledger: Ledger
    readonly journal: Journal
    readonly clock: Clock
    readonly random: Random
    readonly bounds: Bounds
  }) {
    this.#ledger = options.ledger
    this.#journal = options.journal
    this.#clock = options.clock
    this.#bounds = options.bounds
    const session = Buffer.from(options.random.bytes(6)).toString('hex')
    this.#holder = `${hostname()}/${process.pid}/${session}`
  }

  /** The condition that this process still runs a component. */
  condition(component: string): readonly Condition[] {
    const held = this.#terms.get(component)
    if (held === undefined) return [{ kind: 'row', space: TERMS, key: component, version: -1 }]
    return [{ kind: 'row', space: TERMS, key: component, version: held.version }]
  }

  /**
   * Takes a component over if nobody runs it; false when somebody does.
   *
   * @param alsoPut rows of the commit that takes it over for the first time
   */
  async acquire(component: string, alsoPut: readonly RowChange[]): Promise<boolean> {
    const row = await this.#ledger.row(LEASES, component)
    const termRow = await this.#ledger.row(TERMS, component)
    if (row !== undefined && this.#isAlive(codec.decode(row.value))) return false
    const term = termOf(termRow) + 1n
    const version = termRow?.version ?? 'absent'
    const outcome = await this.#journal.commit({
      conditions: [{ kind: 'row', space: TERMS, key: component, version }],
      rows: [
        { kind: 'put', space: TERMS, key: component, value: this.#lease(term), expected: 'any' },
        { kind: 'put', space: LEASES, key: component, value: this.#lease(term), expected: 'any' },
        ...alsoPut,
      ],
    })
    if (outcome.kind !== 'committed') return false
    this.#terms.set(component, { version: outcome.number, term })
    return true
  }

  /** Renews what is held; answers the components that were taken over. */
  async renew(): Promise<readonly string[]> {
    const lost: string[] = []
    for (const [component, { term }] of this.#terms) {
      const outcome = await this.#journal.commit({
        conditions: this.condition(component),
        rows: [
          { kind: 'put', space: LEASES, key: component, value: this.#lease(term), expected: 'any' },
        ],
      })
      if (outcome.kind === 'committed') continue
      this.#terms.delete(component)
      lost.push(component)
    }
    return lost
  }

  /** Gives back what is held, so that another process need not wait. */
  async release(): Promise<void> {
    for (const component of this.#terms.keys()) await this.giveUp(component)
  }

  /** Gives one back. If that cannot be stored, the lease runs out by itself. */
  async giveUp(component: string): Promise<void> {
    if (!this.#terms.has(component)) return
    const conditions = this.condition(component)
    this.#terms.delete(component)
    const rows: RowChange[] = [{ kind: 'remove', space: LEASES, key: component, expected: 'any' }]
    await this.#journal.commit({ conditions, rows }).catch(() => undefined)
  }

  #lease(term: bigint): Uint8Array {
    const expiresAtNs = this.#clock.wall() + BigInt(this.#bounds.leaseMs) * NANOSECONDS_PER_MS
    return codec.encode(create(LeaseSchema, { holder: this.#holder, term, expiresAtNs }))
  }

  #isAlive(lease: Lease): boolean {
    if (lease.holder === this.#holder) return false
    if (lease.expiresAtNs <= this.#clock.wall()) return false
    const [host, pid] = lease.holder.split('/')
    return host !== hostname() || isProcess(Number(pid))
  }
}

function termOf(row: Row | undefined): bigint {
  return row === undefined ? 0n : codec.decode(row.value).term
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user exists, but may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
