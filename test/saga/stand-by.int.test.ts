/** Sagas started by one process and run by another, which is killed again and again. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import { until } from '../coordinator/until.ts'
import { ordering } from './stand-by-saga.ts'

const PROGRAM = fileURLToPath(new URL('./stand-by-program.js', import.meta.url))
const SAGAS = 60
const KILLS = 3

test('whoever of two processes is killed while it runs them, every saga that was started ends, each effect once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'amends-stand-by-'))
  const [ledger, world] = [join(folder, 'sagas.db'), join(folder, 'world.txt')]
  const children: ChildProcess[] = []
  try {
    children.push(await another(ledger, world))
    const { saga, participants } = ordering(world)
    const limits = { leaseRenewalMs: 50, operatorPollMs: 5 }
    const log = (): void => undefined
    const parts = { ledger, definitions: [saga], participants, limits, log }
    const states = new Set<string>()
    let sagas = await openSagaManager(parts)
    assert.equal(sagas.status().state, 'standing-by')
    for (let kill = 0; kill < KILLS; kill++) {
      const ids = Array.from({ length: SAGAS / KILLS }, (_, index) => kill * 100 + index)
      const running = ids.map((n) => sagas.run(saga, { n }, { id: `order-${n}` }))
      const ended = Promise.all(running)
      await until(() => linesOf(world).length > kill * 20)
      children.at(-1)?.kill('SIGKILL')
      const outcomes = await ended
      states.add(sagas.status().state)
      for (const [index, { forward, backward }] of outcomes.entries()) {
        const isRefused = (ids[index] ?? 0) % 3 === 0
        const wanted = isRefused ? 'failed/done' : 'completed/not-needed'
        assert.equal(`${forward}/${backward}`, wanted)
      }
      // This one ran them in the end; the next one does it first again.
      await sagas[Symbol.asyncDispose]()
      children.push(await another(ledger, world))
      sagas = await openSagaManager(parts)
    }
    await sagas[Symbol.asyncDispose]()
    assert.deepEqual([...states], ['running'])
    const lines = linesOf(world)
    // An effect that was done and not answered is done again under the same key: it counts once.
    const effects = new Set(lines)
    const count = (what: string): number =>
      [...effects].filter((one) => one.startsWith(what)).length
    const refused = Array.from({ length: KILLS }, (_, kill) =>
      Array.from({ length: SAGAS / KILLS }, (_, index) => kill * 100 + index),
    )
      .flat()
      .filter((n) => n % 3 === 0).length
    assert.deepEqual(
      [count('ship '), count('recall '), count('charge ')],
      [SAGAS, refused, SAGAS - refused],
    )
  } finally {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Starts another process, and waits until it has opened the ledger. */
async function another(ledger: string, world: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, ledger, world], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

function linesOf(world: string): readonly string[] {
  try {
    return readFileSync(world, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}
