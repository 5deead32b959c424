/** Opens the books: records the settings, fills the warehouse, sets the credit limits. */
import type { Coordinator } from 'amends/coordinator'
import * as account from './gen/account_pb.ts'
import * as book from './gen/book_pb.ts'
import * as inventory from './gen/inventory_pb.ts'
import { continuedSettings, newSettings, type WantedSettings } from './settings.ts'
import type { Trade } from './trade.ts'
import type { Books } from './books.ts'

type Clients = Pick<Coordinator, 'client'>

/**
 * The settings that the books have; books that have none get those that are wanted.
 *
 * @throws CodedError `SETTINGS_DIFFER` when others were wanted than the books have
 */
export async function agreeOnSettings(
  clients: Clients,
  books: Books,
  wanted: WantedSettings,
): Promise<book.Settings> {
  if (books.settings !== undefined) return continuedSettings(books.settings, wanted)
  const settings = newSettings(wanted)
  await clients
    .client('book')
    .command('order-book')
    .withMessage(book.OpenBooksSchema, { settings })
    .withIdempotencyKey('open-books')
    .execute()
  return settings
}

/** Stock for every product, a limit for every customer; what is there already is left alone. */
export async function fillWarehouse(clients: Clients, trade: Trade, books: Books): Promise<void> {
  const inventories = clients.client('inventory')
  const accounts = clients.client('account')
  const products = trade.products.filter(({ id }) => !books.stocked.has(id))
  const customers = [...trade.customers.keys()].filter((id) => !books.limited.has(id))
  await Promise.all([
    ...products.map(({ id, opening }) =>
      inventories
        .command(String(id))
        .withMessage(inventory.ReceiveStockSchema, { product: id, quantity: opening })
        .withIdempotencyKey(`receive-${id}`)
        .execute(),
    ),
    ...customers.map((customer) =>
      accounts
        .command(customer)
        .withMessage(account.SetCreditLimitSchema, { customer, cents: trade.creditLimitCents })
        .withIdempotencyKey(`limit-${customer}`)
        .execute(),
    ),
  ])
}
