/** The topics on which a service is told what becomes of a transaction (Minos: of its commands). */

/** What a service is asked to do with what a transaction has pending there. */
export type TransactionVerb = 'reserve' | 'commit' | 'reject'

/** In the order in which they may come. */
export const TRANSACTION_VERBS: readonly TransactionVerb[] = ['reserve', 'commit', 'reject']

/** `_ReserveOrderTransaction` for the service `order`. */
export function transactionTopic(verb: TransactionVerb, service: string): string {
  return `_${titleCase(verb)}${titleCase(service)}Transaction`
}

/** The topic on which the executions of a service are asked for: `_GetOrderSagaExecution`. */
export function executionTopic(service: string): string {
  return `_Get${titleCase(service)}SagaExecution`
}

/**
 * Each run of letters with its first one upper case and the others lower case: `order-item` is
 * `Order-Item`, `myService` is `Myservice`, `svc2b` is `Svc2B`.
 */
export function titleCase(name: string): string {
  return name.replace(/\p{L}+/gu, (run) => {
    const [first = '', ...rest] = run
    return first.toUpperCase() + rest.join('').toLowerCase()
  })
}
