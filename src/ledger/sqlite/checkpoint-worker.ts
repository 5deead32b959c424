/** The thread that copies the write-ahead log back into the file while commits go on. */
import { parentPort, workerData } from 'node:worker_threads'
import { invariant } from '../../invariant.ts'
import type { CheckpointRequest } from './checkpoint-thread.ts'
import { openDatabase, query } from './connection.ts'
import type { WriterSettings } from './writer-channel.ts'
import { CHECKPOINT_PRAGMAS } from './writer/checkpointer.ts'

invariant(parentPort !== null, 'this file is run as a thread')
const port = parentPort
// The writer passes its settings and nothing else.
const { path, busyMs } = workerData as WriterSettings
const connection = openDatabase(path, { busyMs, pragmas: CHECKPOINT_PRAGMAS })
const copy = query(connection, 'PRAGMA wal_checkpoint(PASSIVE)')

port.on('message', (request: CheckpointRequest) => {
  switch (request) {
    case 'copy':
      copyLog()
      port.postMessage('copied')
      return
    case 'close':
      connection.close()
      port.close()
      return
    default:
      request satisfies never
  }
})

function copyLog(): void {
  try {
    copy.get()
  } catch {
    // The log has everything; the writer looks again.
  }
}
