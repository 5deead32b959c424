/** A process that writes until it is killed, or kills itself at a COMMIT. Run by crash tests. */
import { writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { WriteId } from '../../identity.ts'
import { append, bytes, keyNumber } from '../../testing/ledger-contract/kit.ts'
import type { Write } from '../ledger.ts'
import { hookedConnection } from './faulty-connection.test.support.ts'
import { openSqliteLedger } from './open-sqlite-ledger.ts'

/** The nth write: two streams, a row and a claim, so that half of it would show. */
export function nthWrite(n: number): Write {
  return {
    id: idOf(n),
    appends: [append(keyNumber(0), n, `${n}`), append(keyNumber(n + 1), 0, 'own', 'two')],
    rows: [{ kind: 'put', space: 's', key: `${n}`, value: bytes(`${n}`), expected: 'absent' }],
    claims: [{ scope: keyNumber(0), key: `${n}` }],
  }
}

/** The id of the nth write. */
export function idOf(n: number): WriteId {
  return `crash-${String(n).padStart(9, '0')}` as WriteId
}

const INFLIGHT = 8

async function run(path: string, mode: string): Promise<void> {
  const [when, at] = mode.split(':')
  let commits = 0
  const kill = (): void => void process.kill(process.pid, 'SIGKILL')
  const ledger = await openSqliteLedger(path, {
    thread: when === 'worker' ? 'worker' : 'inline',
    wrapWriter: (connection) =>
      hookedConnection(connection, (sql, statement) => {
        const isLast = sql === 'COMMIT' && ++commits === Number(at)
        if (isLast && when === 'before') kill()
        const result = statement()
        if (isLast && when === 'after') kill()
        return result
      }),
  })
  const head = await ledger.head(keyNumber(0))
  for (let n = head; ; n += INFLIGHT) {
    const offered = Array.from({ length: INFLIGHT }, async (_, i) => {
      const outcome = await ledger.commit(nthWrite(n + i))
      if (outcome.kind === 'committed') writeSync(1, `${n + i}\n`)
    })
    await Promise.all(offered)
  }
}

const [, script, path, mode] = process.argv
if (script !== undefined && import.meta.url === pathToFileURL(script).href) {
  await run(path ?? '', mode ?? '')
}
