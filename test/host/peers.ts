/** Peers that are no gRPC servers of ours: silent ones, and some that look at what passes by. */
import { strict as assert } from 'node:assert'
import { createServer as createHttp2 } from 'node:http2'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Something that listens. */
export type Endpoint = AsyncDisposable & { readonly endpoint: string }

/** Accepts connections and says nothing. */
export async function silentServer(): Promise<Endpoint> {
  return await listening(createServer((socket) => socket.on('error', () => undefined)))
}

/** Told when an HTTP/2 PING arrives. */
export async function pingWatcher(onPing: () => void): Promise<Endpoint> {
  const server = createHttp2()
  server.on('session', (session) => session.on('ping', onPing))
  return await listening(server)
}

/** Hands bytes on and counts connections. */
export async function countingProxy(
  target: string,
): Promise<Endpoint & { readonly connections: () => number }> {
  let connections = 0
  const [host = '', port = ''] = target.split(':')
  const server = createServer((socket) => {
    connections++
    const other = connect(Number(port), host)
    socket.pipe(other).pipe(socket)
    socket.on('error', () => other.destroy())
    socket.on('close', () => other.destroy())
    other.on('error', () => socket.destroy())
  })
  return { ...(await listening(server)), connections: () => connections }
}

async function listening(server: Server): Promise<Endpoint> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    endpoint: `127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
