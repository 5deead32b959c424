// Writes docs/reference/: a page per subpath of the package, an entry per export, from the emitted
// declarations and their doc comments. Needs a build.
//
//   node scripts/reference.mjs            writes the pages
//   node scripts/reference.mjs --check    lists the pages that would change, and fails if there are any
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { exportsOf } from '../test/package/declarations.ts'
import { root } from './child.mjs'
import { declarationsIn, headOf } from './reference-text.mjs'

const folder = join(root, 'docs/reference')
const check = process.argv.includes('--check')
const style = await resolveConfig(join(root, 'package.json'))
const pages = await allPages()
const changed = [...pages].filter(([name, text]) => current(name) !== text).map(([name]) => name)
const stale = existing().filter((name) => !pages.has(name))

if (check) {
  const different = [...changed, ...stale]
  for (const name of different) console.error(`docs/reference/${name} differs`)
  if (different.length > 0) {
    console.error('run "node scripts/reference.mjs" after a build')
    process.exitCode = 1
  }
} else {
  mkdirSync(folder, { recursive: true })
  for (const name of changed) writeFileSync(join(folder, name), pages.get(name) ?? '')
  for (const name of stale) rmSync(join(folder, name))
}

/** @returns {Promise<Map<string, string>>} pages by file name */
async function allPages() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  /** @type {Map<string, string>} */
  const made = new Map()
  const list = []
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target === 'string' || target.types === undefined) continue
    const specifier = join('amends', subpath)
    const name = `${specifier.replace('/', '-')}.md`
    const file = join(root, target.types)
    const names = exportsOf(file)
    const about = headOf(readFileSync(file, 'utf8')).replace(/^`[^`]+`: /, '')
    list.push(`- [${specifier}](${name}), ${names.size} names: ${about}`)
    made.set(name, await pretty(page(specifier, about, names)))
  }
  const index = `# Reference\n\nOne page for each import, made from the doc comments.\n\n${list.join('\n')}\n`
  made.set('README.md', await pretty(index))
  return made
}

/**
 * @param {string} specifier @param {string} about
 * @param {ReadonlyMap<string, import('../test/package/declarations.ts').Origin>} names
 */
function page(specifier, about, names) {
  const entries = [...names].map(([name, origin]) => entry(name, origin, names))
  return `# ${specifier}\n\n${about.charAt(0).toUpperCase()}${about.slice(1)}\n\n${entries.join('\n')}`
}

/**
 * @param {string} name @param {import('../test/package/declarations.ts').Origin} origin
 * @param {ReadonlyMap<string, unknown>} names
 */
function entry(name, origin, names) {
  if (origin.kind === 'external') {
    return `## ${name}\n\nIs \`${origin.name}\` of \`${origin.module}\`.\n`
  }
  if (origin.name !== name && names.has(origin.name)) {
    return `## ${name}\n\nAnother name of \`${origin.name}\`.\n`
  }
  const found = declarationsIn(readFileSync(origin.file, 'utf8'), origin.name)
  const docs = [...new Set(found.map(({ doc }) => doc).filter((doc) => doc !== ''))]
  const code = found.map(({ text }) => text).join('\n')
  return `## ${name}\n\n${docs.join('\n\n')}\n\n\`\`\`ts\n${code}\n\`\`\`\n`
}

/** @param {string} text */
function pretty(text) {
  return format(text, { ...style, parser: 'markdown' })
}

/** @param {string} name */
function current(name) {
  const file = join(folder, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function existing() {
  return existsSync(folder) ? readdirSync(folder) : []
}
