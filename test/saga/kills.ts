/**
 * The proof by killing: a program that runs sagas is killed with SIGKILL at random moments and started
 * again until it comes to its end; then every saga has ended, and what took effect in the world is
 * what it says, once per idempotency key.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '../../src/testing/seeded-random.ts'

const PROGRAM = fileURLToPath(new URL('./killed-program.js', import.meta.url))

/** What came of it. */
export type SagaKills = {
  /** How many sagas had been reported ended at each kill. */
  readonly killedAt: readonly number[]
  readonly findings: readonly string[]
}

/** Kills the program so many times, then lets it end. */
export async function killSagas(options: {
  readonly sagas: number
  readonly kills: number
  readonly seed: number
}): Promise<SagaKills> {
  const { sagas, kills, seed } = options
  const random = seededRandom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'amends-kills-'))
  const world = join(folder, 'world.txt')
  const args = [PROGRAM, join(folder, 'sagas.db'), world, String(sagas)]
  try {
    const killedAt: number[] = []
    for (let kill = 0; kill < kills; kill++) {
      // What ended before is answered at once after a restart.
      const from = (sagas * kill) / kills
      const moment = Math.floor(from + (random.fraction() * sagas) / kills)
      const { ended, signal } = await run(args, moment)
      if (signal === 'SIGKILL') killedAt.push(ended)
    }
    const last = await run(args, undefined)
    const findings =
      last.code === 0 ? judge(sagas, existsSync(world) ? readFileSync(world, 'utf8') : '') : []
    if (last.code !== 0) findings.push(`ended with ${last.code}`)
    if (last.ended !== sagas) findings.push(`${last.ended} of ${sagas} ended`)
    return { killedAt, findings }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs the program; kills it when so many sagas have ended. */
async function run(
  args: readonly string[],
  killAt: number | undefined,
): Promise<{
  readonly ended: number
  readonly code: number | null
  readonly signal: string | null
}> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let ended = 0
  createInterface(child.stdout).on('line', () => {
    ended++
    if (killAt !== undefined && ended > killAt) child.kill('SIGKILL')
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { ended, code, signal }
}

function judge(sagas: number, world: string): string[] {
  const keys = new Map<string, Set<string>>()
  for (const line of world.split('\n')) {
    const [what = '', key = ''] = line.split(' ')
    const id = key.split('/')[0] ?? ''
    const effect = `${id} ${what}`
    keys.set(effect, (keys.get(effect) ?? new Set()).add(key))
  }
  const findings: string[] = []
  for (const [effect, under] of keys) {
    if (under.size > 1) findings.push(`${effect} under ${under.size} keys`)
  }
  for (let n = 0; n < sagas; n++) {
    const has = (what: string): boolean => keys.has(`order-${n} ${what}`)
    const failed = n % 3 === 0
    const wanted = failed
      ? ['reserve', 'ship', 'undo-ship', 'undo-reserve']
      : ['reserve', 'ship', 'charge']
    const all = ['reserve', 'ship', 'charge', 'undo-ship', 'undo-reserve']
    for (const what of all) {
      if (has(what) !== wanted.includes(what)) {
        findings.push(`order-${n}: ${what} ${has(what) ? 'took effect' : 'is missing'}`)
      }
    }
  }
  return findings
}
