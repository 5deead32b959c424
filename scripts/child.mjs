// Child processes of a task. Signals for the task go to the child that runs, once each; a task
// without a child ends. A task whose starter was killed outright ends as if terminated.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** @type {(() => void) | undefined} */
let onStop

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => stop(signal))
}
process.on('disconnect', () => stop('SIGTERM'))
process.channel?.unref()

/** @param {'SIGINT' | 'SIGTERM' | 'SIGHUP'} signal */
function stop(signal) {
  if (onStop !== undefined) return onStop()
  if (running.size === 0) process.exit(128 + constants.signals[signal])
  for (const child of running) child.kill(signal)
}

/** For tasks that end by themselves when they are told to. */
export function whenStopped(/** @type {() => void} */ callback) {
  onStop = callback
}

/**
 * Runs a program on this Node and resolves with its exit code, 128 and up for a signal.
 *
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, stdout?: 'stderr', env?: Record<string, string> }} [options] `stdout`
 *   sends its output to standard error
 * @returns {Promise<number>}
 */
export function node(args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['inherit', options.stdout === 'stderr' ? 2 : 'inherit', 'inherit'],
      env: { ...process.env, ...options.env },
    })
    running.add(child)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      running.delete(child)
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal])
    })
  })
}

/**
 * Runs a tool of node_modules by the path of its script, which needs neither PATH nor links.
 *
 * @param {string} script
 * @param {readonly string[]} args
 * @param {{ stdout?: 'stderr' }} [options]
 */
export function tool(script, args, options) {
  return node([`node_modules/${script}`, ...args], options)
}
