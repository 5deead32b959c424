/**
 * Audits the books. It shares nothing with the components or their appliers: it works on the data,
 * on the plain facts of the events, and on what the read models say.
 */
import { judgeInTurn } from '../sequential.ts'
import { auditEndings } from './endings.ts'
import type { AuditRule, Evidence, Finding } from './evidence.ts'
import { auditCharges, auditCredit, auditParcels } from './money.ts'
import { auditRevenueRows, auditStockRows } from './read-models.ts'
import { auditLines, auditStock } from './warehouse.ts'

const RULES: readonly AuditRule[] = [
  auditEndings,
  auditStock,
  auditLines,
  auditCharges,
  auditCredit,
  auditParcels,
  auditStockRows,
  auditRevenueRows,
  auditFailures,
  auditVerdicts,
]

/** Everything that is not as it must be; nothing when the books are clean. */
export function audit(evidence: Evidence): readonly Finding[] {
  return RULES.flatMap((rule) => [...rule(evidence)])
}

/** Rules `DEAD_LETTER` and `EVENT_FOREIGN`: nothing is left over, nothing failed to be undone. */
function* auditFailures({ facts, deadLetters }: Evidence): Iterable<Finding> {
  for (const text of deadLetters) yield { rule: 'DEAD_LETTER', about: 'dead letters', text }
  for (const text of facts.foreign) yield { rule: 'EVENT_FOREIGN', about: 'the log', text }
}

/** Rule `VERDICT`: in turn, every order ends as the sequential calculation says. */
function* auditVerdicts({ trade, facts, inTurn }: Evidence): Iterable<Finding> {
  if (!inTurn) return
  const verdicts = judgeInTurn(trade)
  for (const [number, { confirmed, cancelled }] of facts.orders) {
    const actual = confirmed.length > 0 ? 'CONFIRMED' : (cancelled[0] ?? 'open')
    const expected = verdicts.get(number) ?? 'unknown'
    if (actual === expected) continue
    const text = `${actual}, the sequential calculation says ${expected}`
    yield { rule: 'VERDICT', about: `order ${number}`, text }
  }
}
