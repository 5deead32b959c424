/** Managers for tests: on a ledger of their own, quiet, and closed with the test. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogSink } from '../../src/coordinator/coordinator.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import type { SagaManager, SagaManagerOptions } from '../../src/saga/manager/saga-manager.ts'

/** A ledger in a folder of its own. */
export type SagaLedger = AsyncDisposable & { readonly path: string; readonly ledger: Ledger }

/** Opens one in the calling thread. */
export async function sagaLedger(): Promise<SagaLedger> {
  const folder = await mkdtemp(join(tmpdir(), 'amends-saga-'))
  const path = join(folder, 'sagas.db')
  const ledger = await openLedger(path, { thread: 'inline' })
  return {
    path,
    ledger,
    [Symbol.asyncDispose]: async () => {
      await ledger[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A manager that also closes its ledger, and its log. */
export type TestSagas = AsyncDisposable & {
  readonly sagas: SagaManager
  readonly ledger: Ledger
  /** What it has logged: the events. */
  readonly logged: readonly string[]
}

/** Opens a manager on a ledger of its own. */
export async function openSagas(options: Omit<SagaManagerOptions, 'ledger'>): Promise<TestSagas> {
  const home = await sagaLedger()
  const { log, logged } = listening()
  const sagas = await openSagaManager({ ledger: home.ledger, log, ...options })
  return {
    sagas,
    ledger: home.ledger,
    logged,
    [Symbol.asyncDispose]: async () => {
      await sagas[Symbol.asyncDispose]()
      await home[Symbol.asyncDispose]()
    },
  }
}

/** A log that remembers. */
export function listening(): { readonly log: LogSink; readonly logged: string[] } {
  const logged: string[] = []
  return { logged, log: (_, event) => void logged.push(event) }
}
