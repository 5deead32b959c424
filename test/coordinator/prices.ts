/** An aggregate of prices whose events have grown old, and the upcaster that renews them. */
import { create } from '@bufbuild/protobuf'
import { type Aggregate, defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineUpcaster, type UpcasterFunctions } from '../../src/component/define-upcaster.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as versions from '../fixtures/gen/versions_pb.ts'
import type { LedgerFolder } from './ledger-folder.ts'
import { openShop, type Shop } from './open-shop.ts'

/** Prices as they were set at first. */
export const old = defineAggregate({ domain: 'price', state: versions.PriceStateSchema }).handles(
  counters.AddSchema,
  ({ n }) => create(versions.PriceSetV1Schema, { sku: 'sku-1', price: n }),
)

/** Prices today: in cents, of which the old ones know nothing; answers the sum so far. */
export function modern(): Aggregate<versions.PriceState> {
  return defineAggregate({ domain: 'price', state: versions.PriceStateSchema, snapshotEvery: 0 })
    .handles(counters.AddSchema, ({ n }, { folded }) =>
      create(versions.PriceSetV2Schema, { priceCents: n + folded }),
    )
    .applies(versions.PriceSetV2Schema, (state, { priceCents }) => {
      state.folded += priceCents
    })
}

/** Renews the prices of old. */
export const inCents = (renew = (price: number): number => price * 100): UpcasterFunctions =>
  defineUpcaster({ name: 'in-cents', domain: 'price' }).upcasts(
    versions.PriceSetV1Schema,
    versions.PriceSetV2Schema,
    ({ sku, price }) => create(versions.PriceSetV2Schema, { sku, priceCents: renew(price) }),
  )

/** Sets a price. */
export async function set(shop: Shop, n: number, root = 'p-1'): Promise<void> {
  await shop.client('price').command(root).withMessage(counters.AddSchema, { n }).execute()
}

/** A ledger with prices of old. */
export async function oldLedger(
  folder: LedgerFolder,
  prices: readonly number[] = [3, 4],
): Promise<void> {
  await using shop = await openShop([old], { folder })
  for (const price of prices) await set(shop, price)
}
