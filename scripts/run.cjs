'use strict'
// node scripts/run.cjs <task> [arguments]
//
// Runs scripts/tasks/<task>.mjs on the Node that the lock file names, whatever Node the machine
// has (18 or newer: nothing newer than that may be used in this file).
//
// 1. The packages on disk are those of package-lock.json: a stamp in node_modules says which lock
//    file they were installed from, and is written last. An install that was cut short leaves no
//    stamp, so the next run installs again.
// 2. Standard output belongs to the task; what installing says goes to standard error.
// 3. The task runs in a process group of its own and this process outlives it. A signal that
//    arrives here more than once at a time (Ctrl-C reaches the whole group, and npm repeats it)
//    is handed down once.
const { spawn, spawnSync } = require('child_process')
const fs = require('fs')
const os = require('os')
const path = require('path')

const OLDEST_MAJOR = 24
const REPEATED_WITHIN_MS = 250

const root = path.dirname(__dirname)
const modules = path.join(root, 'node_modules')
const stamp = path.join(modules, '.amends-lock')
const installed = path.join(modules, '.package-lock.json')
const nodeFolder = path.join(modules, 'node', 'bin')
const node = path.join(nodeFolder, 'node')

/** Ends the run with a message and an exit code. */
class Stop extends Error {
  constructor(message, code) {
    super(message)
    this.code = code
  }
}

main(process.argv[2], process.argv.slice(3)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof Stop ? error.message : error)
    process.exit(error instanceof Stop ? error.code : 1)
  },
)

async function main(task, args) {
  const file = path.join(__dirname, 'tasks', `${task}.mjs`)
  if (!task || !fs.existsSync(file)) throw new Stop(`usage: node scripts/run.cjs <${names()}>`, 2)
  await installPackages()
  await installNode()
  checkNode()
  const paths = [nodeFolder, path.join(modules, '.bin'), process.env.PATH || '']
  return run(node, [file, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: paths.join(path.delimiter) },
  })
}

async function installPackages() {
  const lock = read(path.join(root, 'package-lock.json'))
  if (lock === '') throw new Stop('package-lock.json is missing', 1)
  if (read(stamp) === lock) return
  if (!holds(lock)) {
    fs.rmSync(stamp, { force: true })
    fs.rmSync(installed, { force: true })
    const code = await npm(
      ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
      root,
    )
    if (code !== 0) throw new Stop(`npm ci ended with ${code}; nothing was run`, code)
  }
  fs.writeFileSync(stamp, lock)
}

/** True when npm has put exactly this lock file on disk, as `npm install <package>` does. */
function holds(lock) {
  const disk = read(installed)
  if (disk === '') return false
  const wanted = JSON.parse(lock).packages
  const present = JSON.parse(disk).packages
  const folders = new Set([...Object.keys(wanted), ...Object.keys(present)])
  folders.delete('')
  return [...folders].every((folder) => {
    const want = wanted[folder]
    const have = present[folder]
    if (!want) return false
    if (!have) return want.optional === true || want.devOptional === true
    return want.version === have.version && want.integrity === have.integrity
  })
}

/** The package `node` fetches its binary in an install script, which machines may forbid. */
async function installNode() {
  const script = path.join(modules, 'node', 'installArchSpecificPackage.js')
  if (fs.existsSync(node) || !fs.existsSync(script)) return
  const code = await run(process.execPath, [script], {
    cwd: path.dirname(script),
    stdio: ['inherit', 2, 2],
  })
  if (code !== 0) throw new Stop(`installing the package "node" ended with ${code}`, code)
}

function checkNode() {
  const answer = spawnSync(node, ['--print', 'process.versions.node'], { encoding: 'utf8' })
  const version = answer.status === 0 ? answer.stdout.trim() : ''
  if (parseInt(version, 10) >= OLDEST_MAJOR) return
  const found = version === '' ? 'is not there or does not start' : `is version ${version}`
  throw new Stop(
    `This project runs on Node ${OLDEST_MAJOR} or newer, from its own node_modules.\n` +
      `node_modules/node/bin/node ${found}.\n` +
      'Remove node_modules and run this again. If it still fails, allow install scripts for the\n' +
      'package "node" (npm config set ignore-scripts false) and run: npm ci',
    1,
  )
}

function npm(args, cwd) {
  const self = process.env.npm_execpath
  const stdio = ['inherit', 2, 2]
  if (self && /npm-cli\.c?js$/.test(self))
    return run(process.execPath, [self, ...args], { cwd, stdio })
  return run('npm', args, { cwd, stdio })
}

/** Resolves with the exit code, 128 and up for a signal. */
function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, detached: true, ...options })
    const last = {}
    const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
      const forward = () => {
        const now = Date.now()
        if (now - (last[signal] || 0) > REPEATED_WITHIN_MS) child.kill(signal)
        last[signal] = now
      }
      process.on(signal, forward)
      return () => process.removeListener(signal, forward)
    })
    child.on('error', (error) => reject(new Stop(`${command} did not start: ${error.message}`, 1)))
    child.on('exit', (code, signal) => {
      for (const stop of listeners) stop()
      resolve(signal ? 128 + os.constants.signals[signal] : code)
    })
  })
}

function read(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
}

function names() {
  const files = fs.readdirSync(path.join(__dirname, 'tasks'))
  return files.map((file) => path.basename(file, '.mjs')).join('|')
}
