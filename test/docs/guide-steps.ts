/**
 * What a guide shows and runs. A comment says what the block behind it is:
 *
 * - `file: docs/programs/x.ts`: the program as it is in that file.
 * - `run: node x.ts`: what running it prints; see `matches`. Commands of one guide run one
 *   after the other in one empty folder. `node` runs a program of docs/programs,
 *   `amends` the command line.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { projectRoot } from '../project-root.ts'

/** A command of a guide with what it prints; no output means that it is not looked at. */
export type GuideRun = { readonly command: string; readonly output: string }

/** A guide, read. */
export type Guide = {
  readonly name: string
  /** Files of docs/programs that it shows. */
  readonly shown: readonly string[]
  readonly runs: readonly GuideRun[]
  /** First lines of TypeScript blocks that are in no file. */
  readonly loose: readonly string[]
}

/** The folder of the programs. */
export const programsFolder: string = join(projectRoot, 'docs/programs')

/** All guides, by name. */
export function guides(): readonly Guide[] {
  const folder = join(projectRoot, 'docs/guides')
  const files = readdirSync(folder).filter((name) => name.endsWith('.md'))
  return files.toSorted().map((name) => guideOf(name, readFileSync(join(folder, name), 'utf8')))
}

/** The programs, generated code aside, without their folder. */
export function programs(): readonly string[] {
  return readdirSync(programsFolder)
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
}

function guideOf(name: string, text: string): Guide {
  const block =
    /(?:<!-- (?<kind>file|run): (?<what>[^\n]+?) -->\s*)?^```(?<language>\w*)\n(?<body>[^]*?)^```$/gm
  const shown: string[] = []
  const runs: GuideRun[] = []
  const loose: string[] = []
  for (const { groups } of text.matchAll(block)) {
    const { kind, what = '', language = '', body = '' } = groups ?? {}
    if (kind === 'run') runs.push({ command: what, output: body })
    else if (kind === 'file') shown.push(basename(what))
    else if (language === 'ts') loose.push(body.split('\n')[0] ?? '')
  }
  return { name, shown, runs, loose }
}

/**
 * Whether a text is what a guide says: `...` stands for anything within a line, and alone on a line for
 * any lines. How wide a gap is does not count.
 */
export function matches(expected: string, actual: string): boolean {
  const lines = evened(expected).split('\n').map(patternOf)
  return new RegExp(`^${lines.join('')}$`).test(`${evened(actual)}\n`)
}

function patternOf(line: string): string {
  if (line === '...') return '(?:[^\\n]*\\n)*'
  const parts = line.split('...').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return `${parts.join('[^\\n]*')}\\n`
}

function evened(text: string): string {
  return text.trimEnd().replace(/ +$/gm, '').replace(/ +/g, ' ')
}
