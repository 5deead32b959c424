import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { create, defineProjector, packAny } from 'amends'
import { httpCloudEvents, openCoordinator } from 'amends/coordinator'
import { CloudEventsResponseSchema } from 'amends/proto'
import * as order from './gen/order_pb.ts'
import { orders } from './shop.ts'

const news = defineProjector({ name: 'order-news', domains: ['order'] }).handles(
  order.PlacedSchema,
  ({ orderId, sku }) => {
    const data = packAny(order.PlacedSchema, create(order.PlacedSchema, { orderId, sku }))
    return create(CloudEventsResponseSchema, { events: [{ type: 'shop.order.placed', data }] })
  },
)

// Somebody else's server: busy at first.
const answers = [503, 204]
const receiver = createServer((request, response) => {
  void text(request).then((body) => {
    const [event] = JSON.parse(body)
    const status = answers.shift() ?? 204
    console.log(status, event.type, event.source, event.data)
    response.writeHead(status).end()
  })
})
await new Promise<void>((listening) => receiver.listen(4010, '127.0.0.1', listening))
{
  const cloudEvents = httpCloudEvents({ url: 'http://127.0.0.1:4010/events' })
  const components = [orders, news]
  await using coordinator = await openCoordinator({ ledger: 'news.db', components, cloudEvents })
  const tea = { orderId: 'A-1', sku: 'chai', quantity: 2 }
  await coordinator.client('order').command('A-1').withMessage(order.PlaceSchema, tea).execute()
  await coordinator.settled()
}
receiver.closeAllConnections()
receiver.close()
