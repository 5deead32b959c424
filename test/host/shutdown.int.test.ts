import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { connectChannel } from '../../src/client/grpc/connect.ts'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import { GRPCError } from '../../src/errors/client-error.ts'
import { CommandHandlerService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { commandRequest, make } from '../component/envelopes.ts'
import { CreateOrderSchema } from '../fixtures/gen/orders_pb.ts'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const program = fileURLToPath(new URL(`./server-program${extension}`, import.meta.url))

type Line = Readonly<Record<string, unknown>>

describe('SIGTERM', () => {
  it('under load loses no call that a handler began, and the process ends', async () => {
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, ANGZARR_BIND_ADDRESS: '127.0.0.1:0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    const lines: Line[] = []
    const started = Promise.withResolvers<Line>()
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line
      lines.push(line)
      if (line['event'] === 'server_started') started.resolve(line)
    })
    const { address } = await started.promise
    assert.equal(typeof address, 'string')
    await using channel = await connectChannel(String(address))
    const client = serviceClient(CommandHandlerService, channel)
    const request = commandRequest('order', make(CreateOrderSchema, { orderId: 'o-1' }))

    let answered = 0
    const failures: string[] = []
    const caller = async (): Promise<void> => {
      for (;;) {
        try {
          await client.handle(request)
          if (++answered === 300) child.kill('SIGTERM')
        } catch (error) {
          assert.ok(error instanceof GRPCError)
          failures.push(error.grpcCode)
          return
        }
      }
    }
    await Promise.all(Array.from({ length: 64 }, caller))
    const [code] = (await exited) as readonly unknown[]
    assert.equal(code, 0)
    assert.deepEqual([...new Set(failures)], ['UNAVAILABLE'])
    const last = lines.at(-1)
    assert.deepEqual(last, { begun: answered, ended: answered })
    assert.deepEqual(
      lines.slice(0, -1).map(({ event, service, domain }) => [event, service, domain]),
      [
        ['server_started', 'CommandHandlerService', 'order'],
        ['server_shutdown', 'CommandHandlerService', 'order'],
      ],
    )
  })
})
