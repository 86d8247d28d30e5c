import type { Rational } from '@nadir/arithmetic'
import type { Table } from '@nadir/landscape'
import { type CsvError, parse } from 'csv-parse/sync'
import { InputError } from '../errors.ts'
import { exactNumber } from '../exact-number.ts'
import { longestCell, longestRecord, mostCells } from '../limits.ts'
import { decodeText } from '../text.ts'

function header(columns: readonly string[], where: string): readonly string[] {
  const places = new Map<string, number>()
  for (const [k, column] of columns.entries()) {
    if (column === '') throw new InputError(`${where}: column ${k + 1} has no name`)
    const before = places.get(column)
    if (before !== undefined)
      throw new InputError(`${where}: columns ${before + 1} and ${k + 1} are both named "${column}"`)
    places.set(column, k)
  }
  const isNumber = (text: string): boolean => exactNumber(text) !== undefined
  // Whole numbers may be names (0, 1, 2, ...); decimals are a row without its header.
  if (columns.every(isNumber) && !columns.every((text) => /^\d+$/.test(text)))
    throw new InputError(`${where}: expected names of columns, found numbers only (${columns.slice(0, 3).join(', ')})`)
  return columns
}

function cellError(text: string, where: string): InputError {
  const expected = 'expected a decimal, an integer or a fraction p/q'
  if (text === '') return new InputError(`${where}: the cell is empty, ${expected}`)
  if (/^[+-]?(nan|inf|infinity|na|null|none)$/i.test(text))
    return new InputError(
      `${where}: "${text}" is not a number (missing and infinite values are not accepted), ${expected}`
    )
  return new InputError(`${where}: "${text.slice(0, 60)}" is not a number, ${expected}`)
}

/**
 * The table in CSV bytes: a header line, then decimals, scientific notation or fractions `p/q`, each cell the exact
 * rational that is written (exponents up to 400). Row numbers in errors count data rows from 1.
 * @throws InputError with row, line and column
 */
export function decodeTable(bytes: Uint8Array, name: string): Table {
  let columns: readonly string[] | undefined
  const rows: Rational[][] = []
  // Data repeat: one object for equal texts keeps large tables small.
  const seen = new Map<string, Rational>()
  const value = (text: string, where: () => string): Rational => {
    const known = seen.get(text)
    if (known) return known
    if (text.length > longestCell) throw new InputError(`${where()}: a cell of ${text.length} characters is too long`)
    const number = exactNumber(text)
    if (number === undefined) throw cellError(text, where())
    if (seen.size < 100_000) seen.set(text, number)
    return number
  }
  const take = (cells: readonly string[], line: number): void => {
    if (!columns) {
      columns = header(cells, `${name}: line ${line}`)
      return
    }
    const names = columns
    const row = `${name}: row ${rows.length + 1} (line ${line})`
    if (cells.length !== names.length)
      throw new InputError(`${row}: expected ${names.length} cells, found ${cells.length}`)
    if ((rows.length + 1) * names.length > mostCells) throw new InputError(`${row}: more than ${mostCells} cells`)
    rows.push(cells.map((text, k) => value(text, () => `${row}, column "${names[k]}"`)))
  }
  const text = decodeText(bytes, name)
  try {
    parse(text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      max_record_size: longestRecord,
      on_record: (cells, { lines }) => {
        take(cells, lines)
        return null
      }
    })
  } catch (error) {
    if (error instanceof InputError) throw error
    const { message, lines } = error as CsvError & { readonly lines?: number }
    throw new InputError(`${name}: line ${lines ?? '?'}: not readable as comma-separated values (${message})`)
  }
  if (!columns) throw new InputError(`${name}: the file is empty, expected a header line and rows of numbers`)
  if (rows.length === 0) throw new InputError(`${name}: a header but no rows`)
  return { columns, rows }
}
