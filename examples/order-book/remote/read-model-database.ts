/**
 * Read models of projectors that run away from the ledger.
 *
 * 1. An event is taken in once, however often it comes: what it changes and its place in its stream
 *    are one transaction.
 * 2. Events are taken in one after the other; those that come within a moment share a transaction,
 *    because each one waits for the disk.
 * 3. An event whose handler fails changes nothing.
 */
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import type { ProjectionRows, ProjectionStore } from 'amends'

/** An event on its way into a read model. */
export type Arrival = {
  readonly projector: string
  readonly stream: string
  readonly sequence: number
  /** Changes the rows. */
  readonly take: (rows: ProjectionStore) => Promise<void>
}

const TOGETHER_MS = 20

type Waiting = PromiseWithResolvers<void> & { readonly arrival: Arrival }
type Rows = Map<string, Uint8Array | undefined>

const TABLES = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS rows (
    projector TEXT, key TEXT, value BLOB, PRIMARY KEY (projector, key)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS places (
    projector TEXT, stream TEXT, sequence INTEGER, events INTEGER, PRIMARY KEY (projector, stream)
  ) WITHOUT ROWID;`
const ROW = 'SELECT value FROM rows WHERE projector = ? AND key = ?'
const ALL_ROWS = 'SELECT value FROM rows WHERE projector = ? ORDER BY key'
const PUT = 'INSERT OR REPLACE INTO rows VALUES (?, ?, ?)'
const DELETE = 'DELETE FROM rows WHERE projector = ? AND key = ?'
const PLACE = 'SELECT sequence FROM places WHERE projector = ? AND stream = ?'
const MOVE = `INSERT INTO places VALUES (?, ?, ?, 1)
  ON CONFLICT DO UPDATE SET sequence = excluded.sequence, events = events + 1`
const EVENTS = 'SELECT coalesce(sum(events), 0) AS events FROM places WHERE projector = ?'

/** See the top of this file. */
export class ReadModelDatabase implements Disposable {
  readonly #database: DatabaseSync
  #waiting: Waiting[] = []
  #busy = false

  constructor(path: string) {
    this.#database = new DatabaseSync(path)
    this.#database.exec(TABLES)
  }

  /** Takes an event in; resolves when that is on disk. Rejects with what its handler throws. */
  async take(arrival: Arrival): Promise<void> {
    const waiting = { arrival, ...Promise.withResolvers<void>() }
    this.#waiting.push(waiting)
    if (!this.#busy) void this.#takeAll()
    await waiting.promise
  }

  /** The rows of a projector as they would be after an event; nothing stays. */
  async speculate(projector: string, take: Arrival['take']): Promise<void> {
    await take(this.#store(projector, new Map()))
  }

  /** All rows of a projector, in the order of their keys. */
  all<S extends DescMessage>(projector: string, schema: S): readonly MessageShape<S>[] {
    return this.#database
      .prepare(ALL_ROWS)
      .all(projector)
      .map(({ value }) => fromBinary(schema, bytesOf(value) ?? new Uint8Array(0)))
  }

  /** How many events a projector has taken in. */
  events(projector: string): number {
    return Number(this.#database.prepare(EVENTS).get(projector)?.['events'])
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  async #takeAll(): Promise<void> {
    this.#busy = true
    while (this.#waiting.length > 0) {
      await sleep(TOGETHER_MS)
      const batch = this.#waiting
      this.#waiting = []
      const taken: Waiting[] = []
      this.#database.exec('BEGIN IMMEDIATE')
      for (const waiting of batch) {
        try {
          await this.#takeOne(waiting.arrival)
          taken.push(waiting)
        } catch (error) {
          waiting.reject(error)
        }
      }
      this.#database.exec('COMMIT')
      for (const { resolve } of taken) resolve()
    }
    this.#busy = false
  }

  async #takeOne({ projector, stream, sequence, take }: Arrival): Promise<void> {
    const place = this.#database.prepare(PLACE).get(projector, stream)
    if (place !== undefined && Number(place['sequence']) >= sequence) return
    const changed: Rows = new Map()
    await take(this.#store(projector, changed))
    for (const [key, value] of changed) {
      if (value === undefined) this.#database.prepare(DELETE).run(projector, key)
      else this.#database.prepare(PUT).run(projector, key, value)
    }
    this.#database.prepare(MOVE).run(projector, stream, sequence)
  }

  #store(projector: string, changed: Rows): ProjectionStore {
    const store = {
      get: (key: string) => {
        const value = changed.has(key)
          ? changed.get(key)
          : bytesOf(this.#database.prepare(ROW).get(projector, key)?.['value'])
        return Promise.resolve(value)
      },
      put: (key: string, value: Uint8Array) => void changed.set(key, value),
      delete: (key: string) => void changed.set(key, undefined),
    }
    return { ...store, rows: (schema) => typedRows(store, schema) }
  }
}

function typedRows<S extends DescMessage>(
  store: Pick<ProjectionStore, 'get' | 'put' | 'delete'>,
  schema: S,
): ProjectionRows<S> {
  const get = async (key: string): Promise<MessageShape<S> | undefined> => {
    const bytes = await store.get(key)
    return bytes === undefined ? undefined : fromBinary(schema, bytes)
  }
  const put = (key: string, row: MessageShape<S>): void => store.put(key, toBinary(schema, row))
  return {
    get,
    put,
    delete: (key) => store.delete(key),
    update: async (key, change) => {
      const row = (await get(key)) ?? create(schema)
      put(key, change(row) ?? row)
    },
  }
}

function bytesOf(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined
}
