import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'
import {
  EXECUTABLE,
  type Executable,
  type OperationBinding,
  type Runnable,
} from '../../src/machine/bindings.ts'
import { NO_RETRY, PATIENT_RETRY, type StepNode } from '../../src/machine/definition.ts'
import { rmSync } from 'node:fs'

type Op = { name: string; run: OperationBinding['run']; undo?: OperationBinding['undo'] }
export function tiny(name: string, ops: Op[]): Runnable<unknown, unknown> {
  const nodes: StepNode[] = ops.map(({ name, undo }) => ({
    kind: 'step',
    path: name,
    name,
    does: 'operation',
    mode: 'compensatable',
    undo: undo ? 'declared' : 'none',
    undoesUnknown: false,
    probes: false,
    atMostOnce: false,
    undoesOwnFailure: false,
    retry: NO_RETRY,
    undoRetry: PATIENT_RETRY,
  }))
  const executable: Executable = {
    definition: {
      name,
      version: '',
      values: 'output',
      root: { kind: 'sequence', path: '', nodes, continueOnUndoFailure: true },
    },
    bindings: new Map(ops.map(({ name, run, undo }) => [name, { kind: 'operation', run, undo }])),
    undos: new Map(),
  }
  return { name, [EXECUTABLE]: () => executable }
}
if (process.argv[2] === 'run') {
  rmSync('/tmp/runner/a.db', { force: true })
  rmSync('/tmp/runner/a.db-wal', { force: true })
  rmSync('/tmp/runner/a.db-shm', { force: true })
  const good = tiny(
    'good',
    ['a', 'b', 'c'].map((name) => ({
      name,
      run: (v) => `${v}${name}`,
      undo: () => console.log('undo', name),
    })),
  )
  const bad = tiny('bad', [
    { name: 'a', run: () => 1, undo: () => console.log('undo a') },
    { name: 'b', run: () => 2, undo: () => console.log('undo b') },
    {
      name: 'c',
      run: () => {
        throw new Error('no')
      },
    },
  ])
  await using sagas = await openSagaManager({
    ledger: '/tmp/runner/a.db',
    definitions: [good, bad],
  })
  console.log(sagas.status())
  console.log(await sagas.run(good, 'x', { id: 'one' }))
  console.log(await sagas.run(good, 'x', { id: 'one' }))
  console.log(await sagas.run(bad, 'x', { id: 'two' }))
  console.log(await sagas.list())
  console.log(sagas.status())
}
if (process.argv[2] === 'bench') {
  rmSync('/tmp/runner/b.db', { force: true })
  rmSync('/tmp/runner/b.db-wal', { force: true })
  rmSync('/tmp/runner/b.db-shm', { force: true })
  const payload = 'x'.repeat(110)
  const good = tiny(
    'good',
    ['a', 'b', 'c'].map((name) => ({
      name,
      run: () => ({ payload: payload + name }),
      undo: () => undefined,
    })),
  )
  const bad = tiny(
    'bad',
    ['a', 'b', 'c'].map((name) => ({
      name,
      run: () => {
        if (name === 'c') throw new Error('no')
        return { payload: payload + name }
      },
      undo: () => undefined,
    })),
  )
  await using sagas = await openSagaManager({
    ledger: '/tmp/runner/b.db',
    definitions: [good, bad],
  })
  for (const [which, definition] of (
    [
      ['good', good],
      ['bad', bad],
    ] as const
  ).slice(0, Number(process.argv[5] ?? 2)))
    for (const c of (process.argv[3] ?? '1,16,64,256').split(',').map(Number)) {
      for (const seconds of [0.5, Number(process.argv[4] ?? 2)]) {
        const cpu = process.cpuUsage()
        const began = performance.now()
        const until = began + seconds * 1000
        let n = 0
        const times: number[] = []
        await Promise.all(
          Array.from({ length: c }, async () => {
            while (performance.now() < until) {
              const t = performance.now()
              await sagas.run(definition, 'x')
              times.push(performance.now() - t)
              n++
            }
          }),
        )
        if (seconds !== 0.5) {
          times.sort((a, b) => a - b)
          const u = process.cpuUsage(cpu)
          console.log(
            which,
            c,
            Math.round((n / (performance.now() - began)) * 1000),
            '/s',
            'p50',
            times[n >> 1]?.toFixed(2),
            'p99',
            times[Math.floor(n * 0.99)]?.toFixed(2),
            'cpu us/saga',
            Math.round((u.user + u.system) / n),
          )
        }
      }
    }
  console.log(process.memoryUsage().rss / 1e6)
}
