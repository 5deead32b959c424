/**
 * The command path: from a piece of work to its answer (design section 5).
 *
 * 1. Whatever is decided, the answer is given by a commit: events, a claim, or nothing but the
 *    check that the stream still stands where the decision was made. So no answer ever rests on a
 *    write that failed, or on a state that another process has moved on.
 * 2. A handler's events are folded into the state as they will be read back: decoded from bytes.
 * 3. A state that a failed or foreign write may have falsified is never used again.
 */
import type { Clock } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { WriteId } from '../identity.ts'
import { limits } from '../limits.ts'
import type { Committed, Condition, Ledger, Outcome } from '../ledger/ledger.ts'
import { compareChanges } from './compare-changes.ts'
import type { Draft, Journal } from './journal.ts'
import { loadState } from './load-state.ts'
import type { Item, Mailbox } from './mailbox.ts'
import { planMerge } from './plan-merge.ts'
import { stampEvents } from './stamp-events.ts'
import type { StateCache } from './state-cache.ts'
import type { Decision } from './stateful-endpoint.ts'
import type { Upcast } from './upcast-event.ts'
import { withDeadline } from './with-deadline.ts'
import type { Decided, StampedEvent, Work, WorkOutcome } from './work.ts'

/** What the command path needs. */
export type CommandPathOptions = {
  readonly journal: Journal
  readonly ledger: Ledger
  readonly cache: StateCache
  readonly clock: Clock
  readonly upcast: Upcast
  readonly handlerTimeoutMs: number
  readonly snapshotEvery: number
  readonly mailboxLengthMax: number
}

/** See the top of this file. */
export class CommandPath {
  readonly #options: CommandPathOptions
  #arrivals = 0
  #foreignWrites: number

  constructor(options: CommandPathOptions) {
    this.#options = options
    this.#foreignWrites = options.ledger.foreignWrites()
  }

  /**
   * Has a piece of work decided and written down.
   *
   * @throws CodedError `MAILBOX_FULL`, `COMMIT_OUTCOME_UNKNOWN`, or what the ledger failed with;
   * a refusal is an outcome, not a throw
   */
  submit(work: Work): Promise<WorkOutcome> {
    this.#noticeForeignWrites()
    const mailbox = this.#options.cache.take(work.key, work.endpoint)
    if (mailbox.queue.length >= this.#options.mailboxLengthMax) {
      const hint = 'Send fewer commands to one aggregate at a time.'
      return Promise.reject(codedError('MAILBOX_FULL', { details: { stream: mailbox.text }, hint }))
    }
    return new Promise((resolve, reject) => {
      const arrival = this.#arrivals++
      const item = { work, arrival, resolve, reject, attempts: 0, followers: undefined }
      mailbox.queue.push(item)
      if (!mailbox.running && !mailbox.recovering) this.#run(mailbox)
    })
  }

  /** Decides what waits, without leaving the loop while nothing has to be awaited. */
  #run(mailbox: Mailbox): void {
    mailbox.running = true
    while (!mailbox.recovering) {
      const item = mailbox.queue.shift()
      if (item === undefined) break
      const pause = this.#take(mailbox, item)
      if (pause !== undefined) {
        // #take never rejects: whatever is thrown is the answer to its item.
        void pause.then(() => this.#run(mailbox))
        return
      }
    }
    mailbox.running = false
    this.#recoverIfAllBack(mailbox)
  }

