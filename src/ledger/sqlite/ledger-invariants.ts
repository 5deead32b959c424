/** What always holds in a ledger, each as a query for the places where it does not. */

/** A rule and the query that finds where it is broken. */
export type LedgerInvariant = { readonly rule: string; readonly sql: string }

/** The rules over whole tables. Those over records are in check-records.ts. */
export const INVARIANTS: readonly LedgerInvariant[] = [
  {
    rule: 'the sequences of a stream have no gap',
    sql: `SELECT 'stream ' || stream FROM events GROUP BY stream
      HAVING max(sequence) - min(sequence) + 1 <> count(*)`,
  },
  {
    rule: 'a stream begins at 0, or where it stood when it was deleted',
    sql: `SELECT 'stream ' || streams.id FROM streams
      JOIN (SELECT stream, min(sequence) AS first FROM events GROUP BY stream) AS begin
        ON begin.stream = streams.id
      WHERE begin.first <> streams.base`,
  },
  {
    rule: 'an event belongs to a stream that is known',
    sql: `SELECT 'position ' || position FROM events
      WHERE stream NOT IN (SELECT id FROM streams)`,
  },
  {
    rule: 'a stream belongs to a timeline that is known, and its root is a UUID',
    sql: `SELECT 'stream ' || id FROM streams
      WHERE timeline NOT IN (SELECT id FROM timelines) OR length(root) <> 16`,
  },
  {
    rule: 'commits are numbered without a gap',
    sql: `SELECT 'commits ' || min(number) || ' to ' || max(number) FROM commits
      HAVING max(number) - min(number) + 1 <> count(*) OR min(number) <> 1`,
  },
  {
    rule: 'a commit begins where the one before it ended, and not earlier',
    sql: `SELECT 'commit ' || later.number FROM commits AS later
      JOIN commits AS earlier ON earlier.number = later.number - 1
      WHERE later.first <> earlier.last + 1 OR later.recorded < earlier.recorded
        OR later.last < later.first - 1`,
  },
  {
    rule: 'the last position given is remembered',
    sql: `SELECT 'position ' || last FROM (SELECT max(last) AS last FROM commits)
      WHERE last <> coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)`,
  },
  {
    rule: 'a claim was made by a commit that is known, in a stream that is known',
    sql: `SELECT 'claim ' || key FROM claims WHERE number NOT IN (SELECT number FROM commits)
      OR stream NOT IN (SELECT id FROM streams)`,
  },
  {
    rule: 'a row was put by a commit that is known, in a space that is known',
    sql: `SELECT 'row ' || key FROM rows WHERE version NOT IN (SELECT number FROM commits)
      OR space NOT IN (SELECT id FROM names)`,
  },
  {
    rule: 'a snapshot lies within its stream',
    sql: `SELECT 'stream ' || stream || ' at ' || sequence FROM snapshots
      WHERE stream NOT IN (SELECT id FROM streams) OR sequence >= (
        SELECT max(base, coalesce((SELECT max(sequence) + 1 FROM events
          WHERE stream = streams.id), 0)) FROM streams WHERE id = snapshots.stream)`,
  },
  {
    rule: 'only the newest snapshot of a stream is one that does not persist',
    sql: `SELECT 'stream ' || stream || ' at ' || sequence FROM snapshots AS older
      WHERE retention <> 1
        AND EXISTS (SELECT 1 FROM snapshots WHERE stream = older.stream
          AND sequence > older.sequence)`,
  },
  {
    rule: 'a deletion was done by a commit that is known',
    sql: `SELECT 'tombstone ' || id FROM tombstones
      WHERE number NOT IN (SELECT number FROM commits)`,
  },
  {
    rule: 'a correlation id points at an event',
    sql: `SELECT 'position ' || position FROM correlations
      WHERE position NOT IN (SELECT position FROM events)
        OR position > (SELECT position FROM progress WHERE name = 'correlations')`,
  },
]
