import { openSagaManager } from 'amends/saga'
import { CompensationPrimitive } from 'amends/workflow'

type Cart = { readonly sku: string; readonly quantity: number }
type Reserved = Cart & { readonly reservationId: string }

const checkout = new CompensationPrimitive(
  [
    {
      name: 'reserve',
      run: async (cart: Cart): Promise<Reserved> => ({ ...cart, reservationId: 'r-1' }),
      compensate: async ({ reservationId }) => console.log('released', reservationId),
    },
    {
      name: 'ship',
      run: async ({ quantity }: Reserved) => {
        if (quantity > 5) throw new Error('no carrier')
        return { parcel: 'p-1' }
      },
    },
  ],
  { name: 'checkout' },
)

await using sagas = await openSagaManager({ ledger: 'shop.db', definitions: [checkout] })
for (const [id, quantity] of [
  ['order-1', 2],
  ['order-2', 9],
  ['order-2', 9], // the same id is the same execution
] as const) {
  const order = await sagas.run(checkout, { sku: 'chai', quantity }, { id })
  console.log(id, order.forward, order.backward, order.context ?? order.failure?.message)
}
