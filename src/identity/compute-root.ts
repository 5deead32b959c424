/** Roots derived from business keys, as every client of the contract derives them. */
import { bytesOfRoot, isUuid, namedRoot, parseRoot, type Root } from '../identity.ts'

const NAMESPACE_OID = parseRoot('6ba7b812-9dad-11d1-80b4-00c04fd430c8')

/** Namespace of {@link inventoryProductRoot} (Angzarr client: `INVENTORY_PRODUCT_NAMESPACE`). */
export const INVENTORY_PRODUCT_NAMESPACE: Root = parseRoot('6ba7b810-9dad-11d1-80b4-00c04fd430c8')

/**
 * The root of a business key in a domain (Angzarr client: `compute_root`). Domain and key are
 * joined without a separator, as the contract has it: ("ab", "c") and ("a", "bc") are one root.
 */
export function computeRoot(domain: string, businessKey: string): Root {
  return namedRoot(NAMESPACE_OID, `angzarr${domain}${businessKey}`)
}

/** A UUID as it is; any other text is a business key of the domain. */
export function rootFor(domain: string, rootOrKey: string): Root {
  return isUuid(rootOrKey) ? parseRoot(rootOrKey) : computeRoot(domain, rootOrKey)
}

/** Root of a customer by e-mail address. */
export function customerRoot(email: string): Root {
  return computeRoot('customer', email)
}

/** Root of a product by stock keeping unit. */
export function productRoot(sku: string): Root {
  return computeRoot('product', sku)
}

/** Root of an order by its number. */
export function orderRoot(orderId: string): Root {
  return computeRoot('order', orderId)
}

/** Root of a product's inventory. */
export function inventoryRoot(productId: string): Root {
  return computeRoot('inventory', productId)
}

/** Root of a product's inventory in the namespace of its own, over the product id alone. */
export function inventoryProductRoot(productId: string): Root {
  return namedRoot(INVENTORY_PRODUCT_NAMESPACE, productId)
}

/** Root of a customer's cart. */
export function cartRoot(customerId: string): Root {
  return computeRoot('cart', customerId)
}

/** Root of an order's fulfilment. */
export function fulfillmentRoot(orderId: string): Root {
  return computeRoot('fulfillment', orderId)
}

/** The 16 big-endian bytes of a root (Angzarr client: `to_proto_bytes`). */
export function toProtoBytes(root: string): Uint8Array {
  return bytesOfRoot(parseRoot(root))
}
