/**
 * The rows of a projection while a run of events is folded into them: changes are kept in memory,
 * event by event, until they are committed together with the checkpoint (P9).
 */
import type { DescMessage } from '@bufbuild/protobuf'
import { type ProjectionRows, typedRows } from '../component/projection-store.ts'
import type { ProjectedRows } from './projector-endpoint.ts'
import type { WrittenRow } from './watched-projections.ts'
import type { Ledger, RowChange, Space } from '../ledger/ledger.ts'

/** See the top of this file. */
export class ProjectionRowsBuffer implements ProjectedRows {
  readonly #ledger: Ledger
  readonly #space: Space
  /** Changes of the events folded so far; `undefined` removes a row. */
  #kept = new Map<string, Uint8Array | undefined>()
  /** Changes of the event being folded. */
  #pending = new Map<string, Uint8Array | undefined>()
  /** The first row of a known type that the event being folded has written. */
  #written: WrittenRow | undefined

  constructor(ledger: Ledger, space: Space) {
    this.#ledger = ledger
    this.#space = space
  }

  /** Rows for an event that is folded while others are: what it keeps, this buffer commits. */
  beside(): ProjectionRowsBuffer {
    const one = new ProjectionRowsBuffer(this.#ledger, this.#space)
    one.#kept = this.#kept
    return one
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    if (this.#pending.has(key)) return this.#pending.get(key)
    if (this.#kept.has(key)) return this.#kept.get(key)
    return (await this.#ledger.row(this.#space, key))?.value
  }

  put(key: string, value: Uint8Array): void {
    this.#pending.set(key, value)
  }

  delete(key: string): void {
    this.#pending.set(key, undefined)
  }

  putTyped(key: string, { typeName, value }: Omit<WrittenRow, 'key'>): void {
    this.#written ??= { key, typeName, value }
    this.put(key, value)
  }

  rows<S extends DescMessage>(schema: S): ProjectionRows<S> {
    const { typeName } = schema
    const put = (key: string, value: Uint8Array): void => this.putTyped(key, { typeName, value })
    return typedRows(
      { get: (key) => this.get(key), put, delete: (key) => this.delete(key) },
      schema,
    )
  }

  /** The event is folded: its changes stay. Answers the first row of a known type it has written. */
  keep(): WrittenRow | undefined {
    for (const [key, value] of this.#pending) this.#kept.set(key, value)
    return this.#begin()
  }

  /** The event failed: its changes are forgotten. */
  drop(): void {
    this.#begin()
  }

  #begin(): WrittenRow | undefined {
    const written = this.#written
    this.#pending = new Map()
    this.#written = undefined
    return written
  }

  /** What to commit. */
  changes(): readonly RowChange[] {
    return [...this.#kept].map(([key, value]) =>
      value === undefined
        ? { kind: 'remove', space: this.#space, key, expected: 'any' }
        : { kind: 'put', space: this.#space, key, value, expected: 'any' },
    )
  }
}
