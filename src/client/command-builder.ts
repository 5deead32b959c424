/**
 * Builds one command. What was built is one command with one idempotency key: sending it again is
 * the same command, changing it makes another.
 */
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import { type Random, randomRoot, type Root, type Sequence, systemRandom } from '../identity.ts'
import { rootFor } from '../identity/compute-root.ts'
import { limits } from '../limits.ts'
import type { CommandResponse } from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CascadeErrorMode,
  type CommandBook,
  type Edition,
  MergeStrategy,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { implicitEdition } from '../wire/cover.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { contentOf, draftOfBytes, draftOfType, EMPTY_DRAFT, typeNameOf } from './command-draft.ts'
import { checkSequence, invalidField } from './invalid-field.ts'
import { type CommandContent, type OutgoingCommand, toCommandBook } from './outgoing-command.ts'
import type { CallOptions } from './transport.ts'

/** Where a builder sends its command: a `CommandHandlerClient`, a transport, or a double. */
export type CommandTarget = {
  execute(command: OutgoingCommand, options: CallOptions): Promise<CommandResponse>
  /** See `CoordinatorTransport`. Default false: the builder makes the correlation id. */
  readonly assignsCorrelationIds?: boolean | undefined
}

/** What a builder needs from outside. */
export type CommandBuilderOptions = {
  /** Makes correlation ids and idempotency keys. Default: the randomness of this machine. */
  readonly random?: Random | undefined
}

/** Options of one execution. */
export type ExecuteOptions = CallOptions & {
  /** How much downstream work to wait for. Default: `withSyncMode`, else ASYNC. */
  readonly syncMode?: SyncMode | undefined
  /** What a failing reaction does under CASCADE. Default `CASCADE_ERROR_FAIL_FAST`. */
  readonly cascadeErrorMode?: CascadeErrorMode | undefined
}

/**
 * Builds and sends one command (Angzarr client: `CommandBuilder`). Mutable; every method returns
 * the builder. Defaults: a new correlation id, `MERGE_COMMUTATIVE`, sequence 0.
 *
 * A typed command (`withMessage`) that names neither a sequence nor a merge strategy is sent with
 * `MERGE_AGGREGATE_HANDLES`: who names no sequence cannot mean that it be checked.
 */
export class CommandBuilder {
  readonly #target: CommandTarget
  readonly #domain: string
  readonly #root: Root
  readonly #random: Random
  #draft = EMPTY_DRAFT
  #correlationId = ''
  #sequence: Sequence | undefined
  #mergeStrategy: MergeStrategy | undefined
  #syncMode: SyncMode | undefined
  #edition: Edition | undefined
  #chosenKey: string | undefined
  #madeKey: string | undefined

  /** @param rootOrKey a UUID, or a business key of the domain */
  constructor(
    target: CommandTarget,
    domain: string,
    rootOrKey: string,
    options: CommandBuilderOptions = {},
  ) {
    this.#target = target
    this.#domain = domain
    this.#root = rootFor(domain, rootOrKey)
    this.#random = options.random ?? systemRandom()
  }

