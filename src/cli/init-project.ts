/**
 * Writes a new project of a user: one of the templates of the package, and a manifest that asks for
 * the versions this package was made with.
 *
 * 1. Nothing that is there is changed: a folder that holds any of the files is refused as a whole.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codedError, messageOf } from '../errors.ts'

/** What a project begins with. */
export type ProjectKind = 'workflow' | 'saga' | 'aggregate'

/** All kinds, the simplest first. */
export const PROJECT_KINDS: readonly ProjectKind[] = ['workflow', 'saga', 'aggregate']

/** A project that was written. */
export type WrittenProject = {
  readonly folder: string
  /** Paths in it, sorted. */
  readonly files: readonly string[]
}

/** What the manifest of this package says, as far as a project needs it. */
type Manifest = {
  readonly version: string
  readonly engines: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/**
 * Writes the project of a kind.
 *
 * @throws CodedError `PROJECT_FILE_EXISTS` when one of its files is there already, with its path;
 *   `PROJECT_NOT_WRITTEN` when the folder cannot be written
 */
export function initProject(kind: ProjectKind, to: string): WrittenProject {
  const folder = resolve(to)
  const home = packageFolder()
  const from = join(home, 'templates', kind)
  const copied = filesIn(from)
  const files = [...copied, '.gitignore', 'package.json'].toSorted()
  const taken = files.find((file) => existsSync(join(folder, file)))
  if (taken !== undefined) {
    throw codedError('PROJECT_FILE_EXISTS', {
      details: { path: join(folder, taken) },
      hint: 'Name a folder that is new or empty: amends init <kind> <folder>.',
    })
  }
  try {
    mkdirSync(folder, { recursive: true })
    for (const file of copied) cpSync(join(from, file), join(folder, file))
    writeFileSync(join(folder, '.gitignore'), 'node_modules/\n*.db\n*.db-wal\n*.db-shm\n')
    writeFileSync(join(folder, 'package.json'), manifestOf(kind, folder, home))
  } catch (error) {
    const details = { path: folder }
    throw codedError('PROJECT_NOT_WRITTEN', { details, cause: error, hint: messageOf(error) })
  }
  return { folder, files }
}

/** Paths of all files below a folder, relative to it. */
function filesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

function manifestOf(kind: ProjectKind, folder: string, home: string): string {
  // The manifest of this very package.
  const ours = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest
  const { version, engines, peerDependencies: peers, devDependencies: tools } = ours
  const isGenerated = kind === 'aggregate'
  const pick = (from: Readonly<Record<string, string>>, ...names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, from[name]]))
  const manifest = {
    name: nameOf(folder),
    private: true,
    type: 'module',
    engines: pick(engines, 'node'),
    scripts: {
      start: 'node src/main.ts',
      test: 'node --test "src/**/*.test.ts"',
      check: 'tsc',
      ...(isGenerated ? { generate: 'buf generate proto' } : {}),
    },
    dependencies: { ...pick(peers, '@bufbuild/protobuf'), amends: `^${version}` },
    devDependencies: {
      ...(isGenerated ? pick(tools, '@bufbuild/buf', '@bufbuild/protoc-gen-es') : {}),
      ...pick(tools, '@types/node', 'typescript'),
    },
  }
  return `${JSON.stringify(manifest, undefined, 2)}\n`
}

/** A name that npm accepts, from that of the folder. */
function nameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name === '' ? 'amends-project' : name
}

/** The folder of this package, which lies at another depth before and after the build. */
function packageFolder(): string {
  for (let up = '..'; up.length < 24; up += '/..') {
    const folder = fileURLToPath(new URL(up, import.meta.url))
    if (existsSync(join(folder, 'templates')) && existsSync(join(folder, 'package.json'))) {
      return folder
    }
  }
  throw codedError('PROJECT_NOT_WRITTEN', { hint: 'The templates of the package are missing.' })
}
