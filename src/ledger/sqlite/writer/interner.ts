/**
 * Texts and streams by their integers, and where each stream stands, as the writer knows them. The
 * caches hold what this transaction has done too, so they are cleared whenever any of it is undone.
 */
import { limits } from '../../../limits.ts'
import { bytesOfRoot } from '../../../identity.ts'
import { type Change, change, type Connection, query, type Statement } from '../connection.ts'
import { GenerationMap } from '../generation-map.ts'
import { keyOfText } from '../stream-text.ts'

/** A stream that has a number; `next` is its next sequence, `empty` that it has no events now. */
export type StreamEntry = { readonly id: number; next: number; empty: boolean }

/** Looks up, and makes up, the integers of names, timelines and streams. */
export class Interner {
  readonly #selectName: Statement<[number]>
  readonly #insertName: Change
  readonly #selectTimeline: Statement<[number]>
  readonly #insertTimeline: Change
  readonly #selectStream: Statement<[number, number, number | null]>
  readonly #insertStream: Change
  readonly #setBase: Change
  readonly #names = new GenerationMap<string, number>(limits.namesCachedMax)
  readonly #timelines = new GenerationMap<string, number>(limits.namesCachedMax)
  readonly #streams = new GenerationMap<string, StreamEntry>(limits.streamsCachedMax)

  constructor(connection: Connection) {
    this.#selectName = query(connection, 'SELECT id FROM names WHERE name = ?')
    this.#insertName = change(connection, 'INSERT INTO names (name) VALUES (?)')
    this.#selectTimeline = query(
      connection,
      'SELECT id FROM timelines WHERE domain = ? AND edition = ?',
    )
    this.#insertTimeline = change(
      connection,
      'INSERT INTO timelines (domain, edition) VALUES (?, ?)',
    )
    this.#selectStream = query(
      connection,
      `SELECT id, base, (SELECT max(sequence) FROM events WHERE stream = streams.id)
       FROM streams WHERE timeline = ? AND root = ?`,
    )
    this.#setBase = change(connection, 'UPDATE streams SET base = ? WHERE id = ?')
    this.#insertStream = change(connection, 'INSERT INTO streams (timeline, root) VALUES (?, ?)')
  }

  /** Forgets everything: another process wrote, or something was rolled back. */
  clear(): void {
    this.#names.clear()
    this.#timelines.clear()
    this.#streams.clear()
  }

  /** The number of a name, made up when it is new. */
  name(name: string): number {
    const known = this.knownName(name)
    if (known !== undefined) return known
    const id = Number(this.#insertName.run(name).lastInsertRowid)
    this.#names.set(name, id)
    return id
  }

  /** The number of a name that was seen before. */
  knownName(name: string): number | undefined {
    const cached = this.#names.get(name)
    if (cached !== undefined) return cached
    const id = this.#selectName.get(name)?.[0]
    if (id !== undefined) this.#names.set(name, id)
    return id
  }

  /** The number of a timeline that was seen before. */
  knownTimeline(domain: string, edition: string): number | undefined {
    const text = `${domain}\n${edition}`
    const cached = this.#timelines.get(text)
    if (cached !== undefined) return cached
    const id = this.#selectTimeline.get(domain, edition)?.[0]
    if (id !== undefined) this.#timelines.set(text, id)
    return id
  }

  /** A stream, made up when it is new. */
  stream(text: string): StreamEntry {
    const known = this.knownStream(text)
    if (known !== undefined) return known
    const { domain, edition, root } = keyOfText(text)
    const timeline = this.knownTimeline(domain, edition) ?? this.#newTimeline(domain, edition)
    const { lastInsertRowid } = this.#insertStream.run(timeline, bytesOfRoot(root))
    const entry = { id: Number(lastInsertRowid), next: 0, empty: true }
    this.#streams.set(text, entry)
    return entry
  }

  /** A stream that was seen before. */
  knownStream(text: string): StreamEntry | undefined {
    const cached = this.#streams.get(text)
    if (cached !== undefined) return cached
    const { domain, edition, root } = keyOfText(text)
    const timeline = this.knownTimeline(domain, edition)
    if (timeline === undefined) return undefined
    const row = this.#selectStream.get(timeline, bytesOfRoot(root))
    if (row === undefined) return undefined
    const [id, base, last] = row
    const entry = { id, next: Math.max(base, (last ?? -1) + 1), empty: last === null }
    this.#streams.set(text, entry)
    return entry
  }

  /** A stream begins behind its next sequence. */
  beginAt(stream: StreamEntry, sequence: number): void {
    this.#setBase.run(sequence, stream.id)
    stream.next = sequence
  }

  #newTimeline(domain: string, edition: string): number {
    const id = Number(this.#insertTimeline.run(domain, edition).lastInsertRowid)
    this.#timelines.set(`${domain}\n${edition}`, id)
    return id
  }
}
