import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rootOfBytes } from '../identity.ts'
import {
  cartRoot,
  computeRoot,
  customerRoot,
  fulfillmentRoot,
  INVENTORY_PRODUCT_NAMESPACE,
  inventoryProductRoot,
  inventoryRoot,
  orderRoot,
  productRoot,
  rootFor,
  toProtoBytes,
} from './compute-root.ts'

describe('computeRoot', () => {
  it('gives the same root for the same domain and key [client-C-0107]', () => {
    assert.equal(computeRoot('cart', 'alice'), computeRoot('cart', 'alice'))
  })

  it('gives another root in another domain [client-C-0108]', () => {
    assert.equal(computeRoot('order', 'alice'), 'd7745eed-7cf6-5be1-9da0-ab487e8611f5')
    assert.notEqual(computeRoot('order', 'alice'), computeRoot('cart', 'alice'))
  })

  it('gives another root for another key [client-C-0109]', () => {
    assert.equal(computeRoot('cart', 'bob'), '811bb9e6-1adc-5970-9572-a50b8e441b52')
    assert.notEqual(computeRoot('cart', 'bob'), computeRoot('cart', 'alice'))
  })

  it('derives the roots that every client of the contract derives [client-C-0110]', () => {
    const vectors: readonly (readonly [string, string, string])[] = [
      ['cart', 'alice', 'f520dbd7-0692-5a5a-b315-48c73f2fff1b'],
      ['order', 'ord-42', '1e941e06-245c-5be9-9885-45852f029d0d'],
      ['order', '', 'b6408065-482a-5d1a-9aac-ef4bb488f3b7'],
      ['inventory_product', 'sku-xyz', '51be5466-4ac1-5ac3-80c5-f4955503add0'],
      ['', '', 'eadf12b6-bcf7-5938-a34f-0300d769cbef'],
      ['player', 'alice@x.com', '8cf1fb5d-45ce-58c2-a7e4-34359eb42d7c'],
      ['order', '日本', '7fc77417-c6f0-591d-9ab6-c2145ca55d70'],
    ]
    for (const [domain, key, root] of vectors) assert.equal(computeRoot(domain, key), root)
  })

  it('joins domain and key without a separator, so that two pairs can share a root', () => {
    assert.equal(computeRoot('ab', 'c'), '6af59609-697f-568e-aac4-bcc00774b07d')
    assert.equal(computeRoot('a', 'bc'), computeRoot('ab', 'c'))
  })
})

describe('the roots by kind', () => {
  it('are roots in the domain of their name [client-C-0113]', () => {
    assert.equal(orderRoot('ord-42'), '1e941e06-245c-5be9-9885-45852f029d0d')
    assert.equal(customerRoot('alice@x.com'), '9141d644-0602-5762-a8b9-d74e7d5a3d45')
    assert.equal(productRoot('SKU-001'), '25541820-eb7c-559d-9d00-834865d6ba57')
    assert.equal(inventoryRoot('prod-7'), 'af78f0ed-83a9-58aa-9f7b-53b253dd7242')
    assert.equal(cartRoot('cust-9'), '26e1f44e-eac8-550f-a738-4473dca718e5')
    assert.equal(fulfillmentRoot('ord-42'), 'ea29617a-0b9d-5c36-aefb-aec161b3cb34')
    assert.equal(inventoryProductRoot('sku-xyz'), '8c6baabf-71a0-5b46-b953-ec3bdac0a995')
  })

  it('keep inventory products apart from the domain of that name [client-C-0112]', () => {
    assert.notEqual(computeRoot('inventory_product', 'sku-xyz'), inventoryProductRoot('sku-xyz'))
  })

  it('know the namespace of inventory products [client-C-0111]', () => {
    assert.equal(INVENTORY_PRODUCT_NAMESPACE, '6ba7b810-9dad-11d1-80b4-00c04fd430c8')
  })
})

describe('toProtoBytes', () => {
  it('gives the 16 big-endian bytes [client-C-0114]', () => {
    const bytes = toProtoBytes(customerRoot('alice@x.com'))
    assert.equal(Buffer.from(bytes).toString('hex'), '9141d64406025762a8b9d74e7d5a3d45')
    assert.equal(rootOfBytes(bytes), customerRoot('alice@x.com'))
  })

  it('takes upper case and refuses what is no UUID', () => {
    const root = customerRoot('alice@x.com')
    assert.deepEqual(toProtoBytes(root.toUpperCase()), toProtoBytes(root))
    assert.throws(() => toProtoBytes('ord-42'), { code: 'ROOT_INVALID' })
  })
})

describe('rootFor', () => {
  it('takes a UUID as it is, in lower case', () => {
    const root = orderRoot('ord-42')
    assert.equal(rootFor('cart', root.toUpperCase()), root)
  })

  it('takes any other text for a business key of the domain', () => {
    assert.equal(rootFor('order', 'ord-42'), orderRoot('ord-42'))
    const almost = orderRoot('ord-42').slice(1)
    assert.equal(rootFor('order', almost), computeRoot('order', almost))
  })
})
