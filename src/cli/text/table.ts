/** Tables that fit the page. */
import { printable, shortened, widthOf } from './printable.ts'

/** Characters of a line. */
export const PAGE_WIDTH = 100

/** A column: its title, and whether its texts may be cut to fit. */
export type Column = {
  readonly title: string
  /** Texts that are needed whole (ids, commands) are never cut. Default false. */
  readonly isWhole?: boolean | undefined
  readonly align?: 'left' | 'right' | undefined
}

const GAP = '  '
const NARROWEST = 8

/** The lines of a table, its titles first. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number = PAGE_WIDTH,
): readonly string[] {
  const cells = rows.map((row) => columns.map((_, at) => printable(row[at] ?? '')))
  const widths = fitted(
    columns,
    columns.map(({ title }, at) =>
      Math.max(widthOf(title), ...cells.map((row) => widthOf(row[at] ?? ''))),
    ),
    width,
  )
  const titles = columns.map(({ title }) => title)
  return [titles, ...cells].map((row) => lineOf(columns, row, widths))
}

/** The widest column that may be cut gives way, until the table fits. */
function fitted(
  columns: readonly Column[],
  widths: readonly number[],
  width: number,
): readonly number[] {
  const given = [...widths]
  for (;;) {
    const total = given.reduce((sum, one) => sum + one, GAP.length * (columns.length - 1))
    if (total <= width) return given
    let widest = -1
    columns.forEach(({ isWhole }, at) => {
      const one = given[at] ?? 0
      if (isWhole !== true && one > NARROWEST && one > (given[widest] ?? 0)) widest = at
    })
    if (widest < 0) return given
    given[widest] = (given[widest] ?? 0) - 1
  }
}

function lineOf(
  columns: readonly Column[],
  row: readonly string[],
  widths: readonly number[],
): string {
  const texts = columns.map(({ align }, at) => {
    const width = widths[at] ?? 0
    const text = shortened(row[at] ?? '', width)
    const pad = ' '.repeat(Math.max(0, width - widthOf(text)))
    return align === 'right' ? `${pad}${text}` : `${text}${pad}`
  })
  return texts.join(GAP).trimEnd()
}
