/**
 * What one customer owes. A charge is open until it is refunded or paid; an invoice is paid on the
 * day it is due, which the account notices when the next charge comes in. Open charges together may
 * not exceed the credit limit.
 */
import { CommandRejectedError, create, defineAggregate } from 'amends'
import * as account from '../gen/account_pb.ts'
import { formatCents } from '../money.ts'

/** The aggregate `account`; root = customer. It goes on as long as the business does. */
export const accounts = defineAggregate({
  domain: 'account',
  state: account.StateSchema,
  supportsReplay: true,
})
  .handles(account.SetCreditLimitSchema, ({ customer, cents }) =>
    create(account.CreditLimitSetSchema, { customer, cents }),
  )
  .handles(
    account.ChargeAccountSchema,
    ({ order, cents, on }, { customer, limitCents, charges }) => {
      const open = Object.entries(charges)
      const paid = open.filter(([, charge]) => isPaidBy(on, charge))
      const owed = open.filter(([, charge]) => !isPaidBy(on, charge))
      const owedCents = owed.reduce((sum, [, charge]) => sum + charge.cents, 0n)
      if (owedCents + cents > limitCents) throw creditExceeded(owedCents, cents, limitCents)
      return [
        ...paid.map(([number, charge]) =>
          create(account.ChargePaidSchema, {
            customer,
            order: Number(number),
            cents: charge.cents,
          }),
        ),
        create(account.AccountChargedSchema, { customer, order, cents }),
      ]
    },
  )
  .handles(account.RefundChargeSchema, ({ order }, state) => {
    const { cents } = openCharge(state, order)
    return create(account.ChargeRefundedSchema, { customer: state.customer, order, cents })
  })
  .handles(account.InvoiceChargeSchema, ({ order, dueOn }, state) => {
    const { cents } = openCharge(state, order)
    return create(account.ChargeInvoicedSchema, { customer: state.customer, order, cents, dueOn })
  })
  .applies(account.CreditLimitSetSchema, (state, { customer, cents }) => {
    state.customer = customer
    state.limitCents = cents
  })
  .applies(account.AccountChargedSchema, (state, { order, cents }) => {
    state.charges[order] = create(account.ChargeSchema, { cents })
  })
  .applies(account.ChargeInvoicedSchema, (state, { order, cents, dueOn }) => {
    state.charges[order] = create(account.ChargeSchema, { cents, dueOn })
  })
  .applies(account.ChargeRefundedSchema, (state, { order }) => {
    delete state.charges[order]
  })
  .applies(account.ChargePaidSchema, (state, { order }) => {
    delete state.charges[order]
  })

function isPaidBy(day: string, { dueOn }: account.Charge): boolean {
  return dueOn !== '' && dueOn <= day
}

function openCharge({ charges }: account.State, order: number): account.Charge {
  const charge = charges[order]
  if (charge !== undefined) return charge
  throw CommandRejectedError.notFound('NOT_CHARGED', 'there is no open charge for this order')
}

function creditExceeded(owed: bigint, cents: bigint, limit: bigint): CommandRejectedError {
  const text = `${formatCents(owed)} owed and ${formatCents(cents)} more, limit ${formatCents(limit)}`
  return CommandRejectedError.preconditionFailed('CREDIT_EXCEEDED', text)
}
