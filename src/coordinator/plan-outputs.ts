/**
 * From what a handler emitted to what is delivered. Pure. Headers, edition and correlation id are
 * what the scheduler knows, never what the handler wrote (design section 6, "Provenance").
 */
import { create } from '@bufbuild/protobuf'
import type { Nanoseconds } from '../clock.ts'
import { codedError } from '../errors.ts'
import { limits } from '../limits.ts'
import {
  type CommandBook,
  CommandBookSchema,
  type Cover,
  CoverSchema,
  type Edition,
  type EventBook,
  EventBookSchema,
  PageHeaderSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import type { CascadePart } from './cascade.ts'
import { coverOf } from './cover-of.ts'
import type { Delivery } from './delivery.ts'
import { pathPart } from './spaces.ts'
import type { Outputs } from './stateful-endpoint.ts'
import type { TriggerOrigin } from './trigger.ts'

/** Who emitted, and what made it. */
export type Emitter = {
  readonly component: string
  readonly componentKind: 'saga' | 'process_manager'
  readonly lane: string
  readonly origin: TriggerOrigin
  /** Path of the delivery that triggered this; '' for an event of the log. */
  readonly path: string
  /** The cascade that the trigger is pending in, when it runs at once. */
  readonly cascadeId?: string | undefined
  /** The edition of the trigger, with its branch points; `undefined` for the main timeline. */
  readonly edition?: Edition | undefined
  /** When it is emitted. */
  readonly now?: Nanoseconds | undefined
  /** Where the reaction belongs to in a trace, as a W3C `traceparent`. */
  readonly traceparent?: string | undefined
  /** The request that waits for what is emitted. */
  readonly cascade?: CascadePart | undefined
}

/**
 * The deliveries of one run, facts before commands.
 *
 * @throws CodedError `TOO_MANY_OUTPUTS`
 */
export function planOutputs(emitter: Emitter, outputs: Outputs): readonly Delivery[] {
  const count = outputs.facts.length + outputs.commands.length
  if (count > limits.outputsPerReactionMax) {
    throw codedError('TOO_MANY_OUTPUTS', {
      details: { component: emitter.component, max: limits.outputsPerReactionMax, got: count },
    })
  }
  const { component, componentKind, lane, origin, cascade, cascadeId } = emitter
  const { traceparent, now: enqueuedAt } = emitter
  const deliver = (index: number, parcel: Delivery['parcel']): Delivery => {
    const path = emitter.path === '' ? pathPart(index) : `${emitter.path}.${pathPart(index)}`
    const place = { component, componentKind, lane, origin, path, cascade, cascadeId }
    return { ...place, parcel, attempts: 0, recovered: false, traceparent, enqueuedAt }
  }
  const facts = outputs.facts.map((fact, index) =>
    deliver(index, { kind: 'fact', fact: stampFact(fact, emitter, index) }),
  )
  const commands = outputs.commands.map((command, index) =>
    deliver(outputs.facts.length + index, {
      kind: 'command',
      command: stampCommand(command, emitter, outputs.facts.length + index),
    }),
  )
  return [...facts, ...commands]
}

function stampCommand(book: CommandBook, emitter: Emitter, index: number): CommandBook {
  const source = coverOf(emitter.origin.key, emitter.origin.correlationId)
  return create(CommandBookSchema, {
    cover: stampCover(book.cover, emitter),
    pages: book.pages.map((page) => ({
      ...page,
      header: create(PageHeaderSchema, {
        sequenceType: {
          case: 'angzarrDeferred',
          value: {
            source,
            sourceSeq: emitter.origin.sequence,
            sourceComponent: emitter.component,
            commandIndex: index,
          },
        },
        // Kept: how a command wants to be waited for is its own business.
        ...(page.header?.syncMode === undefined ? {} : { syncMode: page.header.syncMode }),
      }),
    })),
  })
}

/** Every page says from outside of what it comes; what the emitter left open follows from its place. */
function stampFact(book: EventBook, emitter: Emitter, index: number): EventBook {
  const { key, sequence } = emitter.origin
  const made = `${key.domain}-${key.root}-${sequence}-${emitter.component}-${index}`
  return create(EventBookSchema, {
    cover: stampCover(book.cover, emitter),
    pages: book.pages.map((page) => {
      const place = page.header?.sequenceType
      if (place?.case === 'externalDeferred' && place.value.externalId !== '') return { ...page }
      const externalId = emitter.path === '' ? made : `${made}-${emitter.path}`
      const value = { externalId, description: emitter.component }
      const header = create(PageHeaderSchema, { sequenceType: { case: 'externalDeferred', value } })
      return { ...page, header }
    }),
  })
}

function stampCover(cover: Cover | undefined, emitter: Emitter): Cover {
  const { edition } = emitter
  return create(CoverSchema, {
    domain: cover?.domain ?? '',
    correlationId: cover?.correlationId || emitter.origin.correlationId,
    ...(cover?.root === undefined ? {} : { root: cover.root }),
    ...(cover?.ext === undefined ? {} : { ext: cover.ext }),
    ...(edition === undefined ? {} : { edition }),
  })
}
