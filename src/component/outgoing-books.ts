/** What sagas and process managers send, each in one expression. */
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import type { Sequence } from '../identity.ts'
import {
  type CommandBook,
  CommandBookSchema,
  type EventBook,
  EventBookSchema,
  type MergeStrategy,
  type PageHeader,
  PageHeaderSchema,
  type SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { newCover } from '../wire/cover.ts'
import { externalHeader } from '../wire/header.ts'
import { rememberSchema } from './known-messages.ts'
import { packMessage } from './pack-events.ts'

/** What a command may say beside its message. */
export type OutgoingCommandOptions = {
  /** Default: that of the event it answers. */
  readonly correlationId?: string | undefined
  /** Default: that of the request it belongs to. */
  readonly syncMode?: SyncMode | undefined
  /** Default `MERGE_COMMUTATIVE`. */
  readonly mergeStrategy?: MergeStrategy | undefined
  /** The sequence it expects. Default: none, the coordinator gives it its place. */
  readonly sequence?: Sequence | undefined
}

/**
 * A command for one aggregate.
 *
 * @param rootOrKey a UUID as text or bytes; any other text is a business key of the domain
 */
export function command<S extends DescMessage>(
  domain: string,
  rootOrKey: string | Uint8Array,
  schema: S,
  init: MessageInitShape<S>,
  options: OutgoingCommandOptions = {},
): CommandBook {
  rememberSchema(schema)
  const header = headerOf(options)
  return create(CommandBookSchema, {
    cover: newCover({ domain, root: rootOrKey, correlationId: options.correlationId }),
    pages: [
      {
        ...(header === undefined ? {} : { header }),
        ...(options.mergeStrategy === undefined ? {} : { mergeStrategy: options.mergeStrategy }),
        payload: { case: 'command', value: packMessage(create(schema, init)) },
      },
    ],
  })
}

/** What a fact may say beside its message. */
export type OutgoingFactOptions = {
  /** Makes it take effect once. Default: none, the coordinator uses the event it comes from. */
  readonly externalId?: string | undefined
  /** Free text about where it comes from. */
  readonly description?: string | undefined
  /** Default: that of the event it answers. */
  readonly correlationId?: string | undefined
}

/**
 * A fact for one aggregate: an event that it may admit, but not refuse.
 *
 * @param rootOrKey a UUID as text or bytes; any other text is a business key of the domain
 */
export function fact<S extends DescMessage>(
  domain: string,
  rootOrKey: string | Uint8Array,
  schema: S,
  init: MessageInitShape<S>,
  options: OutgoingFactOptions = {},
): EventBook {
  rememberSchema(schema)
  const { externalId, description = '' } = options
  const header = externalId === undefined ? undefined : externalHeader(externalId, description)
  return create(EventBookSchema, {
    cover: newCover({ domain, root: rootOrKey, correlationId: options.correlationId }),
    pages: [
      {
        ...(header === undefined ? {} : { header }),
        payload: { case: 'event', value: packMessage(create(schema, init)) },
      },
    ],
  })
}

function headerOf({ sequence, syncMode }: OutgoingCommandOptions): PageHeader | undefined {
  if (sequence === undefined && syncMode === undefined) return undefined
  const header = create(PageHeaderSchema)
  if (sequence !== undefined) header.sequenceType = { case: 'sequence', value: sequence }
  if (syncMode !== undefined) header.syncMode = syncMode
  return header
}
