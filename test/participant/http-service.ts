/** A service that speaks only HTTP: it answers what a test tells it to, and remembers what it was asked. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One call that came. */
export type HttpAsked = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Answers a call. */
export type HttpAnswer = (asked: HttpAsked, response: ServerResponse, call: number) => void

/** See the top of this file. */
export type HttpService = AsyncDisposable & {
  readonly url: string
  readonly asked: readonly HttpAsked[]
  /** Answers so from now on. */
  answers(answer: HttpAnswer): void
}

/** Listens on the loopback interface, on a free port. */
export async function httpService(first: HttpAnswer): Promise<HttpService> {
  const asked: HttpAsked[] = []
  let answer = first
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      const one = { method, path, headers, body: Buffer.concat(chunks).toString() }
      asked.push(one)
      answer(one, response, asked.length)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has an address of this shape.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answers: (next) => (answer = next),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Answers with a status and JSON. */
export function json(status: number, content: unknown, headers: Record<string, string> = {}) {
  return (_: HttpAsked, response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(content))
  }
}
