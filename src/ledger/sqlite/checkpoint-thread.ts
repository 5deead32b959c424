/** A thread that copies the write-ahead log on request. It starts when it is first needed. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { WriterSettings } from './writer-channel.ts'
import type { CheckpointHelper } from './writer/checkpointer.ts'

/** What the thread is asked; it answers `copied` with anything. */
export type CheckpointRequest = 'copy' | 'close'

/** Makes a helper for a writer. */
export function checkpointThread(settings: WriterSettings): CheckpointHelper {
  let worker: Worker | undefined
  let waiting: (() => void) | undefined
  const open = (): Worker => {
    const started = new Worker(WORKER_URL, { workerData: settings, execArgv: [] })
    started.unref()
    started.on('message', () => {
      const done = waiting
      waiting = undefined
      done?.()
    })
    // Without the thread the log grows until the writer copies it itself.
    started.on('error', () => undefined)
    return started
  }
  return {
    start: (done) => {
      waiting = done
      worker ??= open()
      worker.postMessage('copy' satisfies CheckpointRequest)
    },
    close: async () => {
      if (worker === undefined || worker.threadId === -1) return
      waiting = undefined
      const exited = once(worker, 'exit')
      worker.ref()
      worker.postMessage('close' satisfies CheckpointRequest)
      await exited
    },
  }
}

/** Beside this file, whether it runs compiled or as it is. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? './checkpoint-worker.ts' : './checkpoint-worker.js',
  import.meta.url,
)
