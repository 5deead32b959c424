import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import {
  CommandResponseSchema,
  SpeculateCommandHandlerRequestSchema,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  ProcessManagerHandleResponseSchema,
  SpeculatePmRequestSchema,
} from '../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import { SpeculateProjectorRequestSchema } from '../proto/angzarr_client/proto/angzarr/projector_pb.ts'
import {
  SagaResponseSchema,
  SpeculateSagaRequestSchema,
} from '../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import { ProjectionSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { RecordingTransport } from './recording-transport.test.support.ts'
import { SpeculativeClient } from './speculative-client.ts'

const commandRequest = create(SpeculateCommandHandlerRequestSchema)
const sagaRequest = create(SpeculateSagaRequestSchema)
const projectorRequest = create(SpeculateProjectorRequestSchema)
const pmRequest = create(SpeculatePmRequestSchema)

describe('SpeculativeClient', () => {
  it('sends each question to its double and answers what that answers', async () => {
    const response = create(CommandResponseSchema)
    const emitted = create(SagaResponseSchema)
    const projection = create(ProjectionSchema)
    const answered = create(ProcessManagerHandleResponseSchema)
    const asked: unknown[] = []
    const keep =
      <T>(answer: T) =>
      async (request: unknown): Promise<T> => {
        asked.push(request)
        return answer
      }
    const client = SpeculativeClient.fromStubs({
      commandHandler: { handleSyncSpeculative: keep(response) },
      saga: { speculateSaga: keep(emitted) },
      projector: { speculateProjector: keep(projection) },
      processManager: { speculateProcessManager: keep(answered) },
    })
    assert.equal(await client.commandHandler(commandRequest), response)
    assert.equal(await client.saga(sagaRequest), emitted)
    assert.equal(await client.projector(projectorRequest), projection)
    assert.equal(await client.processManager(pmRequest), answered)
    assert.deepEqual(asked, [commandRequest, sagaRequest, projectorRequest, pmRequest])
  })

  it('refuses by name what the transport does not carry', async () => {
    const client = new SpeculativeClient(new RecordingTransport())
    await client.commandHandler(commandRequest)
    const unsupported = (call: string): object => ({ code: 'CALL_UNSUPPORTED', details: { call } })
    await assert.rejects(client.saga(sagaRequest), unsupported('speculateSaga'))
    await assert.rejects(client.projector(projectorRequest), unsupported('speculateProjector'))
    await assert.rejects(client.processManager(pmRequest), unsupported('speculateProcessManager'))
  })

  it('hands signal and deadline on, and gives up at an aborted signal', async () => {
    const transport = new RecordingTransport()
    const client = new SpeculativeClient(transport)
    await client.commandHandler(commandRequest, { timeoutMs: 9 })
    assert.equal(transport.options[0]?.timeoutMs, 9)
    const signal = AbortSignal.abort()
    await assert.rejects(client.commandHandler(commandRequest, { signal }), { code: 'ABORTED' })
  })

  it('closes a transport of its own, and no other', async () => {
    const own = new RecordingTransport()
    const lent = new RecordingTransport()
    {
      await using _own = new SpeculativeClient(own)
      await using _lent = new SpeculativeClient(lent, { ownsTransport: false })
    }
    assert.deepEqual([own.closed, lent.closed], [1, 0])
  })
})
