import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { CreateOrderSchema } from '../../test/fixtures/gen/orders_pb.ts'
import { InvalidArgumentError } from '../errors/client-error.ts'
import { isUuid, rootOfBytes } from '../identity.ts'
import { orderRoot } from '../identity/compute-root.ts'
import { CommandResponseSchema } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CascadeErrorMode,
  type CommandBook,
  DomainDivergenceSchema,
  EditionSchema,
  MergeStrategy,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { CommandBuilder } from './command-builder.ts'
import type { OutgoingCommand } from './outgoing-command.ts'
import { RecordingTransport } from './recording-transport.test.support.ts'

const TYPE_URL = 'type.googleapis.com/orders.CreateOrder'
const order = create(CreateOrderSchema, { orderId: 'ord-42' })
const bytes = toBinary(CreateOrderSchema, order)

const builder = (transport = new RecordingTransport()): CommandBuilder =>
  new CommandBuilder(transport, 'order', 'ord-42')
const typed = (transport?: RecordingTransport): CommandBuilder =>
  builder(transport).withMessage(CreateOrderSchema, { orderId: 'ord-42' })
const encoded = (transport?: RecordingTransport): CommandBuilder =>
  builder(transport).withCommand(TYPE_URL, bytes)

/** What the one command that was executed looks like. */
function only(transport: RecordingTransport): OutgoingCommand {
  assert.equal(transport.executed.length, 1)
  const [command] = transport.executed
  assert.ok(command)
  return command
}

function sequenceOf(book: CommandBook): number | undefined {
  const place = book.pages[0]?.header?.sequenceType
  return place?.case === 'sequence' ? place.value : undefined
}

describe('CommandBuilder.build', () => {
  it('puts domain, root and command into the book [client-C-0303]', () => {
    const book = typed().build()
    assert.equal(book.cover?.domain, 'order')
    assert.equal(rootOfBytes(book.cover?.root?.value ?? new Uint8Array()), orderRoot('ord-42'))
    assert.equal(book.pages.length, 1)
    const payload = book.pages[0]?.payload
    assert.ok(payload?.case === 'command')
    assert.equal(payload.value.typeUrl, TYPE_URL)
    assert.deepEqual(fromBinary(CreateOrderSchema, payload.value.value), order)
  })

  it('gives the workflow a version 4 UUID, another one every time [client-C-0305]', () => {
    const made = typed()
    const ids = [made.build(), made.build()].map((book) => book.cover?.correlationId ?? '')
    for (const id of ids) assert.match(id, /^[0-9a-f-]{14}4[0-9a-f-]{21}$/)
    assert.notEqual(ids[0], ids[1])
    assert.ok(isUuid(typed().withCorrelationId('').build().cover?.correlationId ?? ''))
  })

  it('keeps the correlation id that was given [client-C-0306]', () => {
    assert.equal(typed().withCorrelationId('corr-7').build().cover?.correlationId, 'corr-7')
  })

  it('expects the sequence that was given [client-C-0307]', () => {
    assert.equal(sequenceOf(typed().withSequence(5).build()), 5)
  })

  it('expects sequence 0 when none was given [client-C-0308]', () => {
    assert.equal(sequenceOf(encoded().build()), 0)
    assert.equal(sequenceOf(typed().build()), 0)
  })

  it('refuses a command without a type TYPE_URL and names it [client-C-0309]', () => {
    for (const incomplete of [
      builder(),
      builder().withPayload(bytes),
      builder().withCommand('', bytes),
    ]) {
      assert.throws(() => incomplete.build(), {
        code: 'COMMAND_TYPE_URL_MISSING',
        message: 'command type_url not set',
        details: { field: 'type_url' },
      })
    }
  })

  it('refuses a command without a payload and names it [client-C-0310]', () => {
    assert.throws(() => builder().withTypeUrl(TYPE_URL).build(), {
      code: 'COMMAND_PAYLOAD_MISSING',
      message: 'command payload not set',
      details: { field: 'payload' },
    })
  })

  it('says what is missing as an invalid argument [client-C-0344]', async () => {
    for (const incomplete of [builder(), builder().withTypeUrl(TYPE_URL)]) {
      await assert.rejects(incomplete.execute(), (error: unknown) => {
        assert.ok(error instanceof InvalidArgumentError)
        assert.ok(error.isInvalidArgument())
        assert.match(error.message, /not set$/)
        assert.match(error.hint, /withMessage/)
        return true
      })
    }
  })

  it('takes a payload of no bytes', () => {
    const payload = builder().withCommand(TYPE_URL, new Uint8Array()).build().pages[0]?.payload
    assert.ok(payload?.case === 'command')
    assert.equal(payload.value.value.length, 0)
  })

  it('keeps everything that was chained, in any order [client-C-0311]', () => {
    const book = builder()
      .withSequence(3)
      .withEdition('what-if')
      .withCommand(TYPE_URL, CreateOrderSchema, order)
      .withMergeStrategy(MergeStrategy.MERGE_MANUAL)
      .withSyncMode(SyncMode.SIMPLE)
      .withCorrelationId('corr-7')
      .build()
    assert.equal(sequenceOf(book), 3)
    assert.equal(book.cover?.edition?.name, 'what-if')
    assert.equal(book.cover?.correlationId, 'corr-7')
    assert.equal(book.pages[0]?.mergeStrategy, MergeStrategy.MERGE_MANUAL)
    assert.equal(book.pages[0]?.header?.syncMode, SyncMode.SIMPLE)
  })

  it('shares nothing with another builder [client-C-0312]', () => {
    const first = typed().withSequence(1).withCorrelationId('one')
    const second = typed().withSequence(2).withCorrelationId('two')
    assert.equal(first.build().cover?.correlationId, 'one')
    assert.equal(sequenceOf(first.build()), 1)
    assert.equal(second.build().cover?.correlationId, 'two')
    assert.equal(sequenceOf(second.build()), 2)
  })

  it('leaves edition and sync mode out unless they are given', () => {
    const book = encoded().withEdition('').build()
    assert.equal(book.cover?.edition, undefined)
    assert.equal(book.pages[0]?.header?.syncMode, undefined)
  })

  it('keeps the branch points of an edition', () => {
    const divergences = [create(DomainDivergenceSchema, { domain: 'order', sequence: 4 })]
    const edition = create(EditionSchema, { name: 'what-if', divergences })
    assert.deepEqual(typed().withEdition(edition).build().cover?.edition, edition)
  })
})

