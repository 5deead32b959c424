/** Long lines on several ones, broken between words. */
import { PAGE_WIDTH } from './table.ts'
import { widthOf } from './printable.ts'

/** The lines of a text behind a head; all but the first begin with as much room as the head takes. */
export function wrapped(head: string, text: string, width: number = PAGE_WIDTH): readonly string[] {
  const room = ' '.repeat(widthOf(head))
  const lines: string[] = []
  let line = head
  let isEmpty = true
  for (const word of text.split(' ')) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = `${room}  ${word}`
    } else line = isEmpty ? `${line}${word}` : `${line} ${word}`
    isEmpty = false
  }
  return [...lines, line].map((one) => one.trimEnd())
}
