/** A thread that copies the write-ahead log on request. It starts when it is first needed. */
import type { Worker } from 'node:worker_threads'
import type { WriterSettings } from './writer-channel.ts'
import type { CheckpointHelper } from './writer/checkpointer.ts'

/** What the thread is asked; it answers `copied` with anything. */
export type CheckpointRequest = 'copy' | 'close'

/** Makes a helper for a writer. */
export function checkpointThread(settings: WriterSettings): CheckpointHelper {
  let worker: Worker | undefined
  let waiting: (() => void) | undefined
  let isLost = false
  const answer = (): void => {
    const done = waiting
    waiting = undefined
    done?.()
  }
  const lose = (): void => {
    isLost = true
    answer()
  }
  const open = (): Worker => {
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    const started = new Worker(WORKER_URL, { workerData: settings, execArgv: [] })
    started.unref()
    started.on('message', answer)
    started.on('error', lose)
    started.on('exit', lose)
    return started
  }
  return {
    start: (done) => {
      if (isLost) return false
      waiting = done
      worker ??= open()
      worker.postMessage('copy' satisfies CheckpointRequest)
      return true
    },
    close: async () => {
      waiting = undefined
      if (worker === undefined || isLost) return
      const { promise, resolve } = Promise.withResolvers<void>()
      worker.once('exit', () => resolve())
      worker.ref()
      worker.postMessage('close' satisfies CheckpointRequest)
      await promise
    },
  }
}

/** Beside this file, whether it runs compiled or as it is. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? './checkpoint-worker.ts' : './checkpoint-worker.js',
  import.meta.url,
)
