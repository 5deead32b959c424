/** Turns a delivery of a command or fact into work for its target, or says why that cannot be. */
import { codedError, type CodedError } from '../errors.ts'
import { InvalidArgumentError } from '../errors/client-error.ts'
import { limits } from '../limits.ts'
import { OPEN } from '../ledger/ledger.ts'
import {
  type CommandBook,
  MergeStrategy,
  SyncMode,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { typeNameFromUrl } from '../wire/type-url.ts'
import { streamOf } from './cover-of.ts'
import { type Delivery, idempotencyKeyOf } from './delivery.ts'
import type { ReactionContext } from './reaction-context.ts'
import { parentIn } from './telemetry/watching-part.ts'
import type { Work } from './work.ts'

/** A command's work, or why it never reaches a handler. */
export type CommandWork = {
  readonly command: CommandBook
  /** Full name of the command's type. */
  readonly type: string
  readonly listens: boolean
} & (
  | { readonly kind: 'work'; readonly work: Work }
  | { readonly kind: 'undeliverable'; readonly error: CodedError }
)

/** `undefined` when the delivery is not a command. */
export function commandWork(context: ReactionContext, delivery: Delivery): CommandWork | undefined {
  if (delivery.parcel.kind !== 'command') return undefined
  const { command } = delivery.parcel
  const domain = command.cover?.domain ?? ''
  const page = command.pages[0]
  const any = page?.payload.case === 'command' ? page.payload.value : undefined
  const type = typeNameFromUrl(any?.typeUrl ?? '')
  const listens = context.endpoint.listens(domain, type)
  const undeliverable = (error: CodedError): CommandWork => ({
    kind: 'undeliverable',
    command,
    type,
    listens,
    error,
  })
  const depth = delivery.cascade?.depth ?? 0
  if (depth > limits.cascadeDepthMax) {
    const details = { max: limits.cascadeDepthMax, component: delivery.component }
    return undeliverable(codedError('CASCADE_TOO_DEEP', { details }))
  }
  const endpoint = context.targets.get(domain)
  if (endpoint === undefined) {
    return undeliverable(codedError('UNKNOWN_DOMAIN', { details: { domain } }))
  }
  if (page === undefined) return undeliverable(codedError('MISSING_COMMAND_PAGE'))
  if (any === undefined) return undeliverable(codedError('MISSING_COMMAND_PAYLOAD'))
  if (!endpoint.accepts(type)) {
    const details = { domain, type_url: any.typeUrl }
    return undeliverable(codedError('NO_HANDLER_REGISTERED', { details }))
  }
  if (any.value.length > limits.payloadBytesMax) {
    const details = { page: 0, max: limits.payloadBytesMax, got: any.value.length }
    return undeliverable(codedError('PAYLOAD_TOO_LARGE', { details }))
  }
  try {
    const work: Work = {
      key: streamOf(command.cover),
      endpoint,
      subject: { kind: 'command', command: { type, value: any.value } },
      correlationId: command.cover?.correlationId ?? '',
      expected: undefined,
      strategy: page.mergeStrategy ?? MergeStrategy.MERGE_COMMUTATIVE,
      idempotencyKey: idempotencyKeyOf(delivery),
      keyIsNew: !delivery.recovered && delivery.attempts <= 1,
      visibility: page.header?.syncMode === SyncMode.ISOLATED ? { kind: 'isolated' } : OPEN,
      cascadeId: delivery.cascadeId,
      edition: command.cover?.edition,
      cascade: delivery.cascade,
      trace: parentIn(delivery.traceparent),
    }
    return { kind: 'work', command, type, listens, work }
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    return undeliverable(new InvalidArgumentError(cause, { cause: error }))
  }
}
