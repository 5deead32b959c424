import { strict as assert } from 'node:assert'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { projectRoot } from '../project-root.ts'
import { isGenerated, projectFiles, textOf } from './project-files.ts'

const CODE = ['src/', 'test/', 'examples/', 'bench/', 'scripts/', 'conformance/']
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
/** Names that say nothing about what is inside. */
const EMPTY_NAMES = ['utils', 'util', 'helpers', 'helper', 'common', 'types', 'interfaces', 'lib']
/** Programs about types, not types of all kinds. */
const NAMED_WELL = ['test/types']

type Manifest = {
  readonly scripts: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>
}

const files = projectFiles()
const code = files.filter((path) => CODE.some((folder) => path.startsWith(folder)))
const written = code.filter((path) => /\.(?:ts|mjs|cjs)$/.test(path) && !isGenerated(path))
const manifest = JSON.parse(textOf('package.json')) as Manifest

describe('the tree', () => {
  it('names files and folders in kebab-case', () => {
    const odd = written.filter((path) =>
      path.split('/').some((part) => !KEBAB.test(part.split('.')[0] ?? '')),
    )
    assert.deepEqual(odd, [])
  })

  it('has no drawer for what has no name', () => {
    const drawers = written.filter((path) =>
      path.split('/').some((part, index, parts) => {
        const folder = parts.slice(0, index + 1).join('/')
        return EMPTY_NAMES.includes(part.split('.')[0] ?? '') && !NAMED_WELL.includes(folder)
      }),
    )
    assert.deepEqual(drawers, [])
  })

  it('has an index.ts in src only where package.json points', () => {
    const targets = Object.values(manifest.exports)
      .filter((target) => typeof target !== 'string')
      .map((target) => target.types.replace('./dist/', '').replace(/\.d\.ts$/, '.ts'))
    const indexes = files.filter((path) => /^src\/(?:.*\/)?index\.ts$/.test(path))
    assert.deepEqual(indexes, targets.toSorted())
  })

  it('lists exports one by one', () => {
    assert.deepEqual(
      written.filter((path) => /^export (?:type )?\*/m.test(textOf(path))),
      [],
    )
  })

  it('has no file in src that only tests use, or nothing', () => {
    const roots = Object.values(manifest.exports)
      .map((target) => join(typeof target === 'string' ? target : target.types))
      .map((target) => target.replace(/^dist\//, '').replace(/\.d\.ts$/, '.ts'))
      .concat('src/cli/main.ts')
    const sources = written.filter((path) => path.startsWith('src/'))
    const [tests, others] = [sources.filter(isForTests), sources.filter((p) => !isForTests(p))]
    const [byTests, byOthers] = [usedBy(tests), new Set([...roots, ...usedBy(others)])]
    const support = tests.filter((path) => !path.endsWith('.test.ts'))
    assert.deepEqual(
      [
        ...others.filter((path) => !byOthers.has(path)),
        ...support.filter((path) => !byTests.has(path)),
      ],
      [],
    )
  })
})

function isForTests(path: string): boolean {
  return path.includes('.test.')
}

/** The files that others name by a relative path, in imports or in URLs of workers. */
function usedBy(paths: readonly string[]): ReadonlySet<string> {
  const relative = /['"](?<to>\.{1,2}\/[^'"]+)\.[jt]s['"]/g
  return new Set(
    paths.flatMap((path) =>
      [...textOf(path).matchAll(relative)].map(({ groups }) =>
        join(dirname(path), `${groups?.['to']}.ts`),
      ),
    ),
  )
}

describe('the texts', () => {
  const texts = files.filter((path) => /\.(?:ts|mjs|cjs|json|md|proto|yaml|sql|tsv)$/.test(path))
  const own = 'test/tidy/tree.test.ts'

  it('name no path of a machine', () => {
    const home = /(?<![\w.}-])\/(?:home|Users|root|work|private)\/[\w.-]+/
    assert.deepEqual(holding(texts, home), [])
    assert.deepEqual(
      texts.filter((path) => textOf(path).includes(projectRoot)),
      [],
    )
  })

  it('name no package registry', () => {
    assert.deepEqual(
      holding(texts, /registry\.(?![tj]s\b)[a-z]|npmjs|yarnpkg|artifactory|verdaccio/i),
      [],
    )
    assert.deepEqual(holding(texts, /"resolved":/), [])
  })

  it('leave nothing marked to be done', () => {
    assert.deepEqual(holding(texts, /\b(?:TODO|FIXME|XXX|HACK)\b/), [])
  })

  function holding(paths: readonly string[], pattern: RegExp): readonly string[] {
    return paths.filter((path) => path !== own && pattern.test(textOf(path)))
  }
})

describe('the documents', () => {
  const documents = files.filter((path) => path.endsWith('.md'))

  for (const document of documents) {
    it(`${document} names commands and files that exist`, () => {
      const missing = [...commandsIn(textOf(document)), ...pathsIn(document)]
      assert.deepEqual(missing, [])
    })
  }

  it('show programs as they are in the files they name', () => {
    const shown = /<!-- file: (?<file>\S+) -->\s*```\w*\n(?<program>[^]*?)```/g
    for (const document of documents) {
      for (const { groups } of textOf(document).matchAll(shown)) {
        assert.equal(groups?.['program'], textOf(groups?.['file'] ?? ''), document)
      }
    }
  })

  /** Commands of npm and node that a document shows and that are not there. */
  function commandsIn(text: string): readonly string[] {
    const scripts = [...text.matchAll(/\bnpm (?:run (?<run>[\w-]+)|(?<known>start|test)\b)/g)]
      .map(({ groups }) => groups?.['run'] ?? groups?.['known'] ?? '')
      .filter((name) => manifest.scripts[name] === undefined)
    const programs = [...text.matchAll(/\bnode (?<file>(?:scripts|dist|examples)\/[\w./-]+)/g)]
      .map(({ groups }) => groups?.['file'] ?? '')
      .filter((file) => !existsSync(join(projectRoot, file)))
    return [...scripts, ...programs]
  }

  /** Links and names in backticks that look like a file of the project and are none. */
  function pathsIn(document: string): readonly string[] {
    const text = textOf(document).replace(/^```[^]*?^```/gm, '')
    const links = [...text.matchAll(/\]\((?<to>[^)#:]+)(?:#[^)]*)?\)/g)].map(({ groups }) =>
      join(dirname(document), groups?.['to'] ?? ''),
    )
    const named = [
      ...text.matchAll(/`(?<to>[\w.-]+\/[\w./-]*\.(?:ts|mjs|cjs|json|md|proto|sql))`/g),
    ]
      .map(({ groups }) => groups?.['to'] ?? '')
      .filter((path) => existsSync(join(projectRoot, path.split('/')[0] ?? '')))
    return [...links, ...named].filter((path) => !existsSync(join(projectRoot, path)))
  }
})

describe('the source of src', () => {
  const sources = written.filter((path) => path.startsWith('src/') && !path.includes('.test.'))

  it('says in a comment at its head or at its first export what each file is for', () => {
    const silent = sources.filter(
      (path) => basename(path) !== 'index.ts' && !textOf(path).includes('/**'),
    )
    assert.deepEqual(silent, [])
  })
})
