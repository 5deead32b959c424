import { strict as assert } from 'node:assert'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { create } from '@bufbuild/protobuf'
import { connectChannel } from '../../src/client/grpc/connect.ts'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import { ClientError, GRPCError } from '../../src/errors/client-error.ts'
import type { ComponentSession } from '../../src/host/session/component-session.ts'
import { sessionService } from '../../src/host/session/session-service.ts'
import { CommandHandlerService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { EventQueryService } from '../../src/proto/angzarr_client/proto/angzarr/query_pb.ts'
import { QuerySchema } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { commandRequest, make } from '../component/envelopes.ts'
import { CreateOrderSchema } from '../fixtures/gen/orders_pb.ts'
import { serve } from './serving.ts'

type Line = Readonly<Record<string, unknown>>

type Program = {
  readonly child: ChildProcess
  /** Resolves with its exit code. */
  readonly exited: Promise<unknown>
  /** The JSON lines it wrote so far. */
  readonly lines: readonly Line[]
  /** Resolves with the line that says where it listens. */
  readonly started: Promise<Line>
}

function startProgram(name: string, ...args: readonly string[]): Program {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const path = fileURLToPath(new URL(`./${name}${extension}`, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], {
    env: { ...process.env, ANGZARR_BIND_ADDRESS: '127.0.0.1:0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: Line[] = []
  const started = Promise.withResolvers<Line>()
  const reader = createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line
    lines.push(line)
    if (line['event'] === 'server_started') started.resolve(line)
  })
  const whole = once(reader, 'close')
  const exited = once(child, 'exit').then(async ([code]: readonly unknown[]) => {
    await whole
    return code
  })
  return { child, exited, lines, started: started.promise }
}

const request = commandRequest('order', make(CreateOrderSchema, { orderId: 'o-1' }))

/** Sixty-four callers until the first failure of each; answers the codes of these. */
async function callUntilRefused(call: () => Promise<unknown>): Promise<ReadonlySet<string>> {
  const failures = new Set<string>()
  const caller = async (): Promise<void> => {
    for (;;) {
      try {
        await call()
      } catch (error) {
        assert.ok(error instanceof ClientError)
        failures.add(error.grpcStatus)
        return
      }
    }
  }
  await Promise.all(Array.from({ length: 64 }, caller))
  return failures
}

describe('SIGTERM', () => {
  it('under load loses no call that a handler began, and the process ends', async () => {
    const { child, exited, lines, started } = startProgram('server-program')
    const { address } = await started
    await using channel = await connectChannel(String(address))
    const client = serviceClient(CommandHandlerService, channel)
    let answered = 0
    const failures = await callUntilRefused(async () => {
      await client.handle(request)
      if (++answered === 300) child.kill('SIGTERM')
    })
    assert.equal(await exited, 0)
    assert.deepEqual([...failures], ['UNAVAILABLE'])
    assert.deepEqual(lines.at(-1), { begun: answered, ended: answered })
    assert.deepEqual(
      lines.slice(0, -1).map(({ event, service, domain }) => [event, service, domain]),
      [
        ['server_started', 'CommandHandlerService', 'order'],
        ['server_shutdown', 'CommandHandlerService', 'order'],
      ],
    )
  })

  it('lets streams under way come to their end, and cuts off at the end of the grace', async () => {
    const { child, exited, lines, started } = startProgram('stream-program')
    const { address } = await started
    await using channel = await connectChannel(String(address))
    const client = serviceClient(EventQueryService, channel)
    const books = (domain: string) =>
      client.getEvents(create(QuerySchema, { cover: { domain } }))[Symbol.asyncIterator]()
    const streams = Array.from({ length: 8 }, () => books('order'))
    const endless = books('endless')
    await Promise.all([...streams, endless].map((stream) => stream.next()))
    child.kill('SIGTERM')
    const counts = streams.map(async (stream) => {
      let count = 1
      while ((await stream.next()).done !== true) count++
      return count
    })
    const cutOff = assert.rejects(async () => {
      while ((await endless.next()).done !== true) continue
    }, GRPCError)
    assert.deepEqual(
      await Promise.all(counts),
      Array.from({ length: 8 }, () => 100),
    )
    await cutOff
    assert.equal(await exited, 0)
    assert.deepEqual(lines.at(-1), { begun: 9, whole: 8 })
  })

  it('makes a component leave its session with every call answered that it began', async () => {
    const arrived = Promise.withResolvers<ComponentSession>()
    await using host = await serve(sessionService({ onSession: arrived.resolve }))
    const { child, exited, lines } = startProgram('session-program', host.endpoint)
    const session = await arrived.promise
    let answered = 0
    const failures = await callUntilRefused(async () => {
      await session.call(CommandHandlerService.method.handle, request)
      if (++answered === 300) child.kill('SIGTERM')
    })
    assert.equal(await exited, 0)
    assert.deepEqual([...failures], ['UNAVAILABLE'])
    assert.ok(answered >= 300)
    assert.deepEqual(lines.at(-1), { begun: answered, ended: answered })
  })
})
