/** Reads every event's record and compares it with the tables around it. */
import { type Connection, query, type Statement } from './connection.ts'
import { readRecord, type ReadRecord, recordChunk } from './event-record.ts'

/** Broken rules with the places where they are broken, one more than asked for at most. */
export function checkRecords(
  connection: Connection,
  placesMax: number,
): ReadonlyMap<string, readonly string[]> {
  const broken = new Map<string, string[]>()
  const find = (rule: string, position: number): void => {
    const places = broken.get(rule) ?? []
    if (places.length <= placesMax) places.push(`position ${position}`)
    broken.set(rule, places)
  }
  const selectEvents = query<EventRow>(connection, SELECT_EVENTS)
  const check = recordChecks(connection)
  for (let after = 0; ;) {
    const rows = selectEvents.all(after)
    for (const row of rows) {
      const [position, , , blob] = row
      after = position
      const record = readRecord(recordChunk(blob), 0)
      if (record === undefined || record.length !== blob.length) {
        find('the record of an event can be read', position)
      } else {
        if (!isOfRow(record, row)) find('the record of an event agrees with its row', position)
        for (const rule of check(record, position)) find(rule, position)
      }
    }
    if (rows.length === 0) return broken
  }
}

type EventRow = readonly [position: number, stream: number, sequence: number, record: Uint8Array]

function isOfRow(record: ReadRecord, [position, stream, sequence]: EventRow): boolean {
  return record.position === position && record.stream === stream && record.sequence === sequence
}

/** Makes a function that names the rules a record breaks. */
function recordChecks(connection: Connection): (record: ReadRecord, position: number) => string[] {
  const all = query<[number]>(connection, 'SELECT id FROM names').all()
  const names = new Set(all.map(([id]) => id))
  const selectCommit: Statement<[recorded: bigint, first: bigint, last: bigint]> = query(
    connection,
    'SELECT recorded, first, last FROM commits WHERE number = ?',
    { wide: true },
  )
  const selectIndexed = query(
    connection,
    'SELECT 1 FROM correlations WHERE id = ? AND position = ?',
  )
  const [indexedTo] = query<[number]>(
    connection,
    "SELECT position FROM progress WHERE name = 'correlations'",
  ).get() ?? [0]
  return ({ type, commit, recordedAt, correlationId }, position) => {
    const rules: string[] = []
    if (!names.has(type)) rules.push('the type of an event is known')
    const [recorded, first, last] = selectCommit.get(commit) ?? [0n, 1n, 0n]
    const isWithin = first <= position && position <= last
    if (!isWithin || recorded !== recordedAt) rules.push('an event agrees with its commit')
    const mustBeIndexed = correlationId !== '' && position <= indexedTo
    if (mustBeIndexed && selectIndexed.get(correlationId, position) === undefined) {
      rules.push('an event is found by its correlation id')
    }
    return rules
  }
}

const SELECT_EVENTS = `
  SELECT position, stream, sequence, record FROM events WHERE position > ? ORDER BY position LIMIT 1000`
