/**
 * Requests to a participant and its replies, through the bus of this process and through RabbitMQ,
 * beside messages that are only published and confirmed: on RabbitMQ by `amqplib` alone, to a queue of
 * the same kind. A request and its reply are two messages, so two are counted. Then sagas of three
 * remote steps beside the same saga of local steps.
 *
 * Not measured: replies that are remembered in a ledger, handlers that do something, several processes.
 * Without a RabbitMQ server only the bus of this process is measured, and why is said.
 */
import { connect } from 'amqplib'
import { openAmqpBus } from '../src/bus/amqp/open-amqp-bus.ts'
import type { Bus, BusMessage } from '../src/bus/bus.ts'
import { openMemoryBus } from '../src/bus/memory/open-memory-bus.ts'
import { hostParticipant } from '../src/participant/host-participant.ts'
import { requestMessage } from '../src/participant/request-message.ts'
import { Saga } from '../src/saga/dsl/saga.ts'
import { handle } from '../src/saga/messages/handle.ts'
import { requestType } from '../src/saga/messages/request-type.ts'
import { openSagaManager } from '../src/saga/manager/open-saga-manager.ts'
import { type RabbitMq, startRabbitMq } from '../test/servers/rabbitmq.ts'
import { bestOfTurns } from './best-of-turns.ts'
import { keepInFlight } from './in-flight.ts'
import type { Measurement } from './measurement.ts'
import { withScratch } from './scratch.ts'

/** Turns of both, and seconds of each. */
const TURNS = 4
const SECONDS = 0.7
const WARM_UP_SECONDS = 0.3
const SAGA_SECONDS = 3
const IN_FLIGHT = [1, 64] as const
const TARGET = 'bench.echo'
const REPLIES = 'benchReply'
const CONTENT = { text: 'x'.repeat(100) }

/** Messages per second through both buses, and remote sagas per second. */
export async function measureBus(): Promise<readonly Measurement[]> {
  const inProcess = await measureOn('memory', async () => openMemoryBus(), publishInProcess)
  const local = await sagasPerSecond(withoutBus)
  const rabbit = await startRabbitMq()
  if (rabbit.kind === 'missing') {
    console.log(`RabbitMQ is not measured: ${rabbit.skip}`)
    return [...inProcess, await measureSagas('memory', async () => openMemoryBus(), local)]
  }
  await using server = rabbit.server
  let opened = 0
  const openBus = async (): Promise<Bus> =>
    await openAmqpBus({ url: server.url, prefix: `bench-${++opened}.` })
  const overRabbit = await measureOn('amqp', openBus, (inFlight) => publishBare(server, inFlight))
  return [
    ...inProcess,
    ...overRabbit,
    await measureSagas('memory', async () => openMemoryBus(), local),
    await measureSagas('amqp', openBus, local),
  ]
}

/** Requests and replies of one bus, beside what is only published there. */
async function measureOn(
  name: string,
  open: () => Promise<Bus>,
  publish: (inFlight: number) => Promise<number>,
): Promise<readonly Measurement[]> {
  const measured: Measurement[] = []
  for (const inFlight of IN_FLIGHT) {
    const best = await bestOfTurns({
      ours: () => requestsAndReplies(open, inFlight),
      baseline: () => publish(inFlight),
      turns: TURNS,
    })
    measured.push({
      name: `bus.${name}-${inFlight}-in-flight`,
      ...best,
      unit: 'messages/s',
      against: 'messages that are only published and confirmed, as many in flight',
    })
  }
  return measured
}

async function requestsAndReplies(open: () => Promise<Bus>, inFlight: number): Promise<number> {
  await using bus = await open()
  const handlers = [{ target: TARGET, handle: (content: unknown) => content }]
  await using _ = await hostParticipant({ bus, service: 'bench', handlers })
  const waiting = new Map<string, () => void>()
  await bus.consume(REPLIES, ({ message }) => {
    waiting.get(message.id)?.()
    waiting.delete(message.id)
  })
  const call = async (index: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const message = requestOf(index)
    waiting.set(message.id, resolve)
    await bus.send(message)
    await promise
  }
  return 2 * (await perSecond(inFlight, call))
}

