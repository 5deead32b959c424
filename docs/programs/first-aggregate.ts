import { codeOf } from 'amends'
import { openCoordinator } from 'amends/coordinator'
import * as inventory from './gen/inventory_pb.ts'
import { stock } from './inventory.ts'

await using coordinator = await openCoordinator({ ledger: 'shop.db', components: [stock] })
const client = coordinator.client('inventory')

await client.command('chai').withMessage(inventory.ReceiveSchema, { quantity: 10 }).execute()
await client
  .command('chai')
  .withMessage(inventory.ReserveSchema, { orderId: 'A-1', quantity: 4 })
  .execute()
await client
  .command('chai')
  .withMessage(inventory.ReserveSchema, { orderId: 'A-2', quantity: 9 })
  .execute()
  .catch((error: unknown) => console.log('refused:', codeOf(error)))

const history = client.query('chai')
for (const { sequence, message } of await history.events(
  inventory.ReceivedSchema,
  inventory.ReservedSchema,
)) {
  console.log(sequence, message.$typeName, message.quantity)
}
