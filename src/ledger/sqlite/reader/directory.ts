/** What the integers in the tables stand for, as the reading side knows them. */
import { bytesOfRoot, rootOfBytes } from '../../../identity.ts'
import { limits } from '../../../limits.ts'
import type { StreamKey } from '../../ledger.ts'
import { type Connection, query, type Statement } from '../connection.ts'
import { GenerationMap } from '../generation-map.ts'
import { corruptError } from '../sqlite-error.ts'
import { textOfKey } from '../stream-text.ts'

/** Resolves integers to names and streams, and back. Interned rows never change, so both ways cache. */
export class Directory {
  readonly #path: string
  readonly #selectStreamId: Statement<[number]>
  readonly #selectKey: Statement<[domain: string, edition: string, root: Uint8Array]>
  readonly #selectName: Statement<[string]>
  readonly #selectNameId: Statement<[number]>
  readonly #ids = new GenerationMap<string, number>(limits.streamsCachedMax)
  readonly #keys = new GenerationMap<number, StreamKey>(limits.streamsCachedMax)
  readonly #names = new GenerationMap<number, string>(limits.namesCachedMax)
  readonly #nameIds = new GenerationMap<string, number>(limits.namesCachedMax)

  constructor(connection: Connection, path: string) {
    this.#path = path
    this.#selectStreamId = query(
      connection,
      `SELECT streams.id FROM timelines JOIN streams ON streams.timeline = timelines.id
       WHERE domain = ? AND edition = ? AND root = ?`,
    )
    this.#selectKey = query(
      connection,
      `SELECT domain, edition, root FROM streams JOIN timelines ON streams.timeline = timelines.id
       WHERE streams.id = ?`,
    )
    this.#selectName = query(connection, 'SELECT name FROM names WHERE id = ?')
    this.#selectNameId = query(connection, 'SELECT id FROM names WHERE name = ?')
  }

  /** The number of a stream; `undefined` for one never seen. */
  streamId(key: StreamKey): number | undefined {
    const text = textOfKey(key)
    const cached = this.#ids.get(text)
    if (cached !== undefined) return cached
    const id = this.#selectStreamId.get(key.domain, key.edition, bytesOfRoot(key.root))?.[0]
    if (id !== undefined) this.#ids.set(text, id)
    return id
  }

  /** The stream of a number. */
  key(id: number): StreamKey {
    const cached = this.#keys.get(id)
    if (cached !== undefined) return cached
    const row = this.#selectKey.get(id)
    if (row === undefined) throw corruptError(this.#path, `there is no stream ${id}`)
    const [domain, edition, root] = row
    const key = Object.freeze({ domain, edition, root: rootOfBytes(root) })
    this.#keys.set(id, key)
    return key
  }

  /** The name of a number. */
  name(id: number): string {
    const cached = this.#names.get(id)
    if (cached !== undefined) return cached
    const name = this.#selectName.get(id)?.[0]
    if (name === undefined) throw corruptError(this.#path, `there is no name ${id}`)
    this.#names.set(id, name)
    return name
  }

  /** The number of a name; `undefined` for one never seen. */
  nameId(name: string): number | undefined {
    const cached = this.#nameIds.get(name)
    if (cached !== undefined) return cached
    const id = this.#selectNameId.get(name)?.[0]
    if (id !== undefined) this.#nameIds.set(name, id)
    return id
  }
}
