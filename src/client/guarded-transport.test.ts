import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { ConnectionError } from '../errors/client-error.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { orderRoot } from '../identity/compute-root.ts'
import {
  CascadeErrorMode,
  type CommandBook,
  CommandRequestSchema,
  type EventBook,
  EventBookSchema,
  MergeStrategy,
  QuerySchema,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { guardTransport, type TransportPart } from './guarded-transport.ts'
import { type OutgoingCommand, toCommandRequest } from './outgoing-command.ts'
import { RecordingTransport } from './recording-transport.test.support.ts'

const command: OutgoingCommand = {
  domain: 'order',
  edition: undefined,
  root: orderRoot('ord-42'),
  correlationId: 'corr-7',
  sequence: undefined,
  mergeStrategy: MergeStrategy.MERGE_COMMUTATIVE,
  syncMode: SyncMode.SIMPLE,
  cascadeErrorMode: CascadeErrorMode.CASCADE_ERROR_CONTINUE,
  typeName: 'orders.CreateOrder',
  content: {
    kind: 'bytes',
    typeUrl: 'type.googleapis.com/orders.CreateOrder',
    bytes: Uint8Array.of(10, 1, 65),
  },
  keyIsNew: false,
  idempotencyKey: 'key-1',
}
const query = create(QuerySchema)
const never = new Promise<never>(() => undefined)
const guard = (part: TransportPart): ReturnType<typeof guardTransport> =>
  guardTransport(part, fakeClock())

describe('guardTransport', () => {
  it('answers a guarded transport as it is', () => {
    const guarded = guard(new RecordingTransport())
    assert.equal(guardTransport(guarded, fakeClock()), guarded)
  })

  it('says what the transport says about correlation ids', () => {
    assert.equal(guard({}).assignsCorrelationIds, false)
    assert.equal(guard({ assignsCorrelationIds: true }).assignsCorrelationIds, true)
  })

  it('hands a command over as it is', async () => {
    const transport = new RecordingTransport()
    await guard(transport).execute(command, {})
    assert.equal(transport.executed[0], command)
  })

  it('encodes a command for a transport that knows requests only', async () => {
    const transport = new RecordingTransport()
    const part = { handleCommand: transport.handleCommand.bind(transport) }
    await guard(part).execute(command, { timeoutMs: 5 })
    assert.deepEqual(transport.requests, [toCommandRequest(command)])
    const [options] = transport.options
    assert.ok(options !== undefined && 'idempotencyKey' in options)
    assert.equal(options.idempotencyKey, 'key-1')
    assert.equal(options.timeoutMs, 5)
  })

  it('refuses by name what the transport does not carry', async () => {
    const guarded = guard({})
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      handleCommand: () => guarded.execute(command, {}),
      handleSyncSpeculative: () =>
        guarded.handleSyncSpeculative(
          {} as Parameters<typeof guarded.handleSyncSpeculative>[0],
          {},
        ),
      getEventBook: () => guarded.getEventBook(query, {}),
      getEvents: () => Array.fromAsync(guarded.getEvents(query, {})),
    }
    for (const [call, run] of Object.entries(calls)) {
      await assert.rejects(run(), { code: 'CALL_UNSUPPORTED', details: { call } })
    }
  })

  it('closes the transport once', async () => {
    const transport = new RecordingTransport()
    const guarded = guard(transport)
    await Promise.all([guarded.close(), guarded.close()])
    await guarded.close()
    assert.equal(transport.closed, 1)
  })

  it('answers with a connection error once it is closed', async () => {
    const guarded = guard(new RecordingTransport())
    await guarded.close()
    const closed = (error: unknown): boolean =>
      error instanceof ConnectionError && error.code === 'CONNECTION_FAILED' && error.hint !== ''
    await assert.rejects(guarded.execute(command, {}), closed)
    await assert.rejects(guarded.handleCommand(create(CommandRequestSchema), {}), closed)
    await assert.rejects(guarded.getEventBook(query, {}), closed)
    await assert.rejects(Array.fromAsync(guarded.getEvents(query, {})), closed)
  })

  it('ends a call at its deadline though the transport goes on', async () => {
    const clock = fakeClock()
    const guarded = guardTransport({ getEventBook: () => never }, clock)
    const failed = assert.rejects(guarded.getEventBook(query, { timeoutMs: 40 }), {
      code: 'DEADLINE_EXCEEDED',
    })
    await clock.advanceAsync(40)
    await failed
  })

  it('ends a call when its signal aborts, and lets go of the signal', async () => {
    const controller = new AbortController()
    const calling = guard({ execute: () => never }).execute(command, controller)
    controller.abort(new Error('enough'))
    await assert.rejects(calling, { code: 'ABORTED' })
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
  })

  it('does not start a call whose signal has aborted', async () => {
    const transport = new RecordingTransport()
    const signal = AbortSignal.abort()
    await assert.rejects(guard(transport).execute(command, { signal }), { code: 'ABORTED' })
    assert.equal(transport.executed.length, 0)
  })

  it('ends a stream at its deadline', async () => {
    const clock = fakeClock()
    async function* stuck(): AsyncGenerator<EventBook> {
      yield create(EventBookSchema)
      await never
    }
    const guarded = guardTransport({ getEvents: stuck }, clock)
    const failed = assert.rejects(Array.fromAsync(guarded.getEvents(query, { timeoutMs: 40 })), {
      code: 'DEADLINE_EXCEEDED',
    })
    await clock.advanceAsync(40)
    await failed
  })
})

describe('toCommandRequest', () => {
  it('puts cover, page, modes and nothing of the key into the request', () => {
    const request = toCommandRequest(command)
    const book: CommandBook | undefined = request.command
    assert.equal(request.syncMode, SyncMode.SIMPLE)
    assert.equal(request.cascadeErrorMode, CascadeErrorMode.CASCADE_ERROR_CONTINUE)
    assert.equal(request.cascadeId, undefined)
    assert.equal(book?.cover?.domain, 'order')
    assert.equal(book?.cover?.correlationId, 'corr-7')
    assert.equal(book?.cover?.edition, undefined)
    assert.deepEqual(book?.pages[0]?.header?.sequenceType, { case: 'sequence', value: 0 })
    assert.equal(JSON.stringify(request, bigintText).includes('key-1'), false)
  })
})

function bigintText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
