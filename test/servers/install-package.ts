/**
 * Programs that tests need, from the packages of Debian. A package is installed without being
 * started as a service: tests start its program themselves.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** Where a program is, or why it cannot be had. */
export type Program =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'missing'; readonly reason: string }

/** Looks for the first of some paths that exists, and installs the package if there is none. */
export async function programOf(
  paths: () => readonly string[],
  debianPackage: string,
): Promise<Program> {
  const found = paths().find(existsSync)
  if (found !== undefined) return { kind: 'found', path: found }
  const reason = await install(debianPackage)
  if (reason !== undefined) return { kind: 'missing', reason }
  const path = paths().find(existsSync)
  if (path !== undefined) return { kind: 'found', path }
  return { kind: 'missing', reason: `${debianPackage} was installed, and its program is not there` }
}

/** Asked by the package system whether a service may be started. */
const POLICY = '/usr/sbin/policy-rc.d'
const NO_SERVICES = '#!/bin/sh\nexit 101\n'

/** Installs packages of Debian; answers why it could not, `undefined` when they are there. */
export async function install(debianPackage: string): Promise<string | undefined> {
  if (!existsSync('/usr/bin/apt-get'))
    return `${debianPackage} is not installed, and apt-get neither`
  if (process.getuid?.() !== 0)
    return `${debianPackage} is not installed, and only root may install it`
  const ownPolicy = !existsSync(POLICY)
  if (ownPolicy) writeFileSync(POLICY, NO_SERVICES, { mode: 0o755 })
  try {
    const options = ['-o', 'DPkg::Lock::Timeout=300', '-qq', '-y', '--no-install-recommends']
    const asked = [...options, 'install', ...debianPackage.split(' ')]
    if ((await aptGet(asked)) === 0) return undefined
    await aptGet(['-qq', 'update'])
    const code = await aptGet(asked)
    return code === 0 ? undefined : `apt-get install ${debianPackage} ended with ${code}`
  } finally {
    if (ownPolicy) rmSync(POLICY, { force: true })
  }
}

async function aptGet(args: readonly string[]): Promise<number | null> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const child = spawn('apt-get', args, { stdio: 'ignore', env })
  const [code] = (await once(child, 'close')) as [number | null]
  return code
}
