/**
 * The other process of the gRPC benches. It serves a bare echo of `@grpc/grpc-js` and our services,
 * and dials the coordinator of the bench as a component.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { create } from '@bufbuild/protobuf'
import type { sendUnaryData, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import { loadGrpc } from '../src/client/grpc/load-grpc.ts'
import { openCoordinator } from '../src/coordinator/open-coordinator.ts'
import { serveCoordinator } from '../src/coordinator/services/serve-coordinator.ts'
import { serviceOf } from '../src/host/component-services.ts'
import { createServer } from '../src/host/create-server.ts'
import { grpcService, type GrpcService } from '../src/host/grpc-service.ts'
import { dialComponents } from '../src/host/session/dial-components.ts'
import { dialCoordinator } from '../src/host/session/dial-coordinator.ts'
import { CommandHandlerRouter } from '../src/component/command-handler-router.ts'
import {
  UpcasterService,
  UpcastResponseSchema,
} from '../src/proto/angzarr_client/proto/angzarr/upcaster_pb.ts'
import { bareMethods } from './bare-echo.ts'
import { mirror, mirroring } from './tally-cascade.ts'
import { tally, total } from './tally.ts'

/** What the other process is told. */
type Asked =
  | { readonly kind: 'echo' }
  | { readonly kind: 'dial-echo'; readonly endpoint: string }
  | { readonly kind: 'dial-tally'; readonly endpoint: string }
  | { readonly kind: 'coordinator'; readonly ledger: string; readonly cascading: boolean }

/** The other process. */
export interface Peer extends AsyncDisposable {
  /** The bare echo and our services, beside each other. */
  serveEcho(): Promise<{ readonly bare: string; readonly ours: string }>
  /** Dials a coordinator and answers its calls: as an upcaster that echoes, or as the aggregate. */
  dial(kind: 'dial-echo' | 'dial-tally', endpoint: string): Promise<void>
  /** Opens a coordinator with the aggregate in its process, and serves it; with what follows it. */
  serveCoordinator(ledger: string, cascading: boolean): Promise<string>
}

/** Starts it. */
export function startPeer(): Peer {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ask = async (asked: Asked): Promise<unknown> => {
    child.send(asked)
    const [answer] = (await once(child, 'message')) as [unknown]
    return answer
  }
  return {
    // Nobody but the program below answers, and it answers what was asked.
    serveEcho: async () => (await ask({ kind: 'echo' })) as Awaited<ReturnType<Peer['serveEcho']>>,
    dial: async (kind, endpoint) => void (await ask({ kind, endpoint })),
    serveCoordinator: async (ledger, cascading) =>
      String(await ask({ kind: 'coordinator', ledger, cascading })),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // It is killed when the bench is done with it, and ends by itself when the bench has died.
  process.on('disconnect', () => process.exit())
  process.on('message', (asked) => {
    // Only the bench sends here.
    void carryOut(asked as Asked).then((answer) => process.send?.(answer))
  })
}

async function carryOut(asked: Asked): Promise<unknown> {
  switch (asked.kind) {
    case 'echo':
      return await serveEcho()
    case 'dial-echo': {
      const link = await dialCoordinator({
        endpoint: asked.endpoint,
        services: [echo],
        logger: silent,
      })
      await link.connected
      return 'connected'
    }
    case 'dial-tally': {
      const link = await dialComponents({
        endpoint: asked.endpoint,
        components: [tally],
        logger: silent,
      })
      await link.connected
      return 'connected'
    }
    case 'coordinator': {
      const { ledger, cascading } = asked
      const components = cascading ? [tally, total, mirror, mirroring] : [tally]
      const coordinator = await openCoordinator({ ledger, components })
      const server = await serveCoordinator({ coordinator, listen: '127.0.0.1:0', logger: silent })
      await server.ready
      return server.addresses[0]
    }
  }
}

const silent = (): void => undefined

/** Answers with the pages it is asked about. */
const echo: GrpcService = grpcService(UpcasterService, {
  upcast: ({ events }) => create(UpcastResponseSchema, { events }),
})

async function serveEcho(): Promise<{ bare: string; ours: string }> {
  const aggregate = serviceOf(new CommandHandlerRouter([tally.definition]))
  const server = await createServer([echo, aggregate], { address: '127.0.0.1:0', logger: silent })
  await server.start()
  return { bare: await bareServer(), ours: server.address }
}

async function bareServer(): Promise<string> {
  const grpc = await loadGrpc()
  const server = new grpc.Server()
  server.addService(bareMethods, {
    echo: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) =>
      done(null, call.request),
    repeat,
  })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error === null) resolve(port)
    else reject(error)
  })
  const port = await promise
  return `127.0.0.1:${port}`
}

/** Sends the request back again and again, as fast as it is read. */
function repeat(call: ServerWritableStream<Buffer, Buffer>): void {
  const more = (): void => {
    while (!call.cancelled && call.write(call.request));
  }
  call.on('drain', more)
  more()
}
