/**
 * The command path: from a piece of work to its answer (design section 5).
 *
 * 1. Whatever is decided, the answer is given by a commit: events, a claim, or nothing but the
 *    check that the stream still stands where the decision was made. So no answer ever rests on a
 *    write that failed, or on a state that another process has moved on.
 * 2. A handler's events are folded into the state as they will be read back: decoded from bytes.
 * 3. A state that a failed or foreign write may have falsified is never used again.
 */
import type { Clock, Nanoseconds } from '../clock.ts'
import { codedError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { cascadeConflict, compareChanges, fieldsHeld } from './compare-changes.ts'
import type { LogSink } from './coordinator.ts'
import { withSnapshot } from './draft-snapshot.ts'
import { checkOf, draftWork } from './draft-work.ts'
import type { Draft, Journal } from './journal.ts'
import type { Edition } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { divergenceFor } from '../wire/cover.ts'
import { UNDER_WAY } from './draft-branch.ts'
import { loadState } from './load-state.ts'
import type { Item, Mailbox } from './mailbox.ts'
import { planMerge } from './plan-merge.ts'
import { sequenceMismatch } from './sequence-mismatch.ts'
import { stampEvents } from './stamp-events.ts'
import type { StateCache } from './state-cache.ts'
import type { Decision, DecisionRequest } from './stateful-endpoint.ts'
import { traceOfWork, type WorkWatch } from './telemetry/work-watch.ts'
import type { Upcast } from './upcast-event.ts'
import { withDeadline } from './with-deadline.ts'
import type { Decided, StampedEvent, Work, WorkOutcome } from './work.ts'
import { WorkWriter } from './write-work.ts'

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
  readonly pendingTimeoutMs: number
  readonly watch: WorkWatch
  readonly log: LogSink
}

/** See the top of this file. */
export class CommandPath {
  readonly #options: CommandPathOptions
  readonly #writer: WorkWriter
  #arrivals = 0
  #foreignWrites: number

  constructor(options: CommandPathOptions) {
    this.#options = options
    this.#writer = new WorkWriter(options, (mailbox) => this.#run(mailbox))
    this.#foreignWrites = options.ledger.foreignWrites()
  }

