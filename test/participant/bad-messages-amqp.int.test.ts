import { connect } from 'amqplib'
import { freshPrefix, openBus, rabbitForTests, urlOf } from '../broker/amqp-bus.ts'
import { badMessages } from './bad-messages.ts'

const rabbit = await rabbitForTests()
let prefix = ''

badMessages(
  'RabbitMQ',
  async () => {
    prefix = freshPrefix()
    return await openBus(rabbit, { prefix })
  },
  {
    skip: rabbit.skip,
    foreign: async ({ topic, content, headers }) => {
      const connection = await connect(urlOf(rabbit))
      const channel = await connection.createConfirmChannel()
      channel.sendToQueue(prefix + topic, Buffer.from(content), { headers })
      await channel.waitForConfirms()
      await connection.close()
    },
  },
)
