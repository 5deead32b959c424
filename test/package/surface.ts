/** The public surface: what each subpath of package.json exports, as text one can review. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project-root.ts'
import { exportsOf, type Origin } from './declarations.ts'

/** Where the reviewed surface is kept, a file per subpath. */
export const snapshotFolder: string = join(projectRoot, 'test/package/surface')

/** A subpath of the package that has types. */
export type Subpath = {
  /** As users import it: `amends`, `amends/ledger`. */
  readonly specifier: string
  readonly names: ReadonlyMap<string, Origin>
}

/** All subpaths, in the order of package.json. */
export function subpaths(): readonly Subpath[] {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly exports: Readonly<Record<string, string | { readonly types?: string }>>
  }
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    if (typeof target === 'string' || target.types === undefined) return []
    const specifier = join(manifest.name, subpath)
    return [{ specifier, names: exportsOf(join(projectRoot, target.types)) }]
  })
}

/** The file a subpath's snapshot is kept in. */
export function snapshotFile({ specifier }: Subpath): string {
  return join(snapshotFolder, `${specifier.replace('/', '-')}.snap`)
}

/** A subpath as text: each name with its kind, then its declarations without comments. */
export function textOf({ specifier, names }: Subpath): string {
  const entries = [...names].map(([name, origin]) => {
    if (origin.kind === 'external') return `${name}: from ${origin.module}, ${origin.name}\n`
    const texts = origin.statements.map(({ text }) => withoutEmptyLines(text))
    return `${name}: ${kindsOf(origin)}\n${texts.join('\n').replace(/^/gm, '  ')}\n`
  })
  return [`${specifier}, ${names.size} names\n`, ...entries].join('\n')
}

function kindsOf({ statements }: Origin & { kind: 'declared' }): string {
  const kinds = statements.map(
    ({ text }) => /\b(class|interface|type|function|const|let|namespace)\b/.exec(text)?.[1] ?? '',
  )
  return [...new Set(kinds)].join(' and ')
}

function withoutEmptyLines(text: string): string {
  return text.replace(/^\s*\n/gm, '').replace(/[ \t]+$/gm, '')
}
