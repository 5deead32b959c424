/**
 * A project with our `scripts/run.cjs`, a lock file, a task that tells what it was given, and an npm
 * that only pretends.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { projectRoot } from '../project-root.ts'

/** What a run ended with. */
export type Ended = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The project; disposing removes it. */
export class ScratchProject implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'amends-run-'))

  constructor() {
    for (const script of ['run.cjs', 'child.mjs']) {
      mkdirSync(join(this.folder, 'scripts/tasks'), { recursive: true })
      copyFileSync(join(projectRoot, 'scripts', script), join(this.folder, 'scripts', script))
    }
    this.write('package-lock.json', lockOf('1.0.0'))
    this.task(`console.log(JSON.stringify({ args: process.argv.slice(2) }))\n`)
    this.npm()
  }

  /** What the task does, as a module. */
  task(program: string): void {
    this.write('scripts/tasks/tell.mjs', `import '../child.mjs'\n${program}`)
  }

  /** What npm does after it has noted its call: by default it installs, as npm does. */
  npm(
    then = `writeFileSync('node_modules/.package-lock.json', readFileSync('package-lock.json'))`,
  ) {
    const node = JSON.stringify(process.execPath)
    this.executable(
      'bin/npm',
      `#!${process.execPath}
const { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } = require('fs')
appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n')
console.log('npm talks')
mkdirSync('node_modules/node/bin', { recursive: true })
writeFileSync('node_modules/node/bin/node', '#!/bin/sh\\nexec ' + ${node} + ' "$@"\\n')
chmodSync('node_modules/node/bin/node', 0o755)
${then}
`,
    )
  }

  /** How often npm was called. */
  get npmCalls(): readonly string[] {
    return this.read('npm-calls').split('\n').filter(Boolean)
  }

  /** Starts the task. */
  start(...args: readonly string[]): ChildProcess {
    const { NODE_TEST_CONTEXT: _, npm_execpath: __, ...env } = process.env
    return spawn(process.execPath, ['scripts/run.cjs', 'tell', ...args], {
      cwd: this.folder,
      env: { ...env, PATH: join(this.folder, 'bin') + delimiter + env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Runs the task to its end. */
  run(...args: readonly string[]): Promise<Ended> {
    return ended(this.start(...args))
  }

  read(path: string): string {
    const file = join(this.folder, path)
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), text)
  }

  executable(path: string, text: string): void {
    this.write(path, text)
    chmodSync(join(this.folder, path), 0o755)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** A lock file of one package at a version. */
export function lockOf(version: string): string {
  const packages = { '': { name: 'scratch' }, 'node_modules/one': { version, integrity: version } }
  return JSON.stringify({ lockfileVersion: 3, packages })
}

/** Waits for a process and what it wrote. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.on('close', resolve)
  const code = await promise
  return { code, stdout, stderr }
}

/** Waits until a process has written a text to its standard output. */
export async function said(child: ChildProcess, text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let heard = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    heard += String(chunk)
    if (heard.includes(text)) resolve()
  })
  await promise
}
