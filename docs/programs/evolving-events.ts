import { create, defineAggregate, defineUpcaster } from 'amends'
import { openCoordinator } from 'amends/coordinator'
import * as price from './gen/price_pb.ts'

// What ran last year: prices in whole euros.
const lastYear = defineAggregate({ domain: 'price', state: price.StateSchema }).handles(
  price.SetSchema,
  ({ cents }) => create(price.PriceSetSchema, { euros: Math.round(cents / 100) }),
)

// What runs today knows nothing of euros.
const today = defineAggregate({ domain: 'price', state: price.StateSchema })
  .handles(price.SetSchema, ({ cents }, state) =>
    cents === state.cents ? undefined : create(price.PriceSetInCentsSchema, { cents }),
  )
  .applies(price.PriceSetInCentsSchema, (state, { cents }) => {
    state.cents = cents
  })

const inCents = defineUpcaster({ name: 'price-in-cents', domain: 'price' }).upcasts(
  price.PriceSetSchema,
  price.PriceSetInCentsSchema,
  ({ euros }) => create(price.PriceSetInCentsSchema, { cents: euros * 100 }),
)

{
  await using old = await openCoordinator({ ledger: 'shop.db', components: [lastYear] })
  await old.client('price').command('chai').withMessage(price.SetSchema, { cents: 1800 }).execute()
}
const components = [today, inCents]
await using coordinator = await openCoordinator({ ledger: 'shop.db', components })
const client = coordinator.client('price')
await client.command('chai').withMessage(price.SetSchema, { cents: 1800 }).execute() // no change
await client.command('chai').withMessage(price.SetSchema, { cents: 1950 }).execute()
for (const { sequence, message } of await client
  .query('chai')
  .events(price.PriceSetInCentsSchema)) {
  console.log(sequence, message.cents)
}
