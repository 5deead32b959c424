/** A process that shares a ledger with others. Run by tests with a path, a name and a count. */
import { writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { systemClock } from '../../clock.ts'
import { type WriteId, writeIds } from '../../identity.ts'
import { append, keyNumber } from '../../testing/ledger-contract/kit.ts'
import type { Ledger, StreamKey } from '../ledger.ts'
import { openLedger } from '../open-ledger.ts'

/** The stream that all processes append to. */
export const SHARED: StreamKey = keyNumber(0)

/** The stream of one process. */
export function ownStream(name: string): StreamKey {
  return keyNumber(1 + name.charCodeAt(0))
}

/** Appends as often as asked, to the own stream and to the shared one, until each append is in. */
export async function writeBoth(ledger: Ledger, name: string, count: number): Promise<void> {
  const random = { bytes: (n: number) => new Uint8Array(randomBytes(n)), fraction: Math.random }
  const newId = writeIds(systemClock(), random)
  const own = appendAll({ ledger, newId, key: ownStream(name), name, count })
  const shared = appendAll({ ledger, newId, key: SHARED, name, count })
  await Promise.all([own, shared])
}

type Appending = {
  readonly ledger: Ledger
  readonly newId: () => WriteId
  readonly key: StreamKey
  readonly name: string
  readonly count: number
}

async function appendAll(work: Appending): Promise<void> {
  const { ledger, newId, key, name, count } = work
  let at = await ledger.head(key)
  for (let n = 0; n < count;) {
    const outcome = await ledger.commit({ id: newId(), appends: [append(key, at, `${name}${n}`)] })
    if (outcome.kind === 'committed') {
      n++
      at++
    } else if (outcome.kind === 'conflict') {
      at = Number(outcome.actual)
    }
  }
}

const [, script, path, name, count] = process.argv
if (script !== undefined && import.meta.url === pathToFileURL(script).href) {
  const ledger = await openLedger(path ?? '')
  await writeBoth(ledger, name ?? '', Number(count))
  await ledger[Symbol.asyncDispose]()
  writeSync(1, 'done\n')
}
