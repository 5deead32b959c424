/**
 * Writes decided work down and gives its answer, or has it decided anew.
 *
 * 1. The next write of a stream stands or falls with the one it was decided upon.
 * 2. After a write that was not stored nothing more is decided on that state: when all writes of
 *    the stream are back, the state is forgotten and what failed is decided anew, in order.
 */
import { codedError } from '../errors.ts'
import type { WriteId } from '../identity.ts'
import type { Committed, Condition, Outcome } from '../ledger/ledger.ts'
import { limits } from '../limits.ts'
import type { Draft, Journal } from './journal.ts'
import { UNDER_WAY } from './draft-branch.ts'
import type { Item, Mailbox } from './mailbox.ts'
import { BRANCHES, RESOLVED_CASCADES } from './spaces.ts'
import type { StateCache } from './state-cache.ts'
import type { WorkWatch } from './telemetry/work-watch.ts'

/** What writing needs. */
export type WorkWriterOptions = {
  readonly journal: Journal
  readonly cache: StateCache
  readonly watch: WorkWatch
}

/** See the top of this file. */
export class WorkWriter {
  readonly #journal: Journal
  readonly #cache: StateCache
  readonly #watch: WorkWatch
  readonly #resume: (mailbox: Mailbox) => void

  /** @param resume decides what waits in a mailbox */
  constructor({ journal, cache, watch }: WorkWriterOptions, resume: (mailbox: Mailbox) => void) {
    this.#journal = journal
    this.#cache = cache
    this.#watch = watch
    this.#resume = resume
  }

  /** Commits; `done` gives the answer once the write is on disk. */
  write(mailbox: Mailbox, item: Item, draft: Draft, done: (committed: Committed) => void): void {
    const key = item.work.idempotencyKey
    if (key !== undefined) mailbox.keysUnderWay.set(key, item)
    const id = this.#journal.newId()
    const chained = mailbox.underWay === 0 ? draft : behind(draft, mailbox.lastWrite)
    mailbox.lastWrite = id
    mailbox.underWay++
    const { work } = item
    const span = this.#watch.partOf(item.span, 'aggregate.persist')
    this.#journal.commit(chained, id, work.cascade, item.span ?? work.trace).then(
      (outcome) => {
        span?.end()
        this.#settled(mailbox, item, outcome, done)
      },
      (error: unknown) => {
        this.#watch.partFailed(span, error)
        mailbox.recovering = true
        this.#back(mailbox, item)
        item.reject(error)
        this.recoverIfAllBack(mailbox)
      },
    )
  }

  /** Goes on with a mailbox once all of its writes are back. */
  recoverIfAllBack(mailbox: Mailbox): void {
    if (!mailbox.recovering || mailbox.underWay > 0 || mailbox.running) return
    this.#cache.forget(mailbox)
    mailbox.takeBack()
    this.#resume(mailbox)
  }

  #settled(
    mailbox: Mailbox,
    item: Item,
    outcome: Outcome,
    done: (committed: Committed) => void,
  ): void {
    if (outcome.kind !== 'committed') mailbox.recovering = true
    this.#back(mailbox, item)
    switch (outcome.kind) {
      case 'committed':
        branched(mailbox, outcome)
        done(outcome)
        break
      case 'duplicate':
        item.resolve({ kind: 'duplicate', first: outcome.first })
        break
      case 'conflict':
        if (conflicted(mailbox, item, outcome.on, outcome.actual)) this.#watch.again(item)
        break
    }
    this.recoverIfAllBack(mailbox)
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
}

/** The first event of a stream of an edition is stored, and with it where it branches off. */
function branched(mailbox: Mailbox, { number }: Committed): void {
  const { branch } = mailbox
  if (branch?.version === UNDER_WAY) mailbox.branch = { ...branch, version: number }
}

/** True when it is decided anew. */
function conflicted(
  mailbox: Mailbox,
  item: Item,
  on: Condition,
  actual: number | 'absent',
): boolean {
  if (on.kind === 'row' && on.space === RESOLVED_CASCADES) {
    const error = codedError('CASCADE_RESOLVED', { details: { cascade_id: on.key } })
    item.resolve({ kind: 'rejected', error })
  } else if (on.kind === 'row' && on.space !== BRANCHES) {
    item.resolve({ kind: 'lost', on })
  } else if (item.attempts < limits.decisionAttemptsMax) {
    mailbox.redo.push(item)
    return true
  } else {
    item.reject(codedError('SEQUENCE_CONFLICT', { details: { stream: mailbox.text, actual } }))
  }
  return false
}

function behind(draft: Draft, id: WriteId | undefined): Draft {
  if (id === undefined) return draft
  return { ...draft, conditions: [{ kind: 'write', id }, ...(draft.conditions ?? [])] }
}

function asKnown(item: Item): Item {
  return { ...item, work: { ...item.work, keyIsNew: false } }
}
