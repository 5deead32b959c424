/**
 * Failed compensations that a human is to be told of. Each is a row, written with what failed; the
 * rows are sent behind the log, again and again after restarts, until they are sent or given up.
 */
import { create } from '@bufbuild/protobuf'
import type { Clock, Nanoseconds } from '../clock.ts'
import { messageOf } from '../errors.ts'
import { bytesOfRoot, rootOfBytes } from '../identity.ts'
import type { Ledger, Row, RowChange } from '../ledger/ledger.ts'
import { EscalationSchema } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { messageCodec } from '../wire/message-codec.ts'
import { nanosecondsFromTimestamp, timestampFromNanoseconds } from '../wire/timestamp.ts'
import { allRows } from './all-rows.ts'
import type { LogSink } from './coordinator.ts'
import { coverOf } from './cover-of.ts'
import type { Escalation, EscalationSender } from './escalation.ts'
import type { Journal } from './journal.ts'
import { ESCALATIONS } from './spaces.ts'
import type { TriggerOrigin } from './trigger.ts'

const codec = messageCodec(EscalationSchema)

/** Waits between the attempts to send one. */
const WAITS_MS = [100, 200] as const

/** See the top of this file. */
export class Escalations {
  readonly #ledger: Ledger
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #log: LogSink
  readonly #send: EscalationSender | undefined
  #expected = false
  #draining: Promise<void> | undefined

  constructor(options: {
    readonly ledger: Ledger
    readonly journal: Journal
    readonly clock: Clock
    readonly log: LogSink
    /** Default: nobody is told but the log. */
    readonly send: EscalationSender | undefined
  }) {
    this.#ledger = options.ledger
    this.#journal = options.journal
    this.#clock = options.clock
    this.#log = options.log
    this.#send = options.send
  }

  /** The rows that go with the commit of what failed. */
  rowsOf(key: string, origin: TriggerOrigin, reasons: EscalationReasons): readonly RowChange[] {
    if (this.#send === undefined) return []
    this.#expected = true
    const value = codec.encode(
      create(EscalationSchema, {
        source: coverOf(origin.key, origin.correlationId),
        sourceSequence: origin.sequence,
        rejectionReason: reasons.rejection,
        compensationReason: reasons.compensation,
        occurredAt: timestampFromNanoseconds(reasons.at),
      }),
    )
    return [{ kind: 'put', space: ESCALATIONS, key, value, expected: 'any' }]
  }

  /** Sends what was written down since; resolves when nothing is left to send. Never rejects. */
  async send(always = false): Promise<void> {
    if (this.#send === undefined || !(this.#expected || always)) return
    this.#expected = false
    await this.#draining
    this.#draining = this.#drain(this.#send).catch((error: unknown) => {
      this.#log('error', 'escalations_not_read', { error: messageOf(error) })
    })
    await this.#draining
  }

  async #drain(send: EscalationSender): Promise<void> {
    for await (const row of allRows(this.#ledger, ESCALATIONS)) {
      const escalation = escalationOf(row)
      const outcome = await this.#sendOne(send, escalation)
      if (outcome !== 'sent') {
        const { sourceDomain: source_domain, compensationReason: reason } = escalation
        this.#log('error', 'escalation_not_sent', { source_domain, reason, outcome })
      }
      await this.#journal.commit({
        rows: [{ kind: 'remove', space: ESCALATIONS, key: row.key, expected: 'any' }],
      })
    }
  }

  async #sendOne(send: EscalationSender, escalation: Escalation): Promise<string> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await send(escalation)
      } catch (error) {
        const waitMs = WAITS_MS[attempt]
        if (waitMs === undefined) return messageOf(error)
        await new Promise<void>((resolve) => this.#clock.after(waitMs, resolve))
      }
    }
  }
}

/** Why something failed, and when. */
export type EscalationReasons = {
  readonly rejection: string
  readonly compensation: string
  readonly at: Nanoseconds
}

function escalationOf(row: Row): Escalation {
  const { source, sourceSequence, rejectionReason, compensationReason, occurredAt } = codec.decode(
    row.value,
  )
  const root = bytesOfRoot(rootOfBytes(source?.root?.value ?? new Uint8Array(16)))
  return {
    sourceDomain: source?.domain ?? '',
    sourceRootId: Buffer.from(root).toString('hex'),
    sourceSeq: sourceSequence,
    rejectionReason,
    compensationReason,
    correlationId: source?.correlationId ?? '',
    occurredAt: occurredAt === undefined ? 0n : nanosecondsFromTimestamp(occurredAt),
  }
}
