/**
 * A program that serves an aggregate until SIGTERM. Its last line says how many commands its handler
 * began and how many it ended.
 */
import { create } from '@bufbuild/protobuf'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { configureLogging } from '../../src/host/log.ts'
import { runCommandHandlerServer } from '../../src/host/run-server.ts'
import { aggregates } from '../component/routers.ts'
import {
  CreateOrderSchema,
  OrderCreatedSchema,
  OrderStateSchema,
} from '../fixtures/gen/orders_pb.ts'

let begun = 0
let ended = 0
const order = defineAggregate({ domain: 'order', state: OrderStateSchema }).handles(
  CreateOrderSchema,
  async ({ orderId }) => {
    begun++
    await new Promise((resolve) => setTimeout(resolve, 2))
    ended++
    return create(OrderCreatedSchema, { orderId })
  },
)

configureLogging()
await runCommandHandlerServer(aggregates(order), { domain: 'order' })
process.stdout.write(`${JSON.stringify({ begun, ended })}\n`)
