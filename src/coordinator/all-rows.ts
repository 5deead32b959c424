/** All rows of a space whose keys begin with a prefix, in the order of their keys. */
import type { Ledger, Row, Space } from '../ledger/ledger.ts'

const ROWS_PER_READ = 500

/** See the top of this file. Rows that come and go meanwhile may be seen or not. */
export async function* allRows(ledger: Ledger, space: Space, prefix = ''): AsyncGenerator<Row> {
  let after = prefix === '' ? undefined : prefix
  for (;;) {
    const rows = await ledger.rows(space, { after, limit: ROWS_PER_READ })
    for (const row of rows) {
      if (!row.key.startsWith(prefix)) return
      yield row
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < ROWS_PER_READ) return
    after = last.key
  }
}
