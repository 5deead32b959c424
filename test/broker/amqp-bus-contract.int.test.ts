import { busContract } from '../../src/testing/bus-contract.ts'
import { deleteQueues, freshPrefix, openBus, rabbitForTests } from './amqp-bus.ts'

const rabbit = await rabbitForTests()
const TOPICS = ['work', 'work.dead', 'answers']

busContract(
  'RabbitMQ bus',
  async (bounds) => {
    const prefix = freshPrefix()
    const bus = await openBus(rabbit, { ...bounds, prefix })
    return {
      bus,
      [Symbol.asyncDispose]: async () => {
        await bus.close({ drainMs: 0 })
        await deleteQueues(rabbit, prefix, TOPICS)
      },
    }
  },
  { skip: rabbit.skip },
)
