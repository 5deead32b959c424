/** Opens the books: records the settings, fills the warehouse, sets the credit limits. */
import * as account from './gen/account_pb.ts'
import * as book from './gen/book_pb.ts'
import * as inventory from './gen/inventory_pb.ts'
import type { Business } from './business.ts'
import { continuedSettings, newSettings, type WantedSettings } from './settings.ts'
import type { Trade } from './trade.ts'

/** Everything that opens the books happens under this correlation id. */
export const OPENING = 'opening'

type Opened = Pick<Business, 'client' | 'ask' | 'books'>

/**
 * The settings that the books have; books that have none get those that are wanted.
 *
 * @throws CodedError `SETTINGS_DIFFER` when others were wanted than the books have
 */
export async function agreeOnSettings(
  { client, ask, books }: Opened,
  wanted: WantedSettings,
): Promise<book.Settings> {
  if (books.settings !== undefined) return continuedSettings(books.settings, wanted)
  const settings = newSettings(wanted)
  const open = client('book')
    .command('order-book')
    .withMessage(book.OpenBooksSchema, { settings })
    .withCorrelationId(OPENING)
    .withIdempotencyKey('open-books')
  await ask(() => open.execute())
  return settings
}

/** Stock for every product, a limit for every customer; what is there already is left alone. */
export async function fillWarehouse({ client, ask, books }: Opened, trade: Trade): Promise<void> {
  const inventories = client('inventory')
  const accounts = client('account')
  const products = trade.products.filter(({ id }) => !books.stocked.has(id))
  const customers = [...trade.customers.keys()].filter((id) => !books.limited.has(id))
  const deliveries = products.map(({ id, opening }) =>
    inventories
      .command(String(id))
      .withMessage(inventory.ReceiveStockSchema, { product: id, quantity: opening })
      .withCorrelationId(OPENING)
      .withIdempotencyKey(`receive-${id}`),
  )
  const limits = customers.map((customer) =>
    accounts
      .command(customer)
      .withMessage(account.SetCreditLimitSchema, { customer, cents: trade.creditLimitCents })
      .withCorrelationId(OPENING)
      .withIdempotencyKey(`limit-${customer}`),
  )
  await Promise.all([...deliveries, ...limits].map((one) => ask(() => one.execute())))
}
