/** Installs the tools of test/package/worlds when they are missing, and runs programs. */
import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { projectRoot } from '../project-root.ts'

/** Where the tools and the programs of the worlds are. */
export const worldsFolder: string = join(projectRoot, 'test/package/worlds')

const UNREACHABLE = /E(?:NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|AI_AGAIN)|ERR_SOCKET_TIMEOUT/

/** Why the tools cannot be had; `undefined` when they are there. Throws for other failures. */
export function missingTools(): string | undefined {
  const lock = readFileSync(join(worldsFolder, 'package-lock.json'), 'utf8')
  const stamp = join(worldsFolder, 'node_modules/.amends-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return undefined
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, stderr } = spawnSync('npm', args, { cwd: worldsFolder, encoding: 'utf8' })
  if (status !== 0 && UNREACHABLE.test(stderr)) return 'the package registry cannot be reached'
  assert.equal(status, 0, stderr)
  writeFileSync(stamp, lock)
  return undefined
}

/** Runs a script on this Node and returns what it wrote; anything but exit code 0 throws. */
export function runScript(cwd: string, ...args: readonly string[]): string {
  // Otherwise the child takes itself for a part of this test run.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    env,
    encoding: 'utf8',
  })
  assert.equal(status, 0, `${args.join(' ')} ended with ${status}\n${stdout}${stderr}`)
  return stripVTControlCharacters(stdout)
}