  /** Estimated bytes of the states in memory. */
  get stateBytes(): number {
    return this.#options.cache.bytes
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
      const waits = mailbox.running || mailbox.recovering
      mailbox.queue.push(this.#itemOf({ work, waits, resolve, reject }))
      if (!waits) this.#run(mailbox)
    })
  }

  #itemOf(asked: Pick<Item, 'work' | 'waits' | 'resolve' | 'reject'>): Item {
    const { watch } = this.#options
    const { work, waits, resolve, reject } = asked
    const watched = { work, sinceMs: watch.nowMs(), span: watch.span(work) }
    return {
      ...watched,
      waits,
      arrival: this.#arrivals++,
      attempts: 0,
      followers: undefined,
      resolve: (outcome) => {
        watch.ended(watched, outcome)
        resolve(outcome)
      },
      reject: (error) => {
        watch.failed(watched, error)
        reject(error)
      },
    }
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
    this.#writer.recoverIfAllBack(mailbox)
  }

  #take(mailbox: Mailbox, item: Item): Promise<void> | undefined {
    if (item.waits) {
      item.waits = false
      this.#options.watch.waited(item)
    }
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
    const { edition } = item.work
    if (edition !== undefined && branchesElsewhere(mailbox, edition)) {
      this.#options.cache.forget(mailbox)
    }
    if (mailbox.pending !== undefined) {
      // What is on its way is not in the ledger yet, from which each reader's state comes.
      if (mailbox.underWay > 0) return this.#afterWrites(mailbox, item)
      this.#options.cache.forget(mailbox)
    }
    const { watch } = this.#options
    if (item.attempts === 0) watch.found(item, mailbox.loaded ? 'hit' : 'miss')
    if (mailbox.loaded) return this.#decide(mailbox, item)
    const span = watch.partOf(item.span, 'aggregate.load_events')
    return this.#load(mailbox, item.work).then(
      () => {
        span?.end()
        return this.#decide(mailbox, item)
      },
      (error: unknown) => {
        watch.partFailed(span, error)
        item.reject(error)
      },
    )
  }

  async #load(mailbox: Mailbox, { edition, cascadeId: reader }: Work): Promise<void> {
    const { ledger, upcast, cache } = this.#options
    const { key, endpoint } = mailbox
    const branchAt = divergenceFor(edition, key.domain)
    const loaded = await loadState({ ledger, key, endpoint, upcast, branchAt, reader })
    mailbox.pending = loaded.pending
    mailbox.branch = loaded.branch
    mailbox.branchAt = branchAt
    mailbox.state = loaded.state
    mailbox.next = loaded.next
    mailbox.snapshotAt = loaded.snapshotAt
    mailbox.loaded = true
    cache.grew(mailbox, loaded.foldedBytes)
  }

  #decide(mailbox: Mailbox, item: Item): Promise<void> | undefined {
    if (spoiledMeanwhile(mailbox, item)) return undefined
    const { work } = item
    item.attempts++
    const verdict = planMerge({
      strategy: work.strategy,
      expected: work.expected,
      actual: mailbox.next,
      supportsReplay: work.endpoint.supportsReplay,
    })
    if (verdict === 'mismatch' || verdict === 'dead-letter') {
      this.#refuse(mailbox, item, this.#mismatch(mailbox, work, verdict))
      return undefined
    }
    if (verdict === 'run-then-compare' && mailbox.underWay > 0) {
      item.attempts--
      return this.#afterWrites(mailbox, item)
    }
    const compare = verdict === 'run-then-compare'
    try {
      const time = this.#options.clock.wall()
      const answer = this.#ask(mailbox, item, time)
      if (answer instanceof Promise) {
        return withDeadline(answer, this.#options).then(
          (decision) => this.#decided(mailbox, item, { decision, compare, time }),
          (error: unknown) => this.#refuse(mailbox, item, error),
        )
      }
      return this.#decided(mailbox, item, { decision: answer, compare, time })
    } catch (error) {
      this.#refuse(mailbox, item, error)
      return undefined
    }
  }

  #mismatch(mailbox: Mailbox, work: Work, verdict: 'mismatch' | 'dead-letter'): Error {
    const { ledger, upcast } = this.#options
    const { key, next: actual, text: stream } = mailbox
    const code = verdict === 'mismatch' ? 'SEQUENCE_MISMATCH' : 'SEQUENCE_DEAD_LETTERED'
    const { expected } = work
    return sequenceMismatch(code, { ledger, upcast, key, expected, actual, stream })
  }

  #ask(mailbox: Mailbox, item: Item, time: Nanoseconds): Decision | Promise<Decision> {
    const { work, span } = item
    const request: DecisionRequest = {
      subject: work.subject,
      key: work.key,
      correlationId: work.correlationId,
      idempotencyKey: work.idempotencyKey,
      state: mailbox.state,
      next: mailbox.next,
      time,
      traceparent: traceOfWork(item),
    }
    // What the handler traces by itself belongs to this piece of work.
    if (span !== undefined) return span.run(() => work.endpoint.decide(request))
    return work.endpoint.decide(request)
  }

  /** A comparison reads the history from the ledger, so it waits for the writes under way. */
  async #afterWrites(mailbox: Mailbox, item: Item): Promise<void> {
    const draft = { conditions: [checkOf(mailbox)] }
    await this.#options.journal.commit(draft).then(
      () => undefined,
      () => undefined,
    )
    mailbox.queue.unshift(item)
  }

  #decided(
    mailbox: Mailbox,
    item: Item,
    made: { readonly decision: Decision; readonly compare: boolean; readonly time: Nanoseconds },
  ): Promise<void> | undefined {
    const { decision, compare, time } = made
    try {
      if (decision.kind === 'revocation' && item.work.subject.kind === 'command') {
        const details = { reason: decision.revocation.reason }
        throw codedError('COMMAND_REVOKED', { details })
      }
      const { work } = item
      const events = stampEvents(mailbox, decision, time, work.cascadeId)
      const others = work.subject.kind === 'command' ? (mailbox.pending?.length ?? 0) : 0
      if ((!compare && others === 0) || events.length === 0) {
        this.#accept(mailbox, item, decision, events)
        return undefined
      }
      return this.#compareAll(mailbox, item, { events, compare }).then(
        () => this.#accept(mailbox, item, decision, events),
        (error: unknown) => this.#refuse(mailbox, item, error),
      )
    } catch (error) {
      this.#refuse(mailbox, item, error)
      return undefined
    }
  }

  async #compareAll(
    mailbox: Mailbox,
    item: Item,
    made: { readonly events: readonly StampedEvent[]; readonly compare: boolean },
  ): Promise<void> {
    const { ledger, upcast } = this.#options
    const { key, endpoint, next, branchAt, pending = [] } = mailbox
    if (pending.length > 0) {
      const reader = item.work.cascadeId
      const asked = { ledger, upcast, key, endpoint, next, branchAt, reader }
      const fields = await fieldsHeld({ ...asked, events: made.events })
      if (fields.length > 0) throw cascadeConflict(mailbox.text, pending, fields)
    }
    if (made.compare) await this.#compare(mailbox, item, made.events)
  }

  async #compare(mailbox: Mailbox, item: Item, events: readonly StampedEvent[]): Promise<void> {
    const { ledger, upcast } = this.#options
    const { key, endpoint, next } = mailbox
    const expected = item.work.expected ?? next
    const { branchAt } = mailbox
    const both = { expected, next, events, branchAt, reader: item.work.cascadeId }
    const shared = await compareChanges({ ledger, upcast, key, endpoint, ...both })
    if (shared?.length === 0) return
    const found = { ledger, upcast, key, expected, actual: next, stream: mailbox.text }
    if (shared === undefined) throw sequenceMismatch('SEQUENCE_MISMATCH', found)
    throw sequenceMismatch('SEQUENCE_OVERLAP', { ...found, fields: shared })
  }

  #accept(mailbox: Mailbox, item: Item, decision: Decision, events: readonly StampedEvent[]): void {
    if (spoiledMeanwhile(mailbox, item)) return
    const { work } = item
    const from = mailbox.next
    const decided: Decided = { kind: 'accepted', decision, events }
    let draft: Draft
    try {
      draft = draftWork(mailbox, work, decided, this.#options)
      this.#fold(mailbox, events)
      if (work.cascadeId !== undefined && events.length > 0) mailbox.pending ??= []
    } catch (error) {
      this.#options.cache.forget(mailbox)
      this.#refuseLoaded(mailbox, item, error)
      return
    }
    const whole = withSnapshot(draft, mailbox, decision, this.#options)
    this.#writer.write(mailbox, item, whole, (committed) => {
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
    const { branch } = mailbox
    // It is fixed with the first event; its row is on its way.
    if (branch !== undefined && events.length > 0 && branch.version === undefined) {
      mailbox.branch = { ...branch, version: UNDER_WAY }
    }
    if (bytes > 0) this.#options.cache.grew(mailbox, bytes)
  }

  /** Answers with a refusal, once it is sure that the decision was made on what is stored. */
  #refuse(mailbox: Mailbox, item: Item, thrown: unknown): void {
    if (spoiledMeanwhile(mailbox, item)) return
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    let draft: Draft
    try {
      draft = draftWork(mailbox, item.work, { kind: 'rejected', error }, this.#options)
    } catch (failure) {
      item.reject(failure)
      return
    }
    this.#writer.write(mailbox, item, draft, () => item.resolve({ kind: 'rejected', error }))
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

  #noticeForeignWrites(): void {
    const seen = this.#options.ledger.foreignWrites()
    if (seen === this.#foreignWrites) return
    this.#foreignWrites = seen
    this.#options.cache.forgetIdle()
  }
}

/** True when nothing fixes yet where a stream branches off, and a request wants it elsewhere. */
function branchesElsewhere({ loaded, branch, branchAt, key }: Mailbox, edition: Edition): boolean {
  if (!loaded || branch === undefined || branch.version !== undefined) return false
  return divergenceFor(edition, key.domain) !== branchAt
}

/** While a decision was awaited, a write failed that its state may rest on: it is made anew. */
function spoiledMeanwhile(mailbox: Mailbox, item: Item): boolean {
  if (mailbox.recovering) mailbox.redo.push(item)
  return mailbox.recovering
}
