/** The program of `waiting-sagas.bench.ts`: `<ledger> start|move <sagas>`. */
import { statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { NANOSECONDS_PER_MS, systemClock } from '../src/clock.ts'
import { openSagaManager } from '../src/saga/manager/open-saga-manager.ts'
import { Saga } from '../src/saga/dsl/saga.ts'

const [ledger = '', mode = '', count = '0'] = process.argv.slice(2)
const sagas = Number(count)

/** A step, and a wait of an hour behind it. */
const waiting = new Saga<{ n: number }>('waiting')
  .localStep(({ n }) => ({ n: n + 1 }), { name: 'before' })
  .waitFor('never', undefined, { timeoutMs: 3_600_000 })
  .commit()

const opened = performance.now()
// When the process starts again, the time that all have waited for has come.
const system = systemClock()
const laterNs = mode === 'move' ? 7_200_000n * NANOSECONDS_PER_MS : 0n
const clock = { ...system, wall: () => system.wall() + laterNs }
const manager = await openSagaManager({ ledger, definitions: [waiting], clock })

if (mode === 'start') await start()
else await move()
// Killed by the bench.
setInterval(() => undefined, 1_000)

async function start(): Promise<void> {
  for (let n = 0; n < 1_000; n++) await manager.start(waiting, { n }, { id: `warm-${n}` })
  globalThis.gc?.()
  const before = held()
  const started = performance.now()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < sagas) {
      const n = next++
      await manager.start(waiting, { n }, { id: `w-${String(n).padStart(7, '0')}` })
    }
  }
  await Promise.all(Array.from({ length: 256 }, lane))
  while (manager.status().inMemory > 0) await pause(1)
  const seconds = (performance.now() - started) / 1_000
  globalThis.gc?.()
  const grownBytes = held() - before
  const rssBytes = process.memoryUsage().rss
  console.log(JSON.stringify({ seconds, grownBytes, rssBytes, diskBytes: statSync(ledger).size }))
}

/** Bytes that objects of this process hold. Pages that the allocator keeps for later do not count. */
function held(): number {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

async function move(): Promise<void> {
  while ((await manager.list({ state: 'waiting', limit: 1 })).executions.length > 0) await pause(5)
  console.log(JSON.stringify({ seconds: (performance.now() - opened) / 1_000 }))
}
