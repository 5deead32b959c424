/** Buses over the RabbitMQ server of a test file; each has queues of its own. */
import { after } from 'node:test'
import { connect } from 'amqplib'
import { type AmqpBus, openAmqpBus } from '../../src/bus/amqp/open-amqp-bus.ts'
import type { AmqpBusOptions } from '../../src/bus/amqp/amqp-settings.ts'
import { type RabbitMqOrReason, startRabbitMq } from '../servers/rabbitmq.ts'

/** A server for the tests of one file; it ends with them. */
export async function rabbitForTests(): Promise<RabbitMqOrReason> {
  const rabbit = await startRabbitMq()
  if (rabbit.kind === 'running') after(() => rabbit.server[Symbol.asyncDispose]())
  return rabbit
}

let opened = 0

/** The names of queues that nobody else uses begin with it. */
export function freshPrefix(): string {
  return `test-${++opened}.`
}

/** Opens a bus on the server, on queues of its own unless the prefix is given. */
export async function openBus(
  rabbit: RabbitMqOrReason,
  options: Omit<AmqpBusOptions, 'url'> = {},
): Promise<AmqpBus> {
  return await openAmqpBus({ prefix: freshPrefix(), ...options, url: urlOf(rabbit) })
}

/** Deletes the queues of topics. */
export async function deleteQueues(
  rabbit: RabbitMqOrReason,
  prefix: string,
  topics: readonly string[],
): Promise<void> {
  const connection = await connect(urlOf(rabbit))
  const channel = await connection.createChannel()
  for (const topic of topics) await channel.deleteQueue(prefix + topic)
  await connection.close()
}

/** The URL of a server that runs. */
export function urlOf(rabbit: RabbitMqOrReason): string {
  if (rabbit.kind === 'running') return rabbit.server.url
  throw new Error(rabbit.skip)
}
