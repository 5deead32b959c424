import { handle, openSagaManager, refuse, requestType, Saga, SagaResponseStatus } from 'amends/saga'

type Order = { readonly orderId: string; readonly total: number; readonly tier: string }

const reserve = requestType<{ orderId: string }, { reservation: string }>('inventory-service')
const release = requestType<{ reservation: string }>('inventory-service.release')
const pay = requestType<{ orderId: string; amount: number }, { payment: string }>('payment-service')
const refund = requestType<{ payment: string }>('payment-service.refund')
const ship = requestType<{ orderId: string }, { tracking: string }>('shipping-service')
const giveVoucher = requestType<{ orderId: string }>('voucher-service')

const premium = new Saga<Order>('premium')
  .remoteStep(({ orderId }) => giveVoucher({ orderId }))
  .commit()

const placeOrder = new Saga<Order>('place-order')
  .remoteStep(({ orderId }) => reserve({ orderId }))
  .onSuccess(async (order, response) => ({ ...order, ...(await response.content()) }))
  .onFailure(({ reservation }) => (reservation ? release({ reservation }) : undefined))
  .conditionalStep()
  .ifThen(({ tier }) => tier === 'premium', premium)
  .remoteStep(({ orderId, total }) => pay({ orderId, amount: total }))
  .onSuccess(async (order, response) => ({ ...order, ...(await response.content()) }))
  .onError((_, response) => {
    if (response.status !== SagaResponseStatus.ERROR) return undefined
    return new Error('the payment was refused') // an error returned fails the step
  })
  .onFailure(({ payment }) => (payment ? refund({ payment }) : undefined))
  .remoteStep(({ orderId }) => ship({ orderId }))
  .onSuccess(async (order, response) => ({ ...order, ...(await response.content()) }))
  .commit()

const participants = [
  handle(reserve, ({ orderId }) => ({ reservation: `r-${orderId}` })),
  handle(release, ({ reservation }) => console.log('released', reservation)),
  handle(pay, ({ orderId, amount }) =>
    amount > 100 ? refuse('insufficient funds') : { payment: `p-${orderId}` },
  ),
  handle(refund, ({ payment }) => console.log('refunded', payment)),
  handle(ship, ({ orderId }) =>
    orderId === '3' ? refuse('no carrier') : { tracking: `t-${orderId}` },
  ),
  handle(giveVoucher, ({ orderId }) => console.log('voucher for', orderId)),
]
const definitions = [placeOrder]
await using sagas = await openSagaManager({ ledger: 'shop.db', definitions, participants })
for (const order of [
  { orderId: '1', total: 20, tier: 'premium' },
  { orderId: '2', total: 900, tier: 'standard' },
  { orderId: '3', total: 20, tier: 'standard' },
]) {
  const outcome = await sagas.run(placeOrder, order, { id: `order-${order.orderId}` })
  if (outcome.forward === 'completed') console.log(outcome.id, outcome.context.tracking)
  else console.log(outcome.id, outcome.failure?.message, outcome.undone)
}
