/** The files of a proof: how far it is, so that it can go on, and what it ended with. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { projectRoot } from '../project-root.ts'
import type { Counts } from './proof.ts'

/** How far a proof is, and of what. */
export type Progress = {
  readonly commit: string
  readonly runs: number
  readonly seed: number
  readonly counts: Counts
}

/** What to go on from: progress of the same code and runs, and the same seed if one is asked. */
export function resumable(
  name: string,
  wanted: { readonly commit: string; readonly runs: number; readonly seed: number | undefined },
): Progress | undefined {
  const file = progressFile(name)
  if (!existsSync(file)) return undefined
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Progress
  const same =
    kept.commit === wanted.commit &&
    kept.runs === wanted.runs &&
    (wanted.seed === undefined || kept.seed === wanted.seed)
  return same ? kept : undefined
}

/** Writes down how far a proof is. */
export function keep(name: string, progress: Progress): void {
  write(progressFile(name), progress)
}

/** Drops what was kept. */
export function forget(name: string): void {
  rmSync(progressFile(name), { force: true })
}

/** Writes what a proof ended with; returns where, as a path of the project. */
export function writeResult(result: { readonly name: string }): string {
  const file = join(projectRoot, 'proof', `${result.name}.json`)
  write(file, result)
  return relative(projectRoot, file)
}

function progressFile(name: string): string {
  return join(projectRoot, '.build/prove', `${name}.json`)
}

function write(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
}
