/** Helpers for those who answer rejections themselves (Angzarr client: `compensation`). */
import { create } from '@bufbuild/protobuf'
import type { Sequence } from '../identity.ts'
import {
  type BusinessResponse,
  BusinessResponseSchema,
  type RevocationResponse,
  RevocationResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  type CommandBook,
  type Cover,
  type EventBook,
  type Notification,
  NotificationSchema,
  RejectionNotificationSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { typeNameFromUrl, typeUrl } from '../wire/type-url.ts'
import { unpackExact } from './decode-payload.ts'

/** What a notification says about a rejection (Angzarr client: `CompensationContext`). */
export class CompensationContext {
  /** The refused command; `undefined` when the notification does not carry it. */
  readonly rejectedCommand: CommandBook | undefined
  /** Why it was refused; empty when nobody said. */
  readonly rejectionReason: string
  /** The aggregate whose event set the command off. */
  readonly sourceAggregate: Cover | undefined
  /** Sequence of that event; 0 when it is not known. */
  readonly sourceEventSequence: Sequence

  private constructor(command: CommandBook | undefined, reason: string) {
    const origin = command?.pages[0]?.header?.sequenceType
    this.rejectedCommand = command
    this.rejectionReason = reason
    this.sourceAggregate = origin?.case === 'angzarrDeferred' ? origin.value.source : undefined
    this.sourceEventSequence = origin?.case === 'angzarrDeferred' ? origin.value.sourceSeq : 0
  }
  /**
   * Reads a notification. One that carries no rejection gives empty fields.
   *
   * @throws DispatchError `ANY_DECODE_FAILED` for a malformed payload
   */
  static fromNotification(notification: Notification): CompensationContext {
    const rejection = unpackExact(RejectionNotificationSchema, notification.payload)
    return new CompensationContext(rejection?.rejectedCommand, rejection?.rejectionReason ?? '')
  }
  /** Type URL of the refused command. */
  get rejectedCommandType(): string | undefined {
    const payload = this.rejectedCommand?.pages[0]?.payload
    return payload?.case === 'command' ? payload.value.typeUrl : undefined
  }
  /** Domain of the aggregate whose event set the command off. */
  get sourceDomain(): string | undefined {
    return this.sourceAggregate?.domain
  }
  /** Root of that aggregate, 16 bytes. */
  get sourceRoot(): Uint8Array | undefined {
    return this.sourceAggregate?.root?.value
  }
  /** `domain/full.type.Name` of the refused command; empty when either is not known. */
  get dispatchKey(): string {
    const domain = this.rejectedCommand?.cover?.domain ?? ''
    const type = typeNameFromUrl(this.rejectedCommandType ?? '')
    return domain === '' || type === '' ? '' : `${domain}/${type}`
  }
}

/** What the framework shall do (Angzarr client: `DelegationOptions`). */
export type DelegationOptions = {
  /** Record a `SagaCompensationFailed`. Default true. */
  readonly emitSystemEvent?: boolean | undefined
  /** Put the refused command among the dead letters. Default false. */
  readonly sendToDeadLetter?: boolean | undefined
  /** Alert a human. Default false. */
  readonly escalate?: boolean | undefined
  /** Stop the chain and let the caller know. Default false. */
  readonly abort?: boolean | undefined
}

/** Leaves the compensation to the framework (Angzarr client: `delegate_to_framework`). */
export function delegateToFramework(
  reason: string,
  options: DelegationOptions = {},
): BusinessResponse {
  const value = revocation(reason, options)
  return create(BusinessResponseSchema, { result: { case: 'revocation', value } })
}

/**
 * Compensates by events, which the framework stores; it records nothing of its own then (Angzarr
 * client: `emit_compensation_events`).
 */
export function emitCompensationEvents(eventBook: EventBook): BusinessResponse {
  return create(BusinessResponseSchema, { result: { case: 'events', value: eventBook } })
}

/** Answer of a process manager to a rejection (Angzarr client: `PMRevocationResponse`). */
export class PMRevocationResponse {
  /** Events for its own stream. */
  readonly processEvents: EventBook | undefined
  /** What the framework shall do. */
  readonly revocation: RevocationResponse

  /** @throws TypeError without `revocation` */
  constructor(parts: {
    readonly revocation: RevocationResponse
    readonly processEvents?: EventBook | undefined
  }) {
    // Callers without types are told at once, as in the other languages of the contract.
    const given: Partial<typeof parts> = parts
    if (given.revocation === undefined) throw new TypeError('revocation is required')
    this.revocation = parts.revocation
    this.processEvents = parts.processEvents
  }
}

/** A process manager leaves it to the framework (Angzarr client: `pm_delegate_to_framework`). */
export function pmDelegateToFramework(
  reason: string,
  options: DelegationOptions = {},
): PMRevocationResponse {
  return new PMRevocationResponse({ revocation: revocation(reason, options) })
}

/**
 * A process manager compensates by events (Angzarr client: `pm_emit_compensation_events`), and has
 * a `SagaCompensationFailed` recorded as well if it says so.
 */
export function pmEmitCompensationEvents(
  processEvents: EventBook,
  alsoEmitSystemEvent = false,
  reason = '',
): PMRevocationResponse {
  const options = { emitSystemEvent: alsoEmitSystemEvent }
  return new PMRevocationResponse({ processEvents, revocation: revocation(reason, options) })
}

const NOTIFICATION_TYPE_URL = typeUrl(NotificationSchema.typeName)

/** Whether a type URL is that of a notification (Angzarr client: `is_notification`). */
export function isNotification(url: string): boolean {
  return url === NOTIFICATION_TYPE_URL
}

function revocation(reason: string, options: DelegationOptions): RevocationResponse {
  return create(RevocationResponseSchema, {
    emitSystemRevocation: options.emitSystemEvent ?? true,
    sendToDeadLetterQueue: options.sendToDeadLetter ?? false,
    escalate: options.escalate ?? false,
    abort: options.abort ?? false,
    reason,
  })
}
