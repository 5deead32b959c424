import { createTelemetry, MetricsRegistry, openCoordinator } from 'amends/coordinator'
import { demandProjector } from './demand.ts'
import * as order from './gen/order_pb.ts'
import { orders } from './shop.ts'

const telemetry = createTelemetry({
  metrics: new MetricsRegistry(), // default: one for the whole process
  redact: (text) => text.replaceAll(/\S+@\S+/g, '[address]'),
})
const components = [orders, demandProjector]
await using coordinator = await openCoordinator({ ledger: 'watched.db', components, telemetry })
const client = coordinator.client('order')

const placed = { orderId: 'A-1', sku: 'chai', quantity: 2 }
await client.command('A-1').withMessage(order.PlaceSchema, placed).execute()
const nameless = client.command('A-2').withMessage(order.PlaceSchema, placed)
await nameless
  .withCorrelationId('x'.repeat(5_000))
  .execute()
  .catch(() => undefined)
await coordinator.settled()

const lines = coordinator.metrics.text().split('\n') // what you serve at /metrics
console.log(
  lines.filter((line) => /_(total|count|lag)\{.*(order|demand|code)/.test(line)).join('\n'),
)