describe('the merge strategy of a command', () => {
  const strategy = (made: CommandBuilder): MergeStrategy | undefined =>
    made.build().pages[0]?.mergeStrategy

  it('is MERGE_COMMUTATIVE unless it is given [client-C-0315]', () => {
    assert.equal(strategy(encoded()), MergeStrategy.MERGE_COMMUTATIVE)
    assert.equal(strategy(typed().withSequence(0)), MergeStrategy.MERGE_COMMUTATIVE)
  })

  it('is the one that was given [client-C-0316]', () => {
    assert.equal(
      strategy(encoded().withMergeStrategy(MergeStrategy.MERGE_STRICT)),
      MergeStrategy.MERGE_STRICT,
    )
    assert.equal(
      strategy(typed().withMergeStrategy(MergeStrategy.MERGE_STRICT)),
      MergeStrategy.MERGE_STRICT,
    )
  })

  it('leaves a typed command that names no sequence to its aggregate', () => {
    assert.equal(strategy(typed()), MergeStrategy.MERGE_AGGREGATE_HANDLES)
  })
})

describe('CommandBuilder.withCommand', () => {
  it('sends the type TYPE_URL as it was given', async () => {
    const transport = new RecordingTransport()
    await builder(transport).withCommand('/orders.CreateOrder', bytes).execute()
    const { typeName, content } = only(transport)
    assert.equal(typeName, 'orders.CreateOrder')
    assert.deepEqual(content, { kind: 'bytes', typeUrl: '/orders.CreateOrder', bytes })
  })

  it('encodes a message at once, so that a later change does not count', () => {
    const message = create(CreateOrderSchema, { orderId: 'ord-42' })
    const made = builder().withCommand(TYPE_URL, CreateOrderSchema, message)
    message.orderId = 'changed'
    const payload = made.build().pages[0]?.payload
    assert.ok(payload?.case === 'command')
    assert.deepEqual(payload.value.value, bytes)
  })

  it('refuses a message without its schema and says what to write', () => {
    // A caller without types can leave the schema out.
    const untyped = builder() as unknown as { withCommand(url: string, message: object): void }
    assert.throws(
      () => untyped.withCommand(TYPE_URL, order),
      (error: unknown) => {
        assert.ok(error instanceof InvalidArgumentError)
        assert.equal(error.code, 'COMMAND_PAYLOAD_MISSING')
        assert.match(error.hint, /schema/)
        return true
      },
    )
  })
})

describe('CommandBuilder.withSequence', () => {
  it('refuses what is no sequence', () => {
    for (const input of [-1, 1.5, Number.NaN, 0xffff_ffff]) {
      assert.throws(() => builder().withSequence(input), {
        code: 'INVALID_ARGUMENT',
        details: { field: 'sequence', input: String(input) },
      })
    }
  })
})

