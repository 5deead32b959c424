/**
 * A component that dials the coordinator its argument names and leaves it at SIGTERM. Its last line
 * says how many commands its handler began and how many it ended.
 */
import { once } from 'node:events'
import { create } from '@bufbuild/protobuf'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { dialComponents } from '../../src/host/session/dial-components.ts'
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

const [, , endpoint = ''] = process.argv
const link = await dialComponents({ endpoint, components: [order] })
await link.connected
await once(process, 'SIGTERM')
await link.stop()
process.stdout.write(`${JSON.stringify({ begun, ended })}\n`)
