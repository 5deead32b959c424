/** Text for a terminal. What is stored may hold anything; a terminal must not obey it. */

/** One line without control characters: each is shown as its code. */
export function printable(text: string): string {
  return text.replace(CONTROL, (found) => {
    if (found === '\n') return '\\n'
    if (found === '\t') return '\\t'
    return `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}

/** A text of at most so many characters; what is cut is marked. */
export function shortened(text: string, max: number): string {
  const characters = Array.from(text)
  if (characters.length <= max) return text
  return `${characters.slice(0, Math.max(0, max - 1)).join('')}…`
}

/** How many characters a text takes. */
export function widthOf(text: string): number {
  return Array.from(text).length
}

/** A word as a shell takes it. */
export function shellWord(text: string): string {
  return SAFE.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

const SAFE = /^[\w@%+=:,./-]+$/
// Control characters, and the marks that turn the direction of text or break its line.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
