/** A receiver of CloudEvents over HTTP. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What it answers with: a status, or nothing. */
export type Answer = number | 'drop' | 'silence'

/** What was posted to it, and what it still answers. */
export type Receiver = AsyncDisposable & {
  readonly url: string
  readonly posts: { readonly headers: IncomingMessage['headers']; readonly body: unknown }[]
  readonly answers: Answer[]
}

/** A server that keeps what is posted to it; it answers as told, and then with 200. */
export async function receive(answers: Answer[] = []): Promise<Receiver> {
  const posts: { headers: IncomingMessage['headers']; body: unknown }[] = []
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      posts.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) })
      const answer = answers.shift() ?? 200
      if (answer === 'silence') return
      if (answer === 'drop') request.socket.destroy()
      else response.writeHead(answer).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server on TCP has an address of this form.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/events`,
    posts,
    answers,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
