/**
 * The business as the driver sees it: in this process (`embedded.ts`), or behind gRPC with its
 * components in another one (`remote/`). The driver and the audit know no difference.
 */
import type { DomainClient } from 'amends'
import type { RevenueRow, StockRow } from './gen/views_pb.ts'
import type { Books } from './books.ts'
import type { Entry } from './history.ts'

/** What the read models say. Rows come without their type. */
export type ReadModels = {
  readonly stock: readonly Omit<StockRow, '$typeName'>[]
  readonly revenue: readonly Omit<RevenueRow, '$typeName'>[]
}

/** A business that is open. Disposing lets what has begun end. The functions need no receiver. */
export interface Business extends AsyncDisposable {
  /** What is known of the books; kept up to date for whatever is followed. */
  readonly books: Books
  readonly client: (domain: string) => DomainClient
  /** Sends something that may be sent twice, until somebody has answered it. */
  readonly ask: <T>(send: () => Promise<T>) => Promise<T>
  /** Sees to it that the books are told of an order. Call it before the order is placed. */
  readonly follow: (order: number) => void
  /** Resolves when what opened the books is in them. */
  readonly caughtUp: () => Promise<void>
  /** Resolves when nothing is under way any more and the read models are up to date. */
  readonly settled: () => Promise<void>
  /** Whether something can no longer go on by itself. */
  readonly blocked: () => Promise<boolean>
  /** Every event there is; those of one aggregate stand in their order. */
  readonly history: () => AsyncIterable<Entry>
  /** What belongs to one order, oldest first. */
  readonly historyOf: (order: number) => Promise<readonly Entry[]>
  readonly readModels: () => Promise<ReadModels>
  /** One line for each dead letter. */
  readonly deadLetters: () => Promise<readonly string[]>
  /** Rejects when the business can no longer be run. */
  readonly failed: Promise<never>
}
