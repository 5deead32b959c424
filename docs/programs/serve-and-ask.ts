import {
  connectChannel,
  create,
  GRPCError,
  packAny,
  serviceClient,
  startComponentHost,
} from 'amends'
import { CommandHandlerService, ContextualCommandSchema } from 'amends/proto'
import * as inventory from './gen/inventory_pb.ts'
import { stock } from './inventory.ts'

// The server: a program of its own calls runComponentHost, which ends with SIGTERM.
const server = await startComponentHost({
  components: [stock],
  domain: 'inventory',
  address: '127.0.0.1:0',
  logger: () => undefined,
})
await server.ready

// The caller, in any language: a command with the history it is decided on.
await using channel = await connectChannel(server.address)
const handler = serviceClient(CommandHandlerService, channel)
const received = create(inventory.ReceivedSchema, { quantity: 5 })
for (const quantity of [3, 9]) {
  const reserve = create(inventory.ReserveSchema, { orderId: 'A-1', quantity })
  const cover = { domain: 'inventory', root: { value: new Uint8Array(16) } }
  const request = create(ContextualCommandSchema, {
    events: {
      cover,
      nextSequence: 1,
      pages: [{ payload: { case: 'event', value: packAny(inventory.ReceivedSchema, received) } }],
    },
    command: {
      cover,
      pages: [{ payload: { case: 'command', value: packAny(inventory.ReserveSchema, reserve) } }],
    },
  })
  try {
    const { result } = await handler.handle(request)
    console.log(result.case)
  } catch (error) {
    if (!(error instanceof GRPCError)) throw error
    console.log(error.grpcCode, error.code)
  }
}
await server.stop()
