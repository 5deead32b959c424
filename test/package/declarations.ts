/**
 * Reads emitted declaration files: just enough of their grammar to say which names a file exports,
 * and where each is declared. It leans on what the compiler emits: one statement after the other,
 * named exports only.
 */
import { strict as assert } from 'node:assert'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A statement at the top of a file. `text` has no comments in it. */
type Statement = { readonly doc: string; readonly text: string }

/** Where an exported name comes from: a file of ours with its declarations, or another package. */
export type Origin =
  | {
      readonly kind: 'declared'
      readonly file: string
      readonly name: string
      readonly statements: readonly Statement[]
    }
  | { readonly kind: 'external'; readonly module: string; readonly name: string }

type Binding = { readonly module: string | undefined; readonly name: string }

type Declarations = {
  readonly declared: ReadonlyMap<string, readonly Statement[]>
  readonly imported: ReadonlyMap<string, Binding>
  readonly exported: ReadonlyMap<string, Binding>
}

const DECLARATION =
  /^(?<exported>export )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const|let|namespace) (?<name>[\w$]+)/
const BLOCK = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|namespace) /
const NAMES =
  /^(?:import|export) (?:type )?\{(?<names>[^}]*)\}(?: from ['"](?<module>[^'"]+)['"])?;$/

const cache = new Map<string, Declarations>()

/** The names a declaration file exports, sorted, each with its origin. */
export function exportsOf(file: string): ReadonlyMap<string, Origin> {
  const names = [...read(file).exported.keys()].toSorted()
  return new Map(names.map((name) => [name, originOf(file, name)]))
}

function originOf(file: string, name: string): Origin {
  const { declared, imported, exported } = read(file)
  const binding = exported.get(name)
  assert.ok(binding, `${file} does not export ${name}`)
  const from = binding.module === undefined ? imported.get(binding.name) : binding
  if (from?.module === undefined) {
    const statements = declared.get(binding.name)
    assert.ok(statements, `${file} exports ${name} and does not declare it`)
    return { kind: 'declared', file, name: binding.name, statements }
  }
  if (!from.module.startsWith('.'))
    return { kind: 'external', module: from.module, name: from.name }
  return originOf(declarationFile(join(dirname(file), from.module)), from.name)
}

function declarationFile(specifier: string): string {
  const file = specifier.replace(/\.[jt]s$/, '.d.ts')
  assert.ok(existsSync(file), `${file} is missing`)
  return file
}

function read(file: string): Declarations {
  const known = cache.get(file)
  if (known !== undefined) return known
  const declared = new Map<string, Statement[]>()
  const imported = new Map<string, Binding>()
  const exported = new Map<string, Binding>()
  for (const statement of statementsOf(readFileSync(file, 'utf8'))) {
    const { text } = statement
    assert.ok(!/^export (?:\*|default|=)/.test(text), `${file}: ${text}`)
    const list = NAMES.exec(text)?.groups
    if (list !== undefined) {
      const target = text.startsWith('import') ? imported : exported
      for (const [alias, name] of namesIn(list['names'] ?? '')) {
        target.set(alias, { module: list['module'], name })
      }
      continue
    }
    const declaration = DECLARATION.exec(text)?.groups
    const name = declaration?.['name']
    if (name === undefined) continue
    declared.set(name, [...(declared.get(name) ?? []), statement])
    if (declaration?.['exported'] !== undefined) exported.set(name, { module: undefined, name })
  }
  const declarations = { declared, imported, exported }
  cache.set(file, declarations)
  return declarations
}

/** Pairs of (name outside, name inside). */
function namesIn(list: string): readonly (readonly [string, string])[] {
  return list
    .split(',')
    .map((item) => item.trim().replace(/^type /, ''))
    .filter((item) => item !== '')
    .map((item) => {
      const [inside = '', outside = inside] = item.split(' as ')
      return [outside, inside] as const
    })
}

/** Cuts a file into statements, each with the doc comment in front of it. */
export function statementsOf(source: string): readonly Statement[] {
  const statements: Statement[] = []
  let doc = ''
  let text = ''
  let depth = 0
  for (const { kind, value } of piecesOf(source)) {
    if (kind === 'comment') {
      if (text.trim() === '' && value.startsWith('/**')) doc = value
      continue
    }
    text += value
    if (kind === 'text') continue
    if ('({['.includes(value)) depth++
    if (')}]'.includes(value)) depth--
    const ends = value === ';' || (value === '}' && BLOCK.test(text.trimStart()))
    if (depth > 0 || !ends) continue
    statements.push({ doc, text: text.trim() })
    doc = ''
    text = ''
  }
  assert.equal(text.trim(), '', 'a statement did not end')
  return statements
}

type Piece = { readonly kind: 'comment' | 'text' | 'mark'; readonly value: string }

/** Comments, strings and other text, and the marks that nest or end. */
function* piecesOf(source: string): Generator<Piece> {
  const pattern =
    /(?<comment>\/\*[^]*?\*\/|\/\/[^\n]*)|(?<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[^/"'`(){}[\];]+|\/)|(?<mark>[(){}[\];])/g
  for (const { groups } of source.matchAll(pattern)) {
    if (groups?.['comment'] !== undefined) yield { kind: 'comment', value: groups['comment'] }
    else if (groups?.['text'] !== undefined) yield { kind: 'text', value: groups['text'] }
    else yield { kind: 'mark', value: groups?.['mark'] ?? '' }
  }
}
