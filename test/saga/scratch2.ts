import { openLedger } from '../../src/ledger/open-ledger.ts'
import { systemClock } from '../../src/clock.ts'
import { systemRandom, writeIds, randomRoot } from '../../src/identity.ts'
import { rmSync } from 'node:fs'
for (const s of ['', '-wal', '-shm']) rmSync('/tmp/runner/c.db' + s, { force: true })
const ledger = await openLedger('/tmp/runner/c.db')
const random = systemRandom(); const newId = writeIds(systemClock(), random)
let counter = 0
const v7 = () => { const t = BigInt(Date.now()).toString(16).padStart(12, '0'); const c = (counter++ & 0xfff).toString(16).padStart(3, '0'); const r = Buffer.from(random.bytes(8)).toString('hex'); return `${t.slice(0, 8)}-${t.slice(8)}-7${c}-8${r.slice(1, 4)}-${r.slice(4)}` as ReturnType<typeof randomRoot> }
const page = new Uint8Array(180)
for (const [size, parallel, rows, id, due] of [[64, 1, false, 'v4', true],[64, 1, true, 'v4', true],[64, 1, true, 'v7', true],[64, 1, true, 'v7', false],[64, 1, false, 'v7', false],[32,2,true,'v7',true],[32,2,false,'v7',true],[64,4,true,'v7',true]] as const) {
  let n = 0; const until = performance.now() + 1500; const t0 = performance.now()
  const cpu = process.cpuUsage()
  await Promise.all(Array.from({ length: parallel }, async () => {
    while (performance.now() < until) {
      const keys = Array.from({ length: size }, () => ({ domain: '_saga', edition: '', root: id === 'v7' ? v7() : randomRoot(random) }))
      for (let at = 0; at < 4; at++) {
        const outcome = await ledger.commit({ id: newId(), appends: keys.map((key) => ({ key, at, events: [{ type: 'amends.saga.v1.StepSucceeded', page }], correlationId: '' })), rows: rows && (at === 0 || at === 3) ? keys.map(({ root }) => ({ kind: 'put', space: 'saga-execution', key: root, value: new Uint8Array(120), expected: at === 0 ? 'absent' : 'any', group: at === 0 ? 'running' : 'completed', dueAt: at === 3 && due ? BigInt(Date.now()) * 1000000n : undefined })) : [] })
        if (outcome.kind !== 'committed') throw new Error(outcome.kind)
      }
      n += size
    }
  }))
  const ms = performance.now() - t0; const u = process.cpuUsage(cpu)
  console.log({ size, parallel, rows, id, due, sagasPerS: Math.round(n / ms * 1000), msPerCommit: (ms * parallel / (n / size * 4)).toFixed(2), cpuPerSaga: Math.round((u.user + u.system) / n) })
}
await ledger[Symbol.asyncDispose]()
