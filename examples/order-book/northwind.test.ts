import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CodedError } from 'amends'
import { loadNorthwind, parseNorthwind } from './northwind.ts'
import { orderCents } from './trade.ts'

type Row = Record<string, unknown>
type Tables = Record<'Products' | 'Customers' | 'Shippers' | 'Orders' | 'OrderDetails', Row[]>

/** Tables of one order with one line. */
function tables(): Tables {
  return {
    Products: [{ Id: 1, ProductName: 'Chai', UnitsInStock: 39 }],
    Customers: [{ Id: 'ALFKI', CompanyName: 'Alfreds Futterkiste' }],
    Shippers: [{ Id: 1, CompanyName: 'Speedy Express' }],
    Orders: [
      {
        Id: 10248,
        CustomerId: 'ALFKI',
        OrderDate: '2012-07-04',
        ShippedDate: '2012-07-16',
        ShipVia: 1,
        ShipCountry: 'Germany',
      },
    ],
    OrderDetails: [{ OrderId: 10248, ProductId: 1, UnitPrice: 14, Quantity: 12, Discount: 0.15 }],
  }
}

/** The tables with one field changed. */
function broken(table: keyof Tables, field: string, value: unknown): Tables {
  const copy = tables()
  copy[table] = copy[table].map((row) => ({ ...row, [field]: value }))
  return copy
}

describe('loadNorthwind', () => {
  const data = loadNorthwind()

  test('the package holds what it is known to hold', () => {
    assert.equal(data.orders.length, 830)
    assert.equal(data.orders.flatMap(({ lines }) => lines).length, 2155)
    assert.equal(data.products.length, 77)
    assert.equal(data.customers.length, 91)
    assert.equal(data.shippers.length, 3)
  })
  test('21 orders never got a shipped date', () => {
    assert.equal(data.orders.filter(({ shippedOn }) => shippedOn === undefined).length, 21)
  })
  test('all lines, rounded one by one, are worth 1,265,793.29 together', () => {
    const cents = data.orders.reduce((sum, { lines }) => sum + orderCents(lines), 0n)
    assert.equal(cents, 126_579_329n)
  })
  test('orders come by number, which is by day too', () => {
    for (const [index, order] of data.orders.entries()) {
      const before = data.orders[index - 1] ?? order
      assert.ok(before.number <= order.number && before.orderedOn <= order.orderedOn)
    }
  })
})

describe('parseNorthwind', () => {
  test('well-formed tables are taken as they are', () => {
    const [order] = parseNorthwind(tables()).orders
    assert.deepEqual(order, {
      number: 10248,
      customer: 'ALFKI',
      country: 'Germany',
      orderedOn: '2012-07-04',
      shipper: 1,
      shippedOn: '2012-07-16',
      lines: [{ product: 1, quantity: 12, cents: 14_280n }],
    })
  })

  test('an order without a shipped date has none', () => {
    const [order] = parseNorthwind(broken('Orders', 'ShippedDate', null)).orders
    assert.equal(order?.shippedOn, undefined)
  })

  const faults: readonly [keyof Tables, string, unknown][] = [
    ['Products', 'Id', 0],
    ['Products', 'Id', '1'],
    ['Products', 'ProductName', ''],
    ['Products', 'UnitsInStock', -1],
    ['Products', 'UnitsInStock', 1.5],
    ['Products', 'UnitsInStock', undefined],
    ['Customers', 'Id', 7],
    ['Customers', 'CompanyName', null],
    ['Shippers', 'CompanyName', undefined],
    ['Orders', 'Id', Number.NaN],
    ['Orders', 'CustomerId', 'NOBODY'],
    ['Orders', 'OrderDate', '2012-02-30'],
    ['Orders', 'OrderDate', null],
    ['Orders', 'ShippedDate', '16.07.2012'],
    ['Orders', 'ShippedDate', '2012-07-03'],
    ['Orders', 'ShipVia', 9],
    ['Orders', 'ShipCountry', undefined],
    ['OrderDetails', 'OrderId', 1],
    ['OrderDetails', 'ProductId', 2],
    ['OrderDetails', 'UnitPrice', 1.234],
    ['OrderDetails', 'UnitPrice', -1],
    ['OrderDetails', 'UnitPrice', '14'],
    ['OrderDetails', 'Quantity', 0],
    ['OrderDetails', 'Discount', 1.5],
    ['OrderDetails', 'Discount', 0.12345],
  ]
  for (const [table, field, value] of faults) {
    test(`${table}.${field} = ${JSON.stringify(value)} is refused by name`, () => {
      assert.throws(
        () => parseNorthwind(broken(table, field, value)),
        (error) => isFault(error, table, field),
      )
    })
  }

  test('a row that comes twice is refused', () => {
    for (const table of ['Products', 'Customers', 'Shippers', 'Orders'] as const) {
      const twice = tables()
      twice[table] = [...twice[table], ...twice[table]]
      assert.throws(
        () => parseNorthwind(twice),
        (error) => isFault(error, table, 'Id'),
      )
    }
  })
  test('what is no table, no row or no data at all is refused', () => {
    for (const source of [undefined, null, 7, {}, { Products: 7 }, { Products: [null] }]) {
      assert.throws(() => parseNorthwind(source), { code: 'DATA_INVALID' })
    }
  })
})

/** An order whose line has moved away is reported at the order. */
function isFault(error: unknown, table: string, field: string): boolean {
  if (!(error instanceof CodedError)) return false
  const moved = table === 'OrderDetails' && field === 'OrderId'
  const expected = moved ? { table: 'Orders', field: 'Id' } : { table, field }
  assert.equal(error.code, 'DATA_INVALID')
  assert.equal(error.details['table'], expected.table)
  assert.equal(error.details['field'], expected.field)
  return true
}
