/** The sagas that the tests of this folder share: an order that is made, paid for and delivered. */
import { SagaRequest } from '../messages/saga-request.ts'
import type { SagaResponse } from '../messages/saga-response.ts'
import type { CommittedSaga } from './chain.ts'
import { Saga } from './saga.ts'

/** What the order saga knows in the end. */
export type OrderContext = { order?: unknown; payment?: string; ticket?: unknown }

/** Requests an order. */
export function createOrder(): SagaRequest {
  return new SagaRequest('CreateOrder', { foo: 'create' })
}

/** Undoes {@link createOrder}. */
export function deleteOrder(): SagaRequest {
  return new SagaRequest('DeleteOrder', { foo: 'delete' })
}

/** Pays. */
export function pay(context: OrderContext): void {
  context.payment = 'payment'
}

/** Undoes {@link pay}. */
export function payBack(context: OrderContext): void {
  delete context.payment
}

/** Keeps the order. */
export async function keepOrder(context: OrderContext, response: SagaResponse): Promise<void> {
  context.order = await response.content()
}

/** A saga with remote and local steps, complete but not committed. */
export function addOrder(): Saga<OrderContext> {
  const saga = new Saga<OrderContext>('add-order')
  saga.remoteStep(createOrder).onSuccess(keepOrder).onFailure(deleteOrder)
  saga.localStep(pay).onFailure(payBack)
  saga
    .remoteStep(() => new SagaRequest('CreateTicket'))
    .onSuccess(async (context, response) => {
      context.ticket = await response.content()
    })
    .onError((context) => ({ ...context, ticket: null }))
    .onFailure(() => new SagaRequest('DeleteTicket'))
  return saga
}

/** A committed saga of one local step. */
export function payment(): CommittedSaga<OrderContext, OrderContext> {
  const saga = new Saga<OrderContext>('payment')
  saga.localStep(pay).onFailure(payBack)
  return saga.commit()
}
