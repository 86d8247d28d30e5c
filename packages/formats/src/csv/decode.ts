import type { Rational } from '@nadir/arithmetic'
import type { Table } from '@nadir/landscape'
import { type CsvError, parse } from 'csv-parse/sync'
import { InputError } from '../errors.ts'
import { exactNumber } from '../exact-number.ts'
import { longestCell, longestRecord, mostCells } from '../limits.ts'
import { decodeText } from '../text.ts'

/** Cells of one line (or of several, when a quoted cell goes on), and the number of the last. */
interface CsvRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

function records(text: string, name: string): readonly CsvRecord[] {
  try {
    return parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      max_record_size: longestRecord
    }) as unknown as CsvRecord[]
  } catch (error) {
    const { message, lines } = error as CsvError & { readonly lines?: number }
    throw new InputError(`${name}: line ${lines ?? '?'}: not readable as comma-separated values (${message})`)
  }
}

function header({ record: columns }: CsvRecord, name: string): readonly string[] {
  for (const [k, column] of columns.entries()) {
    if (column === '') throw new InputError(`${name}: line 1: column ${k + 1} has no name`)
    if (columns.indexOf(column) !== k)
      throw new InputError(
        `${name}: line 1: columns ${columns.indexOf(column) + 1} and ${k + 1} are both named "${column}"`
      )
  }
  const isNumber = (text: string): boolean => exactNumber(text) !== undefined
  // Whole numbers may be names (0, 1, 2, ...); decimals are a row without its header.
  if (columns.every(isNumber) && !columns.every((text) => /^\d+$/.test(text)))
    throw new InputError(
      `${name}: line 1: expected names of columns, found numbers only (${columns.slice(0, 3).join(', ')})`
    )
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
  const [first, ...body] = records(decodeText(bytes, name), name)
  if (!first) throw new InputError(`${name}: the file is empty, expected a header line and rows of numbers`)
  const columns = header(first, name)
  if (body.length === 0) throw new InputError(`${name}: a header but no rows`)
  if (body.length * columns.length > mostCells)
    throw new InputError(`${name}: ${body.length} rows of ${columns.length} columns are more than ${mostCells} cells`)
  // Data repeat: one object for equal texts keeps large tables small.
  const seen = new Map<string, Rational>()
  const rows = body.map(({ record, info }, i) => {
    const row = `${name}: row ${i + 1} (line ${info.lines})`
    if (record.length !== columns.length) {
      throw new InputError(`${row}: expected ${columns.length} cells, found ${record.length}`)
    }
    return record.map((text, k) => {
      const known = seen.get(text)
      if (known) return known
      const where = `${row}, column "${columns[k]}"`
      if (text.length > longestCell) throw new InputError(`${where}: a cell of ${text.length} characters is too long`)
      const value = exactNumber(text)
      if (value === undefined) throw cellError(text, where)
      if (seen.size < 100_000) seen.set(text, value)
      return value
    })
  })
  return { columns, rows }
}
