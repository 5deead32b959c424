import { DomainClient, GRPCError } from 'amends'
import { openCoordinator } from 'amends/coordinator'
import { dialComponents, remoteComponent, serveCoordinator, sessionDesk } from 'amends/server'
import * as inventory from './gen/inventory_pb.ts'
import { stock } from './inventory.ts'

// The coordinator: what `amends serve` does with the configuration below. It knows the names of the
// components, not what they do.
const desk = sessionDesk()
const link = desk.link('command_handler', 'inventory')
await using coordinator = await openCoordinator({
  ledger: 'shop.db',
  components: [remoteComponent({ kind: 'command_handler', domain: 'inventory' }, link)],
})
await using server = await serveCoordinator({
  coordinator,
  listen: '127.0.0.1:0',
  sessions: desk,
  logger: () => undefined,
})
await server.ready
const [endpoint = ''] = server.addresses

// The components, a program of their own: they dial the coordinator, and dial again when it is gone.
await using dialled = await dialComponents({
  endpoint,
  components: [stock],
  logger: () => undefined,
})
await dialled.connected

// The caller, a third one.
await using client = await DomainClient.connect(endpoint, { domain: 'inventory' })
await client.command('chai').withMessage(inventory.ReceiveSchema, { quantity: 5 }).execute()
const reserve = client
  .command('chai')
  .withMessage(inventory.ReserveSchema, { orderId: 'A-1', quantity: 9 })
try {
  await reserve.execute()
} catch (error) {
  if (!(error instanceof GRPCError)) throw error
  console.log(error.code)
}
const [received] = await client.query('chai').events(inventory.ReceivedSchema)
console.log(received?.message.quantity)
