/**
 * The process of the components: dials the coordinator, answers its calls, and dials again when it is
 * gone; serves the read models. Ends with SIGTERM.
 *
 *     components-program.js <coordinator> <socket for the read models> <their database>
 */
import { cleanupSocket, ExponentialBackoffRetry, grpcService, startServer } from 'amends'
import { dialComponents } from 'amends/server'
import { ReadModels, RevenueRowSchema, StockRowSchema } from '../gen/views_pb.ts'
import { ReadModelDatabase } from './read-model-database.ts'
import { componentsOn, nameElsewhere } from './remote-components.ts'

const [, , coordinator = '', socket = '', path = ''] = process.argv
const STOCK = nameElsewhere('stock')
const REVENUE = nameElsewhere('revenue')

const told = new Promise<void>((resolve) => process.once('SIGTERM', resolve))
using database = new ReadModelDatabase(path)
const readModels = grpcService(ReadModels, {
  read: () => ({
    stock: [...database.all(STOCK, StockRowSchema)],
    revenue: [...database.all(REVENUE, RevenueRowSchema)],
    stockEvents: database.events(STOCK),
    revenueEvents: database.events(REVENUE),
  }),
})
// One that a crash has left.
cleanupSocket(socket)
const server = await startServer(readModels, { address: `unix:${socket}`, logger: () => undefined })
const link = await dialComponents({
  endpoint: coordinator,
  components: componentsOn(database),
  name: 'order-book',
  logger: () => undefined,
  backoff: new ExponentialBackoffRetry({ minDelayMs: 20, maxDelayMs: 200 }),
})
await link.connected
console.log('ready')
await told
await link.stop()
await server.stop({ graceMs: 0 })
