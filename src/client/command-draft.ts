/** A command before it is complete: a message, or the halves of an encoded one. */
import type { DescMessage, Message } from '@bufbuild/protobuf'
import type { ErrorCode } from '../errors.ts'
import type { InvalidArgumentError } from '../errors/client-error.ts'
import { typeNameFromUrl } from '../wire/type-url.ts'
import { invalidField } from './invalid-field.ts'
import type { CommandContent } from './outgoing-command.ts'

/** What has been said of a command so far. */
export type CommandDraft =
  | { readonly kind: 'message'; readonly schema: DescMessage; readonly message: Message }
  | { readonly kind: 'bytes'; readonly typeUrl: string; readonly bytes: Uint8Array | undefined }

/** The draft of a command of which nothing has been said. */
export const EMPTY_DRAFT: CommandDraft = { kind: 'bytes', typeUrl: '', bytes: undefined }

/** The draft under a type URL; an encoded payload stays, a message goes. */
export function draftOfType(draft: CommandDraft, typeUrl: string): CommandDraft {
  return { kind: 'bytes', typeUrl, bytes: draft.kind === 'bytes' ? draft.bytes : undefined }
}

/** The draft with an encoded payload; a type URL stays, a message goes. */
export function draftOfBytes(draft: CommandDraft, bytes: Uint8Array): CommandDraft {
  return { kind: 'bytes', typeUrl: draft.kind === 'bytes' ? draft.typeUrl : '', bytes }
}

/**
 * The content of a complete draft.
 *
 * @throws InvalidArgumentError `COMMAND_TYPE_URL_MISSING`, `COMMAND_PAYLOAD_MISSING`
 */
export function contentOf(draft: CommandDraft): CommandContent {
  if (draft.kind === 'message') return draft
  const { typeUrl, bytes } = draft
  if (typeUrl === '') throw missing('COMMAND_TYPE_URL_MISSING', 'type_url')
  if (bytes === undefined) throw missing('COMMAND_PAYLOAD_MISSING', 'payload')
  return { kind: 'bytes', typeUrl, bytes }
}

/** The full name of a command's message type. */
export function typeNameOf(content: CommandContent): string {
  return content.kind === 'message' ? content.schema.typeName : typeNameFromUrl(content.typeUrl)
}

function missing(code: ErrorCode, field: string): InvalidArgumentError {
  return invalidField({ code, field, hint: 'call withMessage(schema, init) before sending' })
}
