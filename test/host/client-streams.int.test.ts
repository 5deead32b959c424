import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { create, createFileRegistry, type DescService, isMessage } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import * as grpc from '@grpc/grpc-js'
import { file_grpc_health_v1_health } from '../../src/proto/grpc/health/v1/health_pb.ts'
import {
  HealthCheckRequestSchema,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
} from '../../src/proto/grpc/health/v1/health_pb.ts'
import { grpcMethods } from '../../src/client/grpc/service-definition.ts'
import { serviceClient } from '../../src/client/grpc/service-client.ts'
import { openChannel } from '../../src/client/grpc/open-channel.ts'
import type { GrpcService } from '../../src/host/grpc-service.ts'
import { serve } from './serving.ts'

/** The contract has no method that only takes a stream; this service has one. */
function collecting(): DescService {
  const file = create(FileDescriptorProtoSchema, {
    name: 'collecting.proto',
    package: 'collecting',
    syntax: 'proto3',
    dependency: [file_grpc_health_v1_health.proto.name],
    service: [
      {
        name: 'Collecting',
        method: [
          {
            name: 'Count',
            inputType: '.grpc.health.v1.HealthCheckRequest',
            outputType: '.grpc.health.v1.HealthCheckResponse',
            clientStreaming: true,
          },
        ],
      },
    ],
  })
  const all = [file_grpc_health_v1_health.proto, file]
  const described = createFileRegistry(create(FileDescriptorSetSchema, { file: all }))
  const service = described.getService('collecting.Collecting')
  assert.ok(service)
  return service
}

describe('a method that takes a stream', () => {
  it('is answered once, with what its function makes of all requests', async () => {
    const schema = collecting()
    const service: GrpcService = {
      schema,
      functions: {
        count: async (requests: AsyncIterable<unknown>) => {
          let status = 0
          for await (const request of requests) {
            assert.ok(isMessage(request))
            status++
          }
          return { status }
        },
      },
    }
    await using host = await serve(service)
    const { count } = grpcMethods(schema)
    assert.ok(count?.requestStream === true && !count.responseStream)
    const client = new grpc.Client(host.endpoint, grpc.credentials.createInsecure())
    const response = await new Promise<HealthCheckResponse | undefined>((resolve, reject) => {
      const call = client.makeClientStreamRequest(
        count.path,
        count.requestSerialize,
        count.responseDeserialize,
        (error, value) => {
          if (error === null) resolve(value as HealthCheckResponse | undefined)
          else reject(error)
        },
      )
      for (let n = 0; n < 3; n++) call.write(create(HealthCheckRequestSchema))
      call.end()
    })
    client.close()
    assert.equal(response?.$typeName, HealthCheckResponseSchema.typeName)
    assert.equal(response.status, 3)
  })

  it('is not carried by our clients, and says so', async () => {
    const schema = collecting()
    await using channel = await openChannel('127.0.0.1:1')
    const client: object = serviceClient(schema, channel)
    assert.ok('count' in client && typeof client.count === 'function')
    const calling: unknown = client.count([])
    await assert.rejects(async () => await calling, { code: 'CALL_UNSUPPORTED' })
  })
})
