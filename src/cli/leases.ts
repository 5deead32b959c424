/** Who runs what on a ledger, as the rows of its leases say. */
import { hostname } from 'node:os'
import { type Nanoseconds, NANOSECONDS_PER_MS } from '../clock.ts'
import { allRows } from '../coordinator/all-rows.ts'
import { LEASES, TERMS } from '../coordinator/spaces.ts'
import type { Ledger, Row } from '../ledger/ledger.ts'
import { limits } from '../limits.ts'
import { LeaseSchema } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'

/** Who runs a component. */
export type LeaseView = {
  readonly component: string
  /** Host and process, `shop-1/4711`. */
  readonly holder: string
  /**
   * When it took over: the end of its first lease, less the length of a lease. Exact unless the
   * process has set another length.
   */
  readonly since: Nanoseconds | undefined
  readonly expiresAt: Nanoseconds
  /** False when it has run out, or when its process was one of this machine and is gone. */
  readonly isHeld: boolean
}

const codec = messageCodec(LeaseSchema)

/** Every lease, by component. */
export async function leasesOf(ledger: Ledger, now: Nanoseconds): Promise<readonly LeaseView[]> {
  const leases: LeaseView[] = []
  for await (const row of allRows(ledger, LEASES)) leases.push(await viewOf(ledger, row, now))
  return leases
}

/** The lease of one component; undefined when nobody has it. */
export async function leaseOf(
  ledger: Ledger,
  component: string,
  now: Nanoseconds,
): Promise<LeaseView | undefined> {
  const row = await ledger.row(LEASES, component)
  return row && (await viewOf(ledger, row, now))
}

async function viewOf(ledger: Ledger, row: Row, now: Nanoseconds): Promise<LeaseView> {
  const { holder, expiresAtNs } = codec.decode(row.value)
  const [host = '', pid = ''] = holder.split('/')
  // The term is written at a takeover and never else.
  const term = await ledger.row(TERMS, row.key)
  const first = term && codec.decode(term.value)
  return {
    component: row.key,
    holder: `${host}/${pid}`,
    since: first && first.expiresAtNs - BigInt(limits.leaseMs) * NANOSECONDS_PER_MS,
    expiresAt: expiresAtNs,
    isHeld: expiresAtNs > now && (host !== hostname() || isProcess(Number(pid))),
  }
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
