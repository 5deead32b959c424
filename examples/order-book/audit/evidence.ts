/** What an audit looks at, and what it may find. */
import type { RevenueRow, StockRow } from '../gen/views_pb.ts'
import type { Trade } from '../trade.ts'
import type { Facts } from './facts.ts'

/** Everything the audit is told. Nothing of it comes from the components but their events. */
export type Evidence = {
  readonly trade: Trade
  readonly facts: Facts
  /** Rows of the projection `stock`, without their type. */
  readonly stock: readonly Omit<StockRow, '$typeName'>[]
  /** Rows of the projection `revenue`, without their type. */
  readonly revenue: readonly Omit<RevenueRow, '$typeName'>[]
  /** One line for each dead letter. */
  readonly deadLetters: readonly string[]
  /** Whether every order was to be placed; false for a run that was interrupted. */
  readonly complete: boolean
  /** Whether each order ended before the next was placed. */
  readonly inTurn: boolean
}

/** Something that is not as it must be. */
export type Finding = {
  /** The rule that is broken, e.g. `STOCK_RESERVED`. */
  readonly rule: string
  /** What it is about, e.g. `order 10248`. */
  readonly about: string
  readonly text: string
}

/** A rule of the audit: yields what it finds. */
export type AuditRule = (evidence: Evidence) => Iterable<Finding>