  #take(mailbox: Mailbox, item: Item): Promise<void> | undefined {
    const key = item.work.idempotencyKey
    if (key !== undefined) {
      const first = mailbox.keysUnderWay.get(key)
      if (first !== undefined) {
        first.followers = [...(first.followers ?? []), item]
        return undefined
      }
      if (!item.work.keyIsNew) return this.#lookUp(mailbox, item, key)
    }
    return this.#ready(mailbox, item)
  }

  async #lookUp(mailbox: Mailbox, item: Item, key: string): Promise<void> {
    try {
      const first = await this.#options.ledger.claimed({ scope: mailbox.key, key })
      if (first !== undefined) item.resolve({ kind: 'duplicate', first })
      else await this.#ready(mailbox, item)
    } catch (error) {
      item.reject(error)
    }
  }

  #ready(mailbox: Mailbox, item: Item): Promise<void> | undefined {
    if (mailbox.loaded) return this.#decide(mailbox, item)
    return this.#load(mailbox).then(
      () => this.#decide(mailbox, item),
      (error: unknown) => item.reject(error),
    )
  }

  async #load(mailbox: Mailbox): Promise<void> {
    const { ledger, upcast, cache } = this.#options
    const { key, endpoint } = mailbox
    const loaded = await loadState({ ledger, key, endpoint, upcast })
    mailbox.state = loaded.state
    mailbox.next = loaded.next
    mailbox.snapshotAt = loaded.snapshotAt
    mailbox.loaded = true
    cache.grew(mailbox, loaded.foldedBytes)
  }

  #decide(mailbox: Mailbox, item: Item): Promise<void> | undefined {
    const { work } = item
    item.attempts++
    const verdict = planMerge({
      strategy: work.strategy,
      expected: work.expected,
      actual: mailbox.next,
      supportsReplay: work.endpoint.supportsReplay,
    })
    if (verdict === 'mismatch' || verdict === 'dead-letter') {
      this.#refuse(mailbox, item, mismatch(mailbox, work, verdict))
      return undefined
    }
    if (verdict === 'run-then-compare' && mailbox.underWay > 0)
      return this.#afterWrites(mailbox, item)
    const compare = verdict === 'run-then-compare'
    try {
      const answer = this.#ask(mailbox, work)
      if (answer instanceof Promise) {
        return withDeadline(answer, this.#options).then(
          (decision) => this.#decided(mailbox, item, decision, compare),
          (error: unknown) => this.#refuse(mailbox, item, error),
        )
      }
      return this.#decided(mailbox, item, answer, compare)
    } catch (error) {
      this.#refuse(mailbox, item, error)
      return undefined
    }
  }

  #ask(mailbox: Mailbox, work: Work): Decision | Promise<Decision> {
    return work.endpoint.decide({
      subject: work.subject,
      key: work.key,
      correlationId: work.correlationId,
      idempotencyKey: work.idempotencyKey,
      state: mailbox.state,
      next: mailbox.next,
      time: this.#options.clock.wall(),
    })
  }

  /** A comparison reads the history from the ledger, so it waits for the writes under way. */
  async #afterWrites(mailbox: Mailbox, item: Item): Promise<void> {
    const draft = { conditions: [standsAt(mailbox)] }
    await this.#options.journal.commit(draft).then(
      () => undefined,
      () => undefined,
    )
    item.attempts--
    mailbox.queue.unshift(item)
  }

  #decided(
    mailbox: Mailbox,
    item: Item,
    decision: Decision,
    compare: boolean,
  ): Promise<void> | undefined {
    try {
      if (decision.kind === 'revocation' && item.work.subject.kind === 'command') {
        const details = { reason: decision.revocation.reason }
        throw codedError('COMMAND_REVOKED', { details })
      }
      const events = stampEvents(mailbox, decision, this.#options.clock.wall())
      if (!compare || events.length === 0) {
        this.#accept(mailbox, item, decision, events)
        return undefined
      }
      return this.#compare(mailbox, item, events).then(
        () => this.#accept(mailbox, item, decision, events),
        (error: unknown) => this.#refuse(mailbox, item, error),
      )
    } catch (error) {
      this.#refuse(mailbox, item, error)
      return undefined
    }
  }

  async #compare(mailbox: Mailbox, item: Item, events: readonly StampedEvent[]): Promise<void> {
    const { ledger, upcast } = this.#options
    const { key, endpoint, next } = mailbox
    const expected = item.work.expected ?? next
    const shared = await compareChanges({ ledger, upcast, key, endpoint, expected, next, events })
    if (shared.length === 0) return
    throw codedError('SEQUENCE_OVERLAP', {
      details: { expected, actual: next, fields: shared.join(','), stream: mailbox.text },
      hint: 'Read the aggregate again and send the command with its next sequence.',
    })
  }

  #accept(mailbox: Mailbox, item: Item, decision: Decision, events: readonly StampedEvent[]): void {
    const { work } = item
    const from = mailbox.next
    const decided: Decided = { kind: 'accepted', decision, events }
    let draft: Draft
    try {
      draft = this.#draft(mailbox, work, decided)
      this.#fold(mailbox, events)
    } catch (error) {
      this.#options.cache.forget(mailbox)
      this.#refuseLoaded(mailbox, item, error)
      return
    }
    const snapshot = this.#snapshotIfDue(mailbox)
    const whole = snapshot === undefined ? draft : { ...draft, snapshots: [snapshot] }
    this.#commit(mailbox, item, whole, (committed) => {
      item.resolve({ kind: 'accepted', committed, from, decision, events })
    })
  }

  #fold(mailbox: Mailbox, events: readonly StampedEvent[]): void {
    let bytes = 0
    for (const event of events) {
      mailbox.state = mailbox.endpoint.fold(mailbox.state, event)
      bytes += event.page.length
    }
    mailbox.next += events.length
    if (bytes > 0) this.#options.cache.grew(mailbox, bytes)
  }

  #draft(mailbox: Mailbox, work: Work, decided: Decided): Draft {
    const settlement = work.settle?.(decided)
    const events = decided.kind === 'accepted' ? decided.events : []
    const own: Draft =
      events.length === 0
        ? { conditions: [standsAt(mailbox)] }
        : {
            appends: [
              {
                key: mailbox.key,
                at: mailbox.next,
                events,
                correlationId: work.correlationId,
                visibility: work.visibility,
              },
            ],
          }
    const claim =
      decided.kind === 'accepted' && work.idempotencyKey !== undefined
        ? [{ scope: mailbox.key, key: work.idempotencyKey }]
        : []
    if (settlement === undefined) return claim.length === 0 ? own : { ...own, claims: claim }
    return {
      ...settlement,
      conditions: [...(own.conditions ?? []), ...(settlement.conditions ?? [])],
      appends: [...(own.appends ?? []), ...(settlement.appends ?? [])],
      claims: [...claim, ...(settlement.claims ?? [])],
    }
  }

  #snapshotIfDue(mailbox: Mailbox): NonNullable<Draft['snapshots']>[number] | undefined {
    const every = mailbox.endpoint.snapshotEvery ?? this.#options.snapshotEvery
    const last = mailbox.next - 1
    if (every === 0 || last - mailbox.snapshotAt < every) return undefined
    const state = mailbox.endpoint.capture(mailbox.state)
    if (state === undefined) return undefined
    mailbox.snapshotAt = last
    const createdAt = this.#options.clock.wall()
    return { key: mailbox.key, sequence: last, state, retention: 'default', createdAt }
  }

  /** Answers with a refusal, once it is sure that the decision was made on what is stored. */
  #refuse(mailbox: Mailbox, item: Item, thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    let draft: Draft
    try {
      draft = this.#draft(mailbox, item.work, { kind: 'rejected', error })
    } catch (failure) {
      item.reject(failure)
      return
    }
    this.#commit(mailbox, item, draft, () => item.resolve({ kind: 'rejected', error }))
  }

  /** A refusal whose state is gone already: what is stored decides nothing any more. */
  #refuseLoaded(mailbox: Mailbox, item: Item, thrown: unknown): void {
    if (item.work.settle === undefined) {
      item.resolve({
        kind: 'rejected',
        error: thrown instanceof Error ? thrown : new Error(String(thrown)),
      })
    } else item.reject(thrown)
    if (mailbox.underWay > 0) mailbox.recovering = true
  }

  #commit(mailbox: Mailbox, item: Item, draft: Draft, done: (committed: Committed) => void): void {
    const key = item.work.idempotencyKey
    if (key !== undefined) mailbox.keysUnderWay.set(key, item)
    const id = this.#options.journal.newId()
    const chained = mailbox.underWay === 0 ? draft : behind(draft, mailbox.lastWrite)
    mailbox.lastWrite = id
    mailbox.underWay++
    this.#options.journal.commit(chained, id).then(
      (outcome) => this.#settled(mailbox, item, outcome, done),
      (error: unknown) => {
        this.#spoiled(mailbox)
        this.#back(mailbox, item)
        item.reject(error)
        this.#recoverIfAllBack(mailbox)
      },
    )
  }

  #settled(
    mailbox: Mailbox,
    item: Item,
    outcome: Outcome,
    done: (committed: Committed) => void,
  ): void {
    switch (outcome.kind) {
      case 'committed':
        this.#back(mailbox, item)
        done(outcome)
        break
      case 'duplicate':
        this.#spoiled(mailbox)
        this.#back(mailbox, item)
        item.resolve({ kind: 'duplicate', first: outcome.first })
        break
      case 'conflict':
        this.#spoiled(mailbox)
        this.#back(mailbox, item)
        this.#conflicted(mailbox, item, outcome.on, outcome.actual)
        break
    }
    this.#recoverIfAllBack(mailbox)
  }

  #conflicted(mailbox: Mailbox, item: Item, on: Condition, actual: number | 'absent'): void {
    if (on.kind === 'row') {
      item.resolve({ kind: 'lost', on })
    } else if (item.attempts < limits.decisionAttemptsMax) {
      mailbox.redo.push(item)
    } else {
      item.reject(codedError('SEQUENCE_CONFLICT', { details: { stream: mailbox.text, actual } }))
    }
  }

  /** The state may rest on a write that was not stored: stop deciding, and forget it. */
  #spoiled(mailbox: Mailbox): void {
    mailbox.recovering = true
  }

  #back(mailbox: Mailbox, item: Item): void {
    mailbox.underWay--
    const key = item.work.idempotencyKey
    if (key === undefined || mailbox.keysUnderWay.get(key) !== item) return
    mailbox.keysUnderWay.delete(key)
    if (item.followers === undefined) return
    // They are looked up again: by then the claim of the first is there, or will never be.
    for (const follower of item.followers) mailbox.redo.push(asKnown(follower))
    item.followers = undefined
    mailbox.recovering = true
  }

  #recoverIfAllBack(mailbox: Mailbox): void {
    if (!mailbox.recovering || mailbox.underWay > 0 || mailbox.running) return
    this.#options.cache.forget(mailbox)
    mailbox.takeBack()
    this.#run(mailbox)
  }

  #noticeForeignWrites(): void {
    const seen = this.#options.ledger.foreignWrites()
    if (seen === this.#foreignWrites) return
    this.#foreignWrites = seen
    this.#options.cache.forgetIdle()
  }
}

function standsAt(mailbox: Mailbox): Condition {
  return { kind: 'stream', key: mailbox.key, next: mailbox.next }
}

/** The next write of a stream stands or falls with the one it was decided upon. */
function behind(draft: Draft, id: WriteId | undefined): Draft {
  if (id === undefined) return draft
  return { ...draft, conditions: [{ kind: 'write', id }, ...(draft.conditions ?? [])] }
}

function asKnown(item: Item): Item {
  return { ...item, work: { ...item.work, keyIsNew: false } }
}

function mismatch(mailbox: Mailbox, work: Work, verdict: 'mismatch' | 'dead-letter'): Error {
  const code = verdict === 'mismatch' ? 'SEQUENCE_MISMATCH' : 'SEQUENCE_DEAD_LETTERED'
  return codedError(code, {
    details: { expected: work.expected, actual: mailbox.next, stream: mailbox.text },
    hint: 'Read the aggregate again and send the command with its next sequence.',
  })
}