let requests = 0

function requestOf(index: number): BusMessage {
  const executionId = `e-${++requests}-${index}`
  return requestMessage({
    requestId: `${executionId}/echo`,
    target: TARGET,
    executionId,
    path: 'echo',
    direction: 'forward',
    attempt: 1,
    correlationId: executionId,
    content: CONTENT,
    replyTo: REPLIES,
  })
}

async function perSecond(
  inFlight: number,
  call: (index: number) => Promise<unknown>,
  seconds: number = SECONDS,
): Promise<number> {
  await keepInFlight({ inFlight, seconds: WARM_UP_SECONDS, call })
  return (await keepInFlight({ inFlight, seconds, call })).perSecond
}

/** Publishes to a topic whose messages are settled at once. */
async function publishInProcess(inFlight: number): Promise<number> {
  await using bus = openMemoryBus()
  await bus.consume(TARGET, () => undefined)
  return await perSecond(inFlight, async (index) => await bus.send(requestOf(index)))
}

/** Publishes with the driver alone, to a queue of the kind that the bus makes. */
async function publishBare({ url }: RabbitMq, inFlight: number): Promise<number> {
  const connection = await connect(url)
  try {
    const channel = await connection.createConfirmChannel()
    const queue = `bare-${inFlight}`
    await channel.assertQueue(queue, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true },
    })
    const call = (index: number): Promise<void> => {
      const { headers, content, id } = requestOf(index)
      const options = { persistent: true, mandatory: true, messageId: id, headers: { ...headers } }
      return new Promise((resolve, reject) => {
        channel.sendToQueue(queue, Buffer.from(content), options, (error: unknown) => {
          if (error === null || error === undefined) resolve()
          else reject(new Error('not confirmed', { cause: error }))
        })
      })
    }
    const result = await perSecond(inFlight, call)
    await channel.deleteQueue(queue)
    return result
  } finally {
    await connection.close()
  }
}

const echo = requestType<{ text: string }, { text: string }>(TARGET)

/** Three remote steps, one after the other. */
const remote = new Saga<{ text: string }>('remote')
  .remoteStep(({ text }) => echo({ text }), { name: 'one' })
  .onSuccess(async (_, reply) => await reply.content())
  .remoteStep(({ text }) => echo({ text }), { name: 'two' })
  .onSuccess(async (_, reply) => await reply.content())
  .remoteStep(({ text }) => echo({ text }), { name: 'three' })
  .onSuccess(async (_, reply) => await reply.content())
  .commit()

/** The same in this process. */
const local = new Saga<{ text: string }>('local')
  .localStep(({ text }) => ({ text }), { name: 'one' })
  .localStep(({ text }) => ({ text }), { name: 'two' })
  .localStep(({ text }) => ({ text }), { name: 'three' })
  .commit()

async function measureSagas(
  name: string,
  open: () => Promise<Bus>,
  baseline: number,
): Promise<Measurement> {
  return {
    name: `bus.sagas-${name}-64`,
    ours: await sagasPerSecond(open),
    baseline,
    unit: 'sagas/s',
    against: 'the same three steps as local ones, 64 in flight',
  }
}

const withoutBus = undefined

/** Sagas of three steps, 64 in flight; of local steps without a bus. */
async function sagasPerSecond(open: (() => Promise<Bus>) | undefined): Promise<number> {
  return await withScratch(async (ledger) => {
    await using bus = await open?.()
    const participants = [handle(echo, (content) => content)]
    const definitions = [remote, local]
    await using sagas = await openSagaManager({ ledger, definitions, participants, bus })
    const saga = open === undefined ? local : remote
    const call = async (): Promise<void> => {
      const { forward } = await sagas.run(saga, CONTENT)
      if (forward !== 'completed') throw new Error(`ended ${forward}`)
    }
    return await perSecond(64, call, SAGA_SECONDS)
  })
}
