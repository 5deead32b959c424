/** A command on its way to a coordinator: plain data, encoded only where it leaves the process. */
import { create, type DescMessage, type Message } from '@bufbuild/protobuf'
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt'
import type { Root, Sequence } from '../identity.ts'
import {
  type CascadeErrorMode,
  type CommandBook,
  type CommandRequest,
  CommandRequestSchema,
  type Edition,
  type MergeStrategy,
  type SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny } from '../wire/any.ts'
import { newCommandBook, newCommandPage } from '../wire/book.ts'
import { newCover } from '../wire/cover.ts'

/** The command itself: a message with its schema, or bytes under a type URL. */
export type CommandContent =
  | { readonly kind: 'message'; readonly schema: DescMessage; readonly message: Message }
  | { readonly kind: 'bytes'; readonly typeUrl: string; readonly bytes: Uint8Array }

/** One command for one aggregate. */
export type OutgoingCommand = {
  readonly domain: string
  /** The timeline; `undefined` is the main one. */
  readonly edition: Edition | undefined
  readonly root: Root
  /** '' lets the coordinator make one. */
  readonly correlationId: string
  /** The sequence the command expects; `undefined`, when none was named, counts as 0. */
  readonly sequence: Sequence | undefined
  readonly mergeStrategy: MergeStrategy
  readonly syncMode: SyncMode
  readonly cascadeErrorMode: CascadeErrorMode
  /** Full name of the command's message type. */
  readonly typeName: string
  readonly content: CommandContent
  /** Commands of one key take effect once; `undefined` makes no such promise. */
  readonly idempotencyKey: string | undefined
  /** True when the key was made for this very sending, so that nobody can have used it before. */
  readonly keyIsNew: boolean
}

/** The wire form of a command. The idempotency key is not in it: it travels beside the request. */
export function toCommandRequest(command: OutgoingCommand): CommandRequest {
  return create(CommandRequestSchema, {
    command: toCommandBook(command),
    syncMode: command.syncMode,
    cascadeErrorMode: command.cascadeErrorMode,
  })
}

/** The book of a command: cover and one page. */
export function toCommandBook(command: OutgoingCommand): CommandBook {
  const { domain, root, correlationId, edition, content } = command
  const cover = newCover({ domain, root, correlationId, edition })
  const page = newCommandPage(command.sequence ?? 0, toAny(content), command.mergeStrategy)
  return newCommandBook(cover, [page])
}

function toAny(content: CommandContent): Any {
  switch (content.kind) {
    case 'message':
      return packAny(content.schema, content.message)
    case 'bytes':
      return create(AnySchema, { typeUrl: content.typeUrl, value: content.bytes })
    default:
      return content satisfies never
  }
}
