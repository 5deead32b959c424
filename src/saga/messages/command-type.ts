/** Typed requests to a domain of the coordinator: each is a command, and its reply the answer to it. */
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf'
import { eventsOf, type TypedEvent } from '../../client/typed-event.ts'
import { checkClientDomain } from '../../coordinator/plan-names.ts'
import { codedError, messageOf } from '../../errors.ts'
import { rootFor } from '../../identity/compute-root.ts'
import { CommandResponseSchema } from '../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { SyncMode } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { type MessageCodec, messageCodec } from '../../wire/message-codec.ts'
import { type RequestBorders, SagaRequest } from './saga-request.ts'
import { COMMAND_SYNC_MODES, commandTarget, type SentCommand } from './sent-command.ts'

/** What the reply to a command carries. */
export type CommandReply<E extends DescMessage> = {
  /**
   * What the command brought about, oldest first: the events of the types that the command type names.
   * Empty for a command that changed nothing.
   */
  readonly events: readonly TypedEvent<E>[]
}

/**
 * Makes requests that are commands of one type for the aggregates of one domain. Called with the root
 * of an aggregate, a UUID or a business key, and a command, it gives a {@link SagaRequest}.
 */
export interface CommandType<C extends DescMessage, E extends DescMessage = never> {
  (root: string, init: MessageInitShape<C>): SagaRequest<MessageShape<C>, CommandReply<E>>
  /** The domain and the full name of the command: what an outcome names it by. */
  readonly target: string
  readonly domain: string
  readonly schema: C
}

/** Any command type. */
export type AnyCommandType = Pick<CommandType<DescMessage>, 'target' | 'domain' | 'schema'>

/** What can be said of a command type beside its domain and its command. */
export type CommandTypeOptions<E extends DescMessage> = {
  /** Events that the step wants to see in the reply. Default: none. */
  readonly events?: readonly E[] | undefined
  /**
   * How much of what the command sets off the reply waits for: `ASYNC` nothing, `SIMPLE` projectors,
   * `CASCADE` everything. What fails there does not fail the step. Default: `ASYNC`.
   */
  readonly syncMode?: SyncMode | undefined
}

/**
 * A type of commands, to be sent by the steps of sagas to the `coordinator` of their manager. Accepted
 * is a reply with status 200, refused one with 400. However often a step asks, its command takes
 * effect once.
 *
 * @throws CodedError `DOMAIN_INVALID`, `DOMAIN_RESERVED`; `SAGA_OPTION_INVALID` for what is no schema of
 *   a message, or another sync mode. Where it is called: `REQUEST_CONTENT_INVALID`, `ROOT_INVALID`
 */
export function commandType<C extends DescMessage, E extends DescMessage = never>(
  domain: string,
  schema: C,
  options: CommandTypeOptions<E> = {},
): CommandType<C, E> {
  const { events = [], syncMode = SyncMode.ASYNC } = options
  checkClientDomain(domain)
  for (const one of [schema, ...events]) checkSchema(one)
  if (!COMMAND_SYNC_MODES.includes(syncMode)) {
    throw invalid('syncMode', 'A step waits for ASYNC, SIMPLE or CASCADE.')
  }
  const target = commandTarget(domain, schema.typeName)
  const codec = messageCodec<DescMessage>(schema)
  const send = (root: string, message: MessageShape<DescMessage>): SentCommand => {
    checkRoot(root, target)
    const value = encoded(codec, message, target)
    return { domain, root: rootFor(domain, root), type: schema.typeName, value, syncMode }
  }
  const reply: RequestBorders['reply'] = {
    pack: (content) => content,
    unpack: (content) => ({ events: eventsIn(content, events, target) }),
  }
  const make = (
    root: string,
    init: MessageInitShape<C>,
  ): SagaRequest<MessageShape<C>, CommandReply<E>> => {
    const message = messageFrom(schema, init, target)
    // What cannot be sent is refused where the step makes it.
    const sent = send(root, message)
    return new SagaRequest(target, message, { content: { pack: () => sent, unpack: same }, reply })
  }
  Object.defineProperty(make, 'name', { value: target })
  return Object.assign(make, { target, domain, schema })
}

const same = (value: unknown): unknown => value

/** @throws CodedError `REPLY_CONTENT_INVALID` */
function eventsIn<E extends DescMessage>(
  content: unknown,
  schemas: readonly E[],
  target: string,
): readonly TypedEvent<E>[] {
  try {
    if (!(content instanceof Uint8Array)) throw new TypeError('no answer to a command')
    return eventsOf(fromBinary(CommandResponseSchema, content), ...schemas)
  } catch (cause) {
    const details = { target, issues: messageOf(cause) }
    throw codedError('REPLY_CONTENT_INVALID', { details, cause })
  }
}

function encoded(
  codec: MessageCodec,
  message: MessageShape<DescMessage>,
  target: string,
): Uint8Array {
  try {
    return codec.encode(message)
  } catch (cause) {
    const details = { target, issues: messageOf(cause) }
    throw codedError('REQUEST_CONTENT_INVALID', { details, cause })
  }
}

function messageFrom<C extends DescMessage>(
  schema: C,
  init: MessageInitShape<C>,
  target: string,
): MessageShape<C> {
  try {
    return create(schema, init)
  } catch (cause) {
    const details = { target, issues: messageOf(cause) }
    throw codedError('REQUEST_CONTENT_INVALID', { details, cause })
  }
}

/** A root that is missing in the context would be the root of some other aggregate. */
function checkRoot(root: unknown, target: string): void {
  if (typeof root === 'string' && root !== '') return
  const hint = 'The first argument is the root of the aggregate: a UUID, or a business key.'
  throw codedError('ROOT_INVALID', { details: { target, got: typeof root }, hint })
}

function checkSchema(schema: unknown): void {
  const isMessage =
    typeof schema === 'object' && schema !== null && 'kind' in schema && schema.kind === 'message'
  if (!isMessage) throw invalid('schema', 'Give the schemas of protobuf messages.')
}

function invalid(option: string, hint: string): Error {
  return codedError('SAGA_OPTION_INVALID', { details: { option }, hint })
}