describe('CommandBuilder.execute', () => {
  it('sends the command and answers the response [client-C-0313]', async () => {
    const response = create(CommandResponseSchema, { events: { nextSequence: 3 } })
    const transport = new RecordingTransport({ response })
    assert.equal(await typed(transport).withSequence(2).execute(), response)
    const { idempotencyKey, correlationId, ...command } = only(transport)
    assert.ok(isUuid(idempotencyKey ?? ''))
    assert.ok(isUuid(correlationId))
    assert.deepEqual(command, {
      domain: 'order',
      edition: undefined,
      root: orderRoot('ord-42'),
      sequence: 2,
      mergeStrategy: MergeStrategy.MERGE_COMMUTATIVE,
      syncMode: SyncMode.ASYNC,
      cascadeErrorMode: CascadeErrorMode.CASCADE_ERROR_FAIL_FAST,
      typeName: 'orders.CreateOrder',
      content: { kind: 'message', schema: CreateOrderSchema, message: order },
      keyIsNew: true,
    })
  })

  it('says that its key is new only when it was made for this sending', async () => {
    const transport = new RecordingTransport()
    const builder = typed(transport)
    await builder.execute()
    await builder.execute()
    await typed(transport).withIdempotencyKey('key-1').execute()
    const asked = typed(transport)
    asked.idempotencyKey()
    await asked.execute()
    assert.deepEqual(
      transport.executed.map(({ keyIsNew }) => keyIsNew),
      [true, false, false, false],
    )
  })

  it('sends a command that names no sequence [client-C-0314]', async () => {
    const transport = new RecordingTransport()
    await encoded(transport).execute()
    assert.equal(only(transport).sequence, undefined)
    assert.equal(only(transport).mergeStrategy, MergeStrategy.MERGE_COMMUTATIVE)
  })

  it('waits as the options say, else as the builder says, else not at all', async () => {
    const transport = new RecordingTransport()
    const made = typed(transport)
    await made.execute()
    await made.withSyncMode(SyncMode.SIMPLE).execute()
    await made.execute({ syncMode: SyncMode.DECISION })
    await made.execute(SyncMode.CASCADE)
    assert.deepEqual(
      transport.executed.map(({ syncMode }) => syncMode),
      [SyncMode.ASYNC, SyncMode.SIMPLE, SyncMode.DECISION, SyncMode.CASCADE],
    )
  })

  it('takes the cascade error mode from the options', async () => {
    const transport = new RecordingTransport()
    const cascadeErrorMode = CascadeErrorMode.CASCADE_ERROR_COMPENSATE
    await typed(transport).execute({ cascadeErrorMode })
    assert.equal(only(transport).cascadeErrorMode, cascadeErrorMode)
  })

  it('hands signal and deadline to the transport', async () => {
    const transport = new RecordingTransport()
    const { signal } = new AbortController()
    await typed(transport).execute({ signal, timeoutMs: 50 })
    const [options] = transport.options
    assert.equal(options?.signal, signal)
    assert.equal(options?.timeoutMs, 50)
  })

  it('leaves the correlation id to a coordinator that assigns them', async () => {
    const transport = new RecordingTransport({ assignsCorrelationIds: true })
    await typed(transport).execute()
    await typed(transport).withCorrelationId('corr-7').execute()
    assert.deepEqual(
      transport.executed.map(({ correlationId }) => correlationId),
      ['', 'corr-7'],
    )
  })
})

describe('the idempotency key of a command', () => {
  it('stays the same while the same command is sent', async () => {
    const transport = new RecordingTransport()
    const made = typed(transport)
    const key = made.idempotencyKey()
    await made.execute()
    await made.execute(SyncMode.SIMPLE)
    made.build()
    assert.deepEqual(
      transport.executed.map(({ idempotencyKey }) => idempotencyKey),
      [key, key],
    )
    assert.ok(isUuid(key))
  })

  it('differs from builder to builder', () => {
    assert.notEqual(typed().idempotencyKey(), typed().idempotencyKey())
  })

  it('is made anew by every change of the command', () => {
    const changes: readonly ((made: CommandBuilder) => CommandBuilder)[] = [
      (made) => made.withMessage(CreateOrderSchema, { orderId: 'ord-43' }),
      (made) => made.withCommand(TYPE_URL, bytes),
      (made) => made.withTypeUrl(TYPE_URL),
      (made) => made.withPayload(bytes),
      (made) => made.withSequence(1),
      (made) => made.withMergeStrategy(MergeStrategy.MERGE_STRICT),
      (made) => made.withCorrelationId('corr-7'),
      (made) => made.withEdition('what-if'),
    ]
    const made = typed()
    const keys = [made.idempotencyKey(), ...changes.map((change) => change(made).idempotencyKey())]
    assert.equal(new Set(keys).size, changes.length + 1)
  })

  it('does not change with the sync mode, which is no part of the command', () => {
    const made = typed()
    const key = made.idempotencyKey()
    assert.equal(made.withSyncMode(SyncMode.CASCADE).idempotencyKey(), key)
  })

  it('can be chosen, and then stays whatever is changed', async () => {
    const transport = new RecordingTransport()
    await typed(transport).withIdempotencyKey('order-42').withSequence(1).execute()
    assert.equal(only(transport).idempotencyKey, 'order-42')
  })

  it('is refused when it is empty or too long', () => {
    for (const key of ['', 'k'.repeat(257)]) {
      assert.throws(() => builder().withIdempotencyKey(key), { code: 'IDEMPOTENCY_KEY_INVALID' })
    }
    assert.equal(builder().withIdempotencyKey('k'.repeat(256)).idempotencyKey().length, 256)
  })
})
