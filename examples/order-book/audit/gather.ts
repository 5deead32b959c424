/** Gathers the evidence from a business that has come to rest. */
import type { Business } from '../business.ts'
import type { Settings } from '../gen/book_pb.ts'
import type { Trade } from '../trade.ts'
import type { Evidence } from './evidence.ts'
import { noFacts, noteFact } from './facts.ts'

/** Reads every event, the read models and the dead letters. */
export async function gatherEvidence(
  business: Pick<Business, 'history' | 'readModels' | 'deadLetters'>,
  run: { readonly trade: Trade; readonly settings: Settings; readonly complete: boolean },
): Promise<Evidence> {
  const facts = noFacts()
  for await (const entry of business.history()) noteFact(facts, entry)
  return {
    trade: run.trade,
    facts,
    ...(await business.readModels()),
    deadLetters: await business.deadLetters(),
    complete: run.complete,
    inTurn: run.settings.concurrency === 1,
  }
}
