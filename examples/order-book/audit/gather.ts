/** Gathers the evidence from a ledger that has come to rest. */
import type { Coordinator } from 'amends/coordinator'
import type { Settings } from '../gen/book_pb.ts'
import { RevenueRowSchema, StockRowSchema } from '../gen/views_pb.ts'
import { readHistory } from '../history.ts'
import type { Trade } from '../trade.ts'
import type { Evidence } from './evidence.ts'
import { noFacts, noteFact } from './facts.ts'

/** Reads the log from the beginning, the read models and the dead letters. */
export async function gatherEvidence(
  coordinator: Coordinator,
  run: { readonly trade: Trade; readonly settings: Settings; readonly complete: boolean },
): Promise<Evidence> {
  const facts = noFacts()
  for await (const entry of readHistory(coordinator.ledger)) noteFact(facts, entry)
  const stock = await Array.fromAsync(
    coordinator.projection('stock').all(StockRowSchema),
    ({ row }) => row,
  )
  const revenue = await Array.fromAsync(
    coordinator.projection('revenue').all(RevenueRowSchema),
    ({ row }) => row,
  )
  const letters = await coordinator.deadLetters.list({ limit: 1000 })
  return {
    trade: run.trade,
    facts,
    stock,
    revenue,
    deadLetters: letters.map(({ component, code, reason }) => `${component}: ${code} ${reason}`),
    complete: run.complete,
    inTurn: run.settings.concurrency === 1,
  }
}
