import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import {
  create,
  createFileRegistry,
  type FileRegistry,
  fromBinary,
  type MessageInitShape,
} from '@bufbuild/protobuf'
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import { GRPCError } from '../../src/errors/client-error.ts'
import { grpcService } from '../../src/host/grpc-service.ts'
import { CommandHandlerService } from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  ServerReflection,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
} from '../../src/proto/grpc/reflection/v1/reflection_pb.ts'
import {
  ServerReflection as ServerReflectionAlpha,
  ServerReflectionRequestSchema as AlphaRequestSchema,
} from '../../src/proto/grpc/reflection/v1alpha/reflection_pb.ts'
import { order } from './component-kinds.ts'
import { serve, serveComponents, type Served } from './serving.ts'

type Question = NonNullable<
  MessageInitShape<typeof ServerReflectionRequestSchema>['messageRequest']
>
type Answer = ServerReflectionResponse['messageResponse']

/** Asks questions over one stream. */
async function ask(host: Served, ...questions: readonly Question[]): Promise<readonly Answer[]> {
  const client = serviceClient(ServerReflection, host.channel)
  const requests = questions.map((messageRequest) =>
    create(ServerReflectionRequestSchema, { host: 'here', messageRequest }),
  )
  const answers: Answer[] = []
  for await (const response of client.serverReflectionInfo(requests)) {
    assert.equal(response.validHost, 'here')
    assert.equal(response.originalRequest?.host, 'here')
    answers.push(response.messageResponse)
  }
  return answers
}

function filesIn(answer: Answer | undefined): readonly FileDescriptorProto[] {
  assert.equal(answer?.case, 'fileDescriptorResponse')
  return answer.value.fileDescriptorProto.map((bytes) =>
    fromBinary(FileDescriptorProtoSchema, bytes),
  )
}

/** What a tool makes of the files: descriptors it can call with. Imports first. */
function registryOf(files: readonly FileDescriptorProto[]): FileRegistry {
  const [first, ...imports] = files
  assert.ok(first)
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [...imports, first] }))
}

describe('server reflection', () => {
  it('names what is served, health and itself included', async () => {
    await using host = await serveComponents([order])
    const [answer] = await ask(host, { case: 'listServices', value: '' })
    assert.equal(answer?.case, 'listServicesResponse')
    assert.deepEqual(
      answer.value.service.map(({ name }) => name),
      [
        'angzarr_client.proto.angzarr.CommandHandlerService',
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
        'grpc.reflection.v1alpha.ServerReflection',
      ],
    )
  })

  it('describes a service so that a stranger can call it', async () => {
    await using host = await serveComponents([order])
    const value = CommandHandlerService.typeName
    const [answer] = await ask(host, { case: 'fileContainingSymbol', value })
    const described = registryOf(filesIn(answer)).getService(value)
    assert.ok(described)
    assert.deepEqual(
      described.methods.map(({ name }) => name),
      CommandHandlerService.methods.map(({ name }) => name),
    )
    // The descriptors that came over the wire are all this client knows.
    const client = serviceClient(described, host.channel)
    const handle = client['handle']
    assert.ok(handle)
    const [method] = described.methods
    assert.ok(method)
    const calling = (handle as (request: object) => Promise<unknown>)(create(method.input))
    await assert.rejects(calling, { code: 'MISSING_COMMAND_BOOK' })
  })

  it('finds files by name, and symbols of every kind', async () => {
    await using host = await serveComponents([order])
    const prefix = 'angzarr_client.proto.angzarr'
    const symbols = [
      `${prefix}.Cover`,
      `${prefix}.Cover.domain`,
      `${prefix}.SyncMode`,
      `${prefix}.SYNC_MODE_ASYNC`,
      `${prefix}.CommandHandlerService.Handle`,
      'google.protobuf.Any',
      'grpc.health.v1.HealthCheckResponse.ServingStatus',
    ]
    const answers = await ask(
      host,
      ...symbols.map((value) => ({ case: 'fileContainingSymbol' as const, value })),
    )
    assert.deepEqual(
      answers.map((answer) => answer.case),
      symbols.map(() => 'fileDescriptorResponse'),
    )
    const [first] = answers
    const name = filesIn(first)[0]?.name ?? ''
    const [byName] = await ask(host, { case: 'fileByFilename', value: name })
    assert.deepEqual(byName, first)
  })

  it('answers what it does not know with an error and goes on', async () => {
    await using host = await serveComponents([order])
    const answers = await ask(
      host,
      { case: 'fileContainingSymbol', value: 'no.such.Thing' },
      { case: 'fileByFilename', value: '../../etc/passwd' },
      {
        case: 'fileContainingExtension',
        value: { containingType: 'google.protobuf.MethodOptions', extensionNumber: 1 },
      },
      { case: 'allExtensionNumbersOfType', value: 'no.such.Thing' },
      { case: undefined },
      { case: 'listServices', value: '*' },
    )
    assert.deepEqual(
      answers.map((answer) => (answer.case === 'errorResponse' ? answer.value.errorCode : 0)),
      [5, 5, 5, 5, 3, 0],
    )
  })

  it('knows extensions, such as the routes of methods', async () => {
    await using host = await serveComponents([order])
    const extendee = 'google.protobuf.MethodOptions'
    const [numbers, file] = await ask(
      host,
      { case: 'allExtensionNumbersOfType', value: extendee },
      {
        case: 'fileContainingExtension',
        value: { containingType: extendee, extensionNumber: 72_295_728 },
      },
    )
    assert.equal(numbers?.case, 'allExtensionNumbersResponse')
    assert.deepEqual(numbers.value.extensionNumber, [72_295_728])
    assert.equal(filesIn(file)[0]?.package, 'google.api')
  })

  it('speaks v1alpha too', async () => {
    await using host = await serveComponents([order])
    const client = serviceClient(ServerReflectionAlpha, host.channel)
    const messageRequest = { case: 'listServices' as const, value: '' }
    const request = create(AlphaRequestSchema, { host: 'here', messageRequest })
    for await (const { messageResponse, originalRequest } of client.serverReflectionInfo([
      request,
    ])) {
      assert.equal(messageResponse.case, 'listServicesResponse')
      assert.equal(originalRequest?.host, 'here')
    }
  })

  it('can be left out', async () => {
    await using host = await serve(grpcService(CommandHandlerService, {}), { reflection: false })
    const asking = ask(host, { case: 'listServices', value: '' })
    await assert.rejects(asking, (error: unknown) => {
      return error instanceof GRPCError && error.grpcCode === 'UNIMPLEMENTED'
    })
  })

  it('does not keep a server from stopping', async () => {
    await using host = await serveComponents([order])
    const client = serviceClient(ServerReflection, host.channel)
    const waiting = Promise.withResolvers<void>()
    const requests = async function* () {
      yield create(ServerReflectionRequestSchema, {
        messageRequest: { case: 'listServices', value: '' },
      })
      await waiting.promise
    }
    for await (const _ of client.serverReflectionInfo(requests())) {
      await host.server.stop({ graceMs: 600_000 })
      waiting.resolve()
    }
  })
})
