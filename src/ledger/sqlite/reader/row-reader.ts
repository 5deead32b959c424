/** Reads versioned rows: one, those of a group in key order, or those that are due. */
import { codedError } from '../../../errors.ts'
import type { Row, RowQuery, Space } from '../../ledger.ts'
import { type Connection, query, type Statement } from '../connection.ts'
import type { Directory } from './directory.ts'

type RowTuple = readonly [
  key: string,
  version: bigint,
  value: Uint8Array,
  group: string | null,
  due: bigint | null,
]

/** Reads rows of spaces. */
export class RowReader {
  readonly #directory: Directory
  readonly #selectRow: Statement<RowTuple>
  readonly #selectSpace: Statement<RowTuple>
  readonly #selectGroup: Statement<RowTuple>
  readonly #selectDue: Statement<RowTuple>

  constructor(connection: Connection, directory: Directory) {
    const prepare = (tail: string): Statement<RowTuple> =>
      query(connection, `SELECT key, version, value, "group", due FROM rows WHERE ${tail}`, {
        wide: true,
      })
    this.#directory = directory
    this.#selectRow = prepare('space = ? AND key = ?')
    this.#selectSpace = prepare('space = ? AND key > ? ORDER BY key LIMIT ?')
    this.#selectGroup = prepare('space = ? AND "group" = ? AND key > ? ORDER BY key LIMIT ?')
    this.#selectDue = prepare('space = ? AND due <= ? ORDER BY due, key LIMIT ?')
  }

  /** One row. */
  row(space: Space, key: string): Row | undefined {
    const id = this.#directory.nameId(space)
    const tuple = id === undefined ? undefined : this.#selectRow.get(id, key)
    return tuple === undefined ? undefined : rowOf(space, tuple)
  }

  /** @throws CodedError `QUERY_INVALID` for `dueBy` together with `group` or `after` */
  rows(space: Space, wanted: RowQuery): readonly Row[] {
    const { group, dueBy, limit } = wanted
    const after = wanted.after ?? ''
    if (dueBy !== undefined && (group !== undefined || wanted.after !== undefined)) {
      throw codedError('QUERY_INVALID', {
        details: { rule: 'due rows are read without group and after' },
      })
    }
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw codedError('QUERY_INVALID', { details: { rule: 'limit is 1 or more', limit } })
    }
    const id = this.#directory.nameId(space)
    if (id === undefined) return []
    const tuples =
      dueBy !== undefined
        ? this.#selectDue.all(id, dueBy, limit)
        : group !== undefined
          ? this.#selectGroup.all(id, group, after, limit)
          : this.#selectSpace.all(id, after, limit)
    return tuples.map((tuple) => rowOf(space, tuple))
  }
}

function rowOf(space: Space, [key, version, value, group, due]: RowTuple): Row {
  return {
    space,
    key,
    version: Number(version),
    value,
    group: group ?? undefined,
    dueAt: due ?? undefined,
  }
}
