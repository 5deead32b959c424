/**
 * The keys of one projector that are not simply running: those that wait for another attempt, those
 * that are parked behind a dead letter, and those that catch up with what they have missed.
 */
import type { RowChange, StoredEvent } from '../ledger/ledger.ts'
import type { DeadLetterEntry } from '../proto/amends/reaction/v1/reaction_pb.ts'
import { removeDeadLetter } from './dead-letter-rows.ts'
import { parkedKeyRow, removeParkedKey } from './parked-keys.ts'

/** Somebody waits for a key to catch up. */
export type KeyReplay = {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

type Key = {
  readonly state: 'waiting' | 'held' | 'parked' | 'rejoining'
  /** Attempts at its first message. */
  readonly attempts: number
  /** The dead letter it is parked behind, or being replayed from. */
  readonly entry: DeadLetterEntry | undefined
  readonly replay: KeyReplay | undefined
}

const NEW: Key = { state: 'rejoining', attempts: 0, entry: undefined, replay: undefined }

/** See the top of this file. */
export class ProjectionKeys {
  /** The name that parked keys stand under: each generation has its own. */
  readonly #checkpoint: string
  readonly #keys = new Map<string, Key>()

  constructor(checkpoint: string) {
    this.#checkpoint = checkpoint
  }

  /** True when the next event of a key must not be folded now. */
  isHeld(key: string): boolean {
    const state = this.#keys.get(key)?.state
    return state === 'waiting' || state === 'held' || state === 'parked'
  }

  /** True while its first message waits for another attempt. */
  waits(key: string): boolean {
    return this.#keys.get(key)?.state === 'waiting'
  }

  /** Its first message is pending: it waits until that is resolved. */
  suspend(key: string): void {
    this.#keys.set(key, { ...(this.#keys.get(key) ?? NEW), state: 'held' })
  }

  /** What its first message waited for is resolved; true when it goes on. */
  resume(key: string): boolean {
    const known = this.#keys.get(key)
    if (known?.state !== 'held') return false
    if (known.entry === undefined) this.#keys.delete(key)
    else this.#keys.set(key, { ...known, state: 'rejoining' })
    return true
  }

  isParked(key: string): boolean {
    return this.#keys.get(key)?.state === 'parked'
  }

  get parked(): number {
    return [...this.#keys.values()].filter(({ state }) => state === 'parked').length
  }

  get anyWaits(): boolean {
    return [...this.#keys.values()].some(({ state }) => state === 'waiting')
  }

  attemptsOf(key: string): number {
    return this.#keys.get(key)?.attempts ?? 0
  }

  /** The first message of a key is done. */
  succeeded(key: string): void {
    const known = this.#keys.get(key)
    if (known?.entry === undefined) this.#keys.delete(key)
    else this.#keys.set(key, { ...known, attempts: 0 })
  }

  /** The first message of a key will be tried again later. */
  wait(key: string, attempts: number): void {
    this.#keys.set(key, { ...(this.#keys.get(key) ?? NEW), attempts, state: 'waiting' })
  }

  /** Later is now. */
  wake(key: string): void {
    const known = this.#keys.get(key)
    if (known?.state === 'waiting') this.#keys.set(key, { ...known, state: 'rejoining' })
  }

  /** An earlier process parked it. */
  found(key: string): void {
    this.#keys.set(key, { ...NEW, state: 'parked' })
  }

  /** True for a key that was parked and has not caught up yet. */
  catchesUp(key: string): boolean {
    return this.#keys.get(key)?.entry !== undefined
  }

  /**
   * Its first message is given up: the key waits behind the letter.
   *
   * @returns the changes that end what it waited behind before
   */
  park(key: string, letter: DeadLetterEntry, error: unknown): readonly RowChange[] {
    const known = this.#keys.get(key)
    known?.replay?.reject(error)
    this.#keys.set(key, { ...NEW, state: 'parked', entry: letter })
    const old = known?.entry?.id
    return old === undefined || old === letter.id ? [] : [removeDeadLetter(old)]
  }

  /** Its first message is given up: the key goes on without it. */
  skip(key: string): void {
    this.#keys.delete(key)
  }

  /** A parked key is about to be taken up; answers how to leave it parked after all. */
  hold(key: string): () => void {
    const known = this.#keys.get(key) ?? NEW
    // Without its letter it is no key that catches up: nothing of it is in the queue yet.
    this.#keys.set(key, { ...NEW, state: 'waiting' })
    return () => this.#keys.set(key, known)
  }

  /** A parked key catches up. */
  rejoin(key: string, entry: DeadLetterEntry, replay: KeyReplay): void {
    this.#keys.set(key, { ...NEW, entry, replay })
  }

  /**
   * The changes that say how far the keys that catch up have come. Those that have nothing left to
   * do are keys like any other again.
   */
  rejoined(next: (key: string) => StoredEvent | undefined): {
    readonly rows: readonly RowChange[]
    readonly replays: readonly KeyReplay[]
  } {
    const rows: RowChange[] = []
    const replays: KeyReplay[] = []
    for (const [key, { state, entry, replay }] of this.#keys) {
      if (state === 'parked' || entry === undefined) continue
      const event = next(key)
      if (event === undefined) {
        rows.push(...removeParkedKey(this.#checkpoint, key, entry.id))
        this.#keys.delete(key)
        if (replay !== undefined) replays.push(replay)
      } else rows.push(this.parkedRow(entry, event.position))
    }
    return { rows, replays }
  }

  /** The change that parks the key of a letter; its events are read again from a position. */
  parkedRow(entry: DeadLetterEntry, from: number): RowChange {
    return parkedKeyRow({ ...entry, component: this.#checkpoint }, from)
  }

  /** Nobody will be told any more. */
  close(error: unknown): void {
    for (const { replay } of this.#keys.values()) replay?.reject(error)
  }
}
