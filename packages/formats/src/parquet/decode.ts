import { fromNumber, type Rational, rational } from '@nadir/arithmetic'
import type { Table } from '@nadir/landscape'
import { InputError } from '../errors.ts'
import { mostCells, mostKept } from '../limits.ts'
import type { Stored } from './encodings.ts'
import { type ParquetColumn, readLayout } from './metadata.ts'
import { type Decompress, readChunk } from './pages.ts'

/** The exact number that a stored one means. @throws InputError */
function meaningOf({ meaning, name: column }: ParquetColumn, name: string): (value: Stored, row: number) => Rational {
  const scale = typeof meaning === 'object' ? 10n ** BigInt(meaning.scale) : undefined
  const kept = new Map<Stored, Rational>()
  return (value, row) => {
    const known = kept.get(value)
    if (known) return known
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new InputError(`${name}: row ${row + 1}, column "${column}": ${value} is not a number to compute with`)
    const number =
      scale !== undefined
        ? rational(BigInt(value), scale)
        : typeof value === 'bigint'
          ? rational(value)
          : fromNumber(value)
    if (kept.size < mostKept) kept.set(value, number)
    return number
  }
}

/**
 * The table in a Parquet file of plain columns, every cell exact: integers, decimals by their digits, doubles and floats
 * as the numbers they are. `zstd` unpacks pages so packed, where the platform can. Every count and length is checked
 * against the file before it is believed. @throws InputError
 */
export function decodeParquetTable(bytes: Uint8Array, name: string, zstd?: Decompress): Table {
  const { rows: length, columns, groups } = readLayout(bytes, name)
  if (length === 0) throw new InputError(`${name}: no rows`)
  if (!(length * columns.length <= mostCells)) throw new InputError(`${name}: more than ${mostCells} cells`)
  const rows: Rational[][] = Array.from({ length }, () => [])
  const meanings = columns.map((column) => meaningOf(column, name))
  const reader = { bytes, name, zstd, unpacked: 0 }
  let first = 0
  for (const group of groups) {
    for (const [k, chunk] of group.chunks.entries())
      for (const [i, value] of readChunk(reader, chunk, first).entries())
        rows[first + i].push(meanings[k](value, first + i))
    first += group.rows
  }
  return { columns: columns.map((column) => column.name), rows }
}
