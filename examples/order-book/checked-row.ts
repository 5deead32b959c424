/** Reads the fields of one table row; whatever is not as expected is named in a coded error. */
import { CodedError } from 'amends'
import { isDay } from './calendar.ts'
import { scaled } from './money.ts'

/** A row whose fields are checked when they are read. Every method throws `DATA_INVALID`. */
export interface CheckedRow {
  text(field: string): string
  /** A whole number that is not below `min`. */
  whole(field: string, min: number): number
  /** A decimal number of at most so many places, as a whole number of 10^-places. */
  decimal(field: string, places: number): bigint
  day(field: string): string
  dayOrNull(field: string): string | undefined
  /** Reports a field whose value is well formed but wrong. */
  fail(field: string, expected: string): never
}

/** The rows of a table. @throws CodedError `DATA_INVALID` */
export function checkedTable(tables: unknown, table: string): readonly CheckedRow[] {
  const rows = field(tables, table)
  if (!Array.isArray(rows)) throw invalid({ table, expected: 'a list of rows' })
  return rows.map((row: unknown, index) => checkedRow(table, index, row))
}

function checkedRow(table: string, index: number, row: unknown): CheckedRow {
  const name = JSON.stringify(field(row, 'Id')) ?? `#${index}`
  const fail = (key: string, expected: string): never => {
    throw invalid({
      table,
      row: name,
      field: key,
      value: JSON.stringify(field(row, key)),
      expected,
    })
  }
  const text = (key: string): string => {
    const value = field(row, key)
    return typeof value === 'string' && value !== '' ? value : fail(key, 'a text')
  }
  const day = (key: string): string => {
    const value = text(key)
    return isDay(value) ? value : fail(key, 'a day, year-month-day')
  }
  return {
    text,
    day,
    dayOrNull: (key) => (field(row, key) === null ? undefined : day(key)),
    whole: (key, min) => {
      const value = field(row, key)
      const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= min
      return fits ? value : fail(key, `a whole number, at least ${min}`)
    },
    decimal: (key, places) => {
      const value = field(row, key)
      const exact = typeof value === 'number' ? scaled(value, places) : undefined
      return exact ?? fail(key, `a number with at most ${places} decimal places`)
    },
    fail,
  }
}

function field(value: unknown, key: string): unknown {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return entries.find(([name]) => name === key)?.[1]
}

/** Where bad data are, and what would be right there. */
export type DataFault = {
  readonly table: string
  readonly row?: string
  readonly field?: string
  readonly value?: string
  readonly expected: string
}

/** The one error of bad data; its details are the fault. */
export function invalid(fault: DataFault): CodedError {
  const { table, row = '-', field: key = '-', expected } = fault
  return new CodedError('the trading data are not as expected', {
    code: 'DATA_INVALID',
    details: fault,
    hint: `table ${table}, row ${row}, field ${key}: expected ${expected}`,
  })
}
