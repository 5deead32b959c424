/** The connection that reads in the calling thread, with everything that reads on it. */
import { type Connection, openDatabase } from './connection.ts'
import { CommitReader } from './reader/commit-reader.ts'
import { Directory } from './reader/directory.ts'
import { EventReader } from './reader/event-reader.ts'
import { RowReader } from './reader/row-reader.ts'
import { StreamReader } from './reader/stream-reader.ts'

/** The readers of one connection. */
export type ReadSide = {
  readonly directory: Directory
  readonly commits: CommitReader
  readonly events: EventReader
  readonly streams: StreamReader
  readonly rows: RowReader
  close(): void
}

/** Opens the reading side of a file. */
export function openReadSide(path: string, busyMs: number): ReadSide {
  const connection: Connection = openDatabase(path, { busyMs, pragmas: READ_PRAGMAS })
  const directory = new Directory(connection, path)
  return {
    directory,
    commits: new CommitReader(connection, directory),
    events: new EventReader(connection, directory, path),
    streams: new StreamReader(connection, directory),
    rows: new RowReader(connection, directory),
    close: () => connection.close(),
  }
}

const READ_PRAGMAS = `
  PRAGMA query_only = ON;
  PRAGMA cache_size = -32768;
  PRAGMA temp_store = MEMORY`
