// Upcasters, in both spellings.
import { upcaster } from '../../src/component/decorate-class.ts'
import { upcasts } from '../../src/component/decorate-method.ts'
import { defineUpcaster } from '../../src/component/define-upcaster.ts'
import { create } from '../../src/component/known-messages.ts'
import * as versions from '../fixtures/gen/versions_pb.ts'

const { PriceSetV1Schema, PriceSetV2Schema, PriceSetV3Schema } = versions

@upcaster({ name: 'prices', domain: 'price' })
export class Good {
  @upcasts(PriceSetV1Schema, PriceSetV2Schema) second({ sku, price }: versions.PriceSetV1) {
    return create(PriceSetV2Schema, { sku, priceCents: price * 100 })
  }
  @upcasts('versions.PriceSetV2', PriceSetV3Schema) async third(old: versions.PriceSetV2) {
    await Promise.resolve()
    return create(PriceSetV3Schema, { sku: old.sku })
  }
}
export const good = defineUpcaster({ name: 'prices', domain: 'price' }).upcasts(
  PriceSetV1Schema,
  PriceSetV2Schema,
  ({ sku, price }) => create(PriceSetV2Schema, { sku, priceCents: price * 100 }),
)

export class WrongOld {
  @upcasts(PriceSetV1Schema, PriceSetV2Schema) // error TS1241
  second(_old: versions.PriceSetV3) {
    return create(PriceSetV2Schema)
  }
}
export class WrongNew {
  @upcasts(PriceSetV1Schema, PriceSetV2Schema) // error TS1241
  second(_old: versions.PriceSetV1) {
    return create(PriceSetV3Schema)
  }
}
@upcaster({ name: 'prices', domain: 'price' }) // error TS1238
export class ReturnsNoMessage {
  @upcasts('versions.PriceSetV1', 'versions.PriceSetV2') second(old: versions.PriceSetV1) {
    return old.sku
  }
}
@upcaster({ name: 'prices' }) // error TS2741
export class NoDomain {}

const renew = defineUpcaster({ name: 'prices', domain: 'price' })
export const bad = [
  renew.upcasts(PriceSetV1Schema, PriceSetV2Schema, () => create(PriceSetV3Schema)), // error TS2322
  renew.upcasts(PriceSetV1Schema, PriceSetV2Schema, (old) => create(PriceSetV2Schema, old)), // error TS2345
  renew.upcasts(PriceSetV1Schema, PriceSetV2Schema, () => undefined), // error TS2322
]
