/** The files of the project: what a checkout holds, found without asking git. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project-root.ts'

/** Folders that are made, not written. */
const MADE = ['.git', '.build', 'dist', 'node_modules', '.npm-cache']

/** Paths of all files, relative to the project, sorted. */
export function projectFiles(folder = ''): readonly string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true })
    .filter(({ name }) => !MADE.includes(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? projectFiles(path) : [path]
    })
    .toSorted()
}

/** Text of a file of the project. */
export function textOf(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8')
}

/** True for code that a generator writes. */
export function isGenerated(path: string): boolean {
  return path.endsWith('_pb.ts') || /(?:^|\/)gen\//.test(path)
}
