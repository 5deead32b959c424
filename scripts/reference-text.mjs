// Reads emitted declaration files for the reference: declarations with the comments inside them, and
// doc comments as text. It leans on what the compiler emits: one statement after the other.

const PIECE =
  /(\/\*[^]*?\*\/|\/\/[^\n]*)|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[^/"'`(){}[\];]+|\/)|([(){}[\];])/g
const BLOCK = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|namespace) /

/**
 * The declarations of a name, each with its doc comment as text; private members are left out.
 *
 * @param {string} source
 * @param {string} name
 * @returns {{ doc: string, text: string }[]}
 */
export function declarationsIn(source, name) {
  const escaped = name.replace('$', '\\$')
  const named = new RegExp(
    `^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const|let|namespace) ${escaped}(?![\\w$])`,
  )
  return statementsOf(source)
    .filter(({ bare }) => named.test(bare))
    .map(({ doc, text }) => ({ doc: textOfComment(doc), text: shown(text) }))
}

/** The comment at the head of a file, as text. */
export function headOf(/** @type {string} */ source) {
  return textOfComment(/^\s*(\/\*\*[^]*?\*\/)/.exec(source)?.[1] ?? '')
}

/** @param {string} source @returns {{ doc: string, text: string, bare: string }[]} */
function statementsOf(source) {
  const statements = []
  let [doc, text, bare, depth] = ['', '', '', 0]
  for (const [, comment, plain, mark] of source.matchAll(PIECE)) {
    if (comment !== undefined && bare.trim() === '') {
      if (comment.startsWith('/**')) doc = comment
      continue
    }
    text += comment ?? plain ?? mark
    bare += plain ?? mark ?? ''
    if (mark === undefined) continue
    if ('({['.includes(mark)) depth++
    if (')}]'.includes(mark)) depth--
    const ends = mark === ';' || (mark === '}' && BLOCK.test(bare.trimStart()))
    if (depth > 0 || !ends) continue
    statements.push({ doc, text: text.trim(), bare: bare.trim() })
    ;[doc, text, bare] = ['', '', '']
  }
  return statements
}

/** What a user sees of a declaration. */
function shown(/** @type {string} */ text) {
  return text
    .replace(/^export /, '')
    .replace(/^declare /, '')
    .replace(/^\s*(?:\/\*\*(?:(?!\*\/)[^])*\*\/\s*)?private (?:readonly )?[\w$]+;\n/gm, '')
    .replace(/^\s*#private;\n/gm, '')
    .replace(/^\s*(?:\/\*\*(?:(?!\*\/)[^])*@internal(?:(?!\*\/)[^])*\*\/\s*)[^\n]*\n/gm, '')
}

/** A doc comment as Markdown. */
function textOfComment(/** @type {string} */ comment) {
  return comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .replace(/^[ \t]*\* ?/gm, '')
    .trim()
    .replace(/\{@link ([^}]+)\}/g, '`$1`')
    .replace(/\s*@throws /g, '\n\nThrows ')
    .replace(/\s*@param (\S+) /g, '\n\n`$1`: ')
    .replace(/\s*@returns /g, '\n\nReturns ')
    .replace(/\s*@internal /g, '\n\nFor the package itself. ')
    .trim()
}
