import assert from 'node:assert/strict'
import { test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js'
import { codeOf } from '../../errors.ts'
import { GRPCError } from '../../errors/client-error.ts'
import {
  UpcasterService,
  UpcastRequestSchema,
} from '../../proto/angzarr_client/proto/angzarr/upcaster_pb.ts'
import { loadGrpc } from './load-grpc.ts'
import { openChannel } from './open-channel.ts'
import { serviceClient } from './service-client.ts'

test('an answer that is no message of its type fails the call as INTERNAL', async () => {
  await using server = await answering(Buffer.from([0xff]))
  await using channel = await openChannel(server.address)
  await assert.rejects(serviceClient(UpcasterService, channel).upcast(request), isInternal)
})

test('an empty answer is the message without fields', async () => {
  await using server = await answering(Buffer.alloc(0))
  await using channel = await openChannel(server.address)
  assert.deepEqual((await serviceClient(UpcasterService, channel).upcast(request)).events, [])
})

test('a request that cannot be encoded fails the call as INTERNAL', async () => {
  await using server = await answering(Buffer.alloc(0))
  await using channel = await openChannel(server.address)
  // What a program without types may do.
  const seconds = 'soon' as unknown as bigint
  const wrong = create(UpcastRequestSchema, { events: [{ createdAt: { seconds } }] })
  await assert.rejects(serviceClient(UpcasterService, channel).upcast(wrong), isInternal)
})

test('an abort in the middle of a call cancels it at the other side', async () => {
  await using server = await answering(undefined)
  await using channel = await openChannel(server.address)
  const controller = new AbortController()
  const { signal } = controller
  const answer = serviceClient(UpcasterService, channel).upcast(request, { signal })
  await server.called
  controller.abort()
  await assert.rejects(answer, (error: unknown) => codeOf(error) === 'ABORTED')
  await server.cancelled
})

test('every call over a channel with a key carries it', async () => {
  await using server = await answering(Buffer.alloc(0))
  await using channel = await openChannel(server.address, { apiKey: 'a-key' })
  await serviceClient(UpcasterService, channel).upcast(request)
  assert.equal(await server.called, 'Bearer a-key')
})

const request = create(UpcastRequestSchema, { domain: 'order' })

function isInternal(error: unknown): boolean {
  return error instanceof GRPCError && error.grpcCode === 'INTERNAL'
}

type Answering = AsyncDisposable & {
  readonly address: string
  /** The `authorization` of the first call. */
  readonly called: Promise<unknown>
  readonly cancelled: Promise<void>
}

/** A server that answers with these bytes, or never. */
async function answering(bytes: Buffer | undefined): Promise<Answering> {
  const grpc = await loadGrpc()
  const server = new grpc.Server()
  const called = Promise.withResolvers<unknown>()
  const cancelled = Promise.withResolvers<void>()
  const same = (one: Buffer): Buffer => one
  const method = {
    path: '/angzarr_client.proto.angzarr.UpcasterService/Upcast',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  } as const
  const upcast = (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void => {
    called.resolve(call.metadata.get('authorization')[0])
    call.on('cancelled', cancelled.resolve)
    if (bytes !== undefined) done(null, bytes)
  }
  server.addService({ upcast: method }, { upcast })
  const bound = Promise.withResolvers<number>()
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error === null) bound.resolve(port)
    else bound.reject(error)
  })
  return {
    address: `127.0.0.1:${await bound.promise}`,
    called: called.promise,
    cancelled: cancelled.promise,
    [Symbol.asyncDispose]: async () => {
      server.forceShutdown()
      await Promise.resolve()
    },
  }
}
