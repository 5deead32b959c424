/** Where a result comes from: what code, on what machine, under what Node. */
import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { projectRoot } from './project-root.ts'

/** What a written result says about its origin. */
export type Provenance = {
  /** Full hash, with `+changes` when the working tree differs from it. */
  readonly commit: string
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly memoryGiB: number
    readonly system: string
  }
  readonly node: string
}

/** Describes this run. */
export function provenance(): Provenance {
  return {
    commit: commit(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${type()} ${release()}`,
    },
    node: process.version,
  }
}

function commit(): string {
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== ''
    return `${git('rev-parse', 'HEAD')}${changed ? '+changes' : ''}`
  } catch {
    return 'none' // no repository here, or nothing committed yet
  }
}

function git(...args: string[]): string {
  const stdio = ['ignore', 'pipe', 'ignore'] as const
  return execFileSync('git', args, { cwd: projectRoot, encoding: 'utf8', stdio: [...stdio] }).trim()
}
