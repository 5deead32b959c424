/** Bare calls of `@grpc/grpc-js`: bytes there and back, nothing encoded, nothing looked at. */
import type { MethodDefinition } from '@grpc/grpc-js'
import { loadGrpc } from '../src/client/grpc/load-grpc.ts'

const asTheyAre = (bytes: Buffer): Buffer => bytes

function method(name: string, responseStream: boolean): MethodDefinition<Buffer, Buffer> {
  return {
    path: `/bench.Bare/${name}`,
    requestStream: false,
    responseStream,
    requestSerialize: asTheyAre,
    requestDeserialize: asTheyAre,
    responseSerialize: asTheyAre,
    responseDeserialize: asTheyAre,
  }
}

/** What `peer.ts` serves: one answer, or the same one without end. */
export const bareMethods = { echo: method('Echo', false), repeat: method('Repeat', true) } as const

/** Calls it. */
export interface BareEcho extends Disposable {
  call(bytes: Buffer): Promise<Buffer>
  /** Reads so many answers of a stream. */
  read(bytes: Buffer, answers: number): Promise<void>
}

/** A client with a connection of its own. */
export async function bareEcho(address: string): Promise<BareEcho> {
  const grpc = await loadGrpc()
  const client = new grpc.Client(address, grpc.credentials.createInsecure())
  const { echo, repeat } = bareMethods
  return {
    call: (bytes) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(echo.path, asTheyAre, asTheyAre, bytes, (error, answer) => {
          if (error === null) resolve(answer ?? bytes)
          else reject(error)
        })
      }),
    read: async (bytes, answers) => {
      const stream = client.makeServerStreamRequest(repeat.path, asTheyAre, asTheyAre, bytes)
      stream.on('error', () => undefined)
      let left = answers
      for await (const _ of stream) if (--left === 0) break
      stream.cancel()
    },
    [Symbol.dispose]: () => client.close(),
  }
}