  /** Sets the command, typed; the message is made here and must not be changed afterwards. */
  withMessage<S extends DescMessage>(schema: S, init: MessageInitShape<S>): this {
    return this.#change(() => {
      this.#draft = { kind: 'message', schema, message: create(schema, init) }
    })
  }

  /**
   * Sets the command under a type URL, which is sent as given, e.g.
   * `type.googleapis.com/orders.CreateOrder`. The message is encoded at this call.
   *
   * @throws InvalidArgumentError `COMMAND_PAYLOAD_MISSING` for a message without its schema
   */
  withCommand(typeUrl: string, payload: Uint8Array): this
  withCommand<S extends DescMessage>(typeUrl: string, schema: S, message: MessageInitShape<S>): this
  withCommand(typeUrl: string, content: Uint8Array | DescMessage, message?: object): this {
    if (content instanceof Uint8Array) return this.withTypeUrl(typeUrl).withPayload(content)
    if (content.kind !== 'message' || message === undefined) throw schemaMissing(typeUrl)
    // The overload ties the message to the schema; `create` knows it only as some message.
    const bytes = messageCodec(content).encode(
      create(content, message as MessageInitShape<DescMessage>),
    )
    return this.withTypeUrl(typeUrl).withPayload(bytes)
  }

  /** Sets the type URL alone; the payload follows with `withPayload`. */
  withTypeUrl(typeUrl: string): this {
    return this.#change(() => {
      this.#draft = draftOfType(this.#draft, typeUrl)
    })
  }

  /** Sets the encoded payload alone; no bytes at all are a payload too. */
  withPayload(bytes: Uint8Array): this {
    return this.#change(() => {
      this.#draft = draftOfBytes(this.#draft, bytes)
    })
  }

  /** The workflow this command belongs to. Default, and for '': a new version 4 UUID. */
  withCorrelationId(correlationId: string): this {
    return this.#change(() => {
      this.#correlationId = correlationId
    })
  }

  /**
   * The sequence the aggregate is expected to have next. Default 0.
   *
   * @throws InvalidArgumentError `INVALID_ARGUMENT` when it is no sequence
   */
  withSequence(sequence: Sequence): this {
    checkSequence('sequence', sequence)
    return this.#change(() => {
      this.#sequence = sequence
    })
  }

  /** What happens when the expected sequence is stale. Default: see the class. */
  withMergeStrategy(mergeStrategy: MergeStrategy): this {
    return this.#change(() => {
      this.#mergeStrategy = mergeStrategy
    })
  }

  /** The timeline, by name or with its branch points. Default, and for '': the main timeline. */
  withEdition(edition: string | Edition): this {
    return this.#change(() => {
      const named = typeof edition === 'string' ? implicitEdition(edition) : edition
      this.#edition = named.name === '' ? undefined : named
    })
  }

  /**
   * How much downstream work `execute` waits for, and the mode in the page of a built book. It is
   * no part of what the command does, so the idempotency key stays. Default ASYNC.
   */
  withSyncMode(syncMode: SyncMode): this {
    this.#syncMode = syncMode
    return this
  }

  /**
   * The key under which the command takes effect once, instead of one made here.
   *
   * @throws InvalidArgumentError `IDEMPOTENCY_KEY_INVALID` when it is empty or too long
   */
  withIdempotencyKey(key: string): this {
    if (key.length === 0 || key.length > limits.idempotencyKeyLengthMax) {
      throw invalidField({
        code: 'IDEMPOTENCY_KEY_INVALID',
        field: 'idempotencyKey',
        input: key,
        hint: `1 to ${limits.idempotencyKeyLengthMax} characters`,
      })
    }
    this.#chosenKey = key
    return this
  }

  /**
   * The key of the command as it stands: the chosen one, else one made for it. For sending a built
   * book, which does not carry it: `client.execute(book, { idempotencyKey })`.
   */
  idempotencyKey(): string {
    return this.#chosenKey ?? (this.#madeKey ??= randomRoot(this.#random))
  }

  /**
   * The command as a book. A correlation id that was not given is made anew by every call.
   *
   * @throws InvalidArgumentError `COMMAND_TYPE_URL_MISSING`, `COMMAND_PAYLOAD_MISSING`
   */
  build(): CommandBook {
    const book = toCommandBook(this.#outgoing({}, true))
    const header = book.pages[0]?.header
    if (header !== undefined && this.#syncMode !== undefined) header.syncMode = this.#syncMode
    return book
  }

  /**
   * Sends the command. Sending it again is safe: it takes effect once.
   *
   * @param how options, or the sync mode alone
   * @throws InvalidArgumentError `COMMAND_TYPE_URL_MISSING`, `COMMAND_PAYLOAD_MISSING`
   * @throws CommandRejectedError, GRPCError what the coordinator answers
   */
  async execute(how: ExecuteOptions | SyncMode = {}): Promise<CommandResponse> {
    const options: ExecuteOptions = typeof how === 'number' ? { syncMode: how } : how
    const command = this.#outgoing(options, this.#target.assignsCorrelationIds !== true)
    return this.#target.execute(command, options)
  }

  #outgoing(options: ExecuteOptions, correlate: boolean): OutgoingCommand {
    const content = contentOf(this.#draft)
    const makeId = correlate && this.#correlationId === ''
    return {
      domain: this.#domain,
      edition: this.#edition,
      root: this.#root,
      correlationId: makeId ? randomRoot(this.#random) : this.#correlationId,
      sequence: this.#sequence,
      mergeStrategy: this.#mergeStrategy ?? this.#defaultStrategy(content),
      syncMode: options.syncMode ?? this.#syncMode ?? SyncMode.ASYNC,
      cascadeErrorMode: options.cascadeErrorMode ?? CascadeErrorMode.CASCADE_ERROR_FAIL_FAST,
      typeName: typeNameOf(content),
      content,
      keyIsNew: this.#chosenKey === undefined && this.#madeKey === undefined,
      idempotencyKey: this.idempotencyKey(),
    }
  }

  #defaultStrategy(content: CommandContent): MergeStrategy {
    return content.kind === 'message' && this.#sequence === undefined
      ? MergeStrategy.MERGE_AGGREGATE_HANDLES
      : MergeStrategy.MERGE_COMMUTATIVE
  }

  /** Another command needs another key. */
  #change(apply: () => void): this {
    apply()
    this.#madeKey = undefined
    return this
  }
}

function schemaMissing(typeUrl: string): Error {
  return invalidField({
    code: 'COMMAND_PAYLOAD_MISSING',
    field: 'payload',
    hint: `a message does not know its schema: withCommand('${typeUrl}', schema, message)`,
  })
}
