import { fromNumber, type Rational, rational } from '@nadir/arithmetic'
import type { Table } from '@nadir/landscape'
import { gunzipSync } from 'fflate'
import { type Compressors, type FileMetaData, parquetMetadata, parquetRead, type SchemaElement } from 'hyparquet'
import { InputError } from '../errors.ts'
import { mostCells } from '../limits.ts'
import { checkPages } from './pages.ts'

/** Decompresses one page: from the packed bytes, to at most so many. */
export type Decompress = (packed: Uint8Array, length: number) => Uint8Array

/**
 * The table in a Parquet file of plain columns, every cell exact: integers, decimals by their digits, doubles and floats
 * as the numbers they are. `zstd` unpacks pages so packed where the platform can. @throws InputError
 */
export async function decodeParquetTable(bytes: Uint8Array, name: string, zstd?: Decompress): Promise<Table> {
  const metadata = readMetadata(bytes, name)
  const scales = new Map<string, number>()
  const columns = plainColumns(metadata, scales, name)
  const length = Number(metadata.num_rows)
  if (length === 0) throw new InputError(`${name}: no rows`)
  if (!(length * columns.length <= mostCells)) throw new InputError(`${name}: more than ${mostCells} cells`)
  if (metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0) !== length)
    throw new InputError(`${name}: its row groups do not hold its ${length} rows`)
  checkPages(bytes, metadata, name)
  const compressors: Compressors = {
    GZIP: (packed, unpacked) => gunzipSync(packed, { out: new Uint8Array(unpacked) }),
    ...(zstd && { ZSTD: zstd })
  }
  const rows: Rational[][] = []
  const file = {
    byteLength: bytes.length,
    slice: (from: number, to?: number) => Uint8Array.from(bytes.subarray(from, to)).buffer
  }
  try {
    let found: readonly (readonly unknown[])[] = []
    await parquetRead({
      file,
      metadata,
      compressors,
      utf8: false,
      geoparquet: false,
      onComplete: (read) => {
        found = read
      }
    })
    for (const [i, row] of found.entries())
      rows.push(
        columns.map((column, k) => cell(row[k], scales.get(column), `${name}: row ${i + 1}, column "${column}"`))
      )
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${name}: not readable as Parquet (${(error as Error).message})`)
  }
  if (rows.length !== length) throw new InputError(`${name}: holds ${rows.length} rows, declares ${length}`)
  return { columns, rows }
}

function readMetadata(bytes: Uint8Array, name: string): FileMetaData {
  try {
    return parquetMetadata(bytes, { geoparquet: false })
  } catch (error) {
    throw new InputError(`${name}: not a Parquet file, or a damaged one (${(error as Error).message})`)
  }
}

/** Names of the columns, which must be numbers and not nested; decimals are told by their scale and kept as integers. */
function plainColumns({ schema }: FileMetaData, scales: Map<string, number>, name: string): readonly string[] {
  const [root, ...columns] = schema
  if (root === undefined || columns.length === 0 || root.num_children !== columns.length)
    throw new InputError(`${name}: nested columns are not read, only a table of numbers`)
  for (const element of columns) {
    if (element.num_children || element.repetition_type === 'REPEATED')
      throw new InputError(`${name}: column "${element.name}" is nested; only columns of numbers are read`)
    if (scales.has(element.name)) throw new InputError(`${name}: two columns are named "${element.name}"`)
    scales.set(element.name, scaleOf(element, name))
  }
  return columns.map((element) => element.name)
}

const numberTypes = ['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE']

/** Digits after the point. The element is changed so that decimals arrive as integers, not as rounded doubles. */
function scaleOf(element: SchemaElement, name: string): number {
  const { converted_type: converted, logical_type: logical, type } = element
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
    delete element.converted_type
    delete element.logical_type
    const scale = element.scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0)
    if (!(scale >= 0 && scale <= 400)) throw new InputError(`${name}: column "${element.name}" has scale ${scale}`)
    return scale
  }
  const isNumber =
    (type !== undefined && numberTypes.includes(type) && isPlain(converted, logical?.type)) ||
    logical?.type === 'FLOAT16'
  if (!isNumber)
    throw new InputError(
      `${name}: column "${element.name}" holds ${logical?.type ?? converted ?? type}, not numbers; leave it out or convert it`
    )
  return 0
}
const isPlain = (converted: string | undefined, logical: string | undefined): boolean =>
  (converted === undefined || /^U?INT_\d+$/.test(converted)) && (logical === undefined || logical === 'INTEGER')

function cell(value: unknown, scale: number | undefined, where: string): Rational {
  if (typeof value === 'boolean') return rational(value ? 1n : 0n)
  const digits = value instanceof Uint8Array ? twosComplement(value) : value
  if (typeof digits === 'bigint') return rational(digits, 10n ** BigInt(scale ?? 0))
  if (value === null || value === undefined) throw new InputError(`${where}: the cell is empty`)
  if (typeof digits !== 'number' || !Number.isFinite(digits))
    throw new InputError(`${where}: ${String(value)} is not a number to compute with`)
  return scale ? rational(BigInt(digits), 10n ** BigInt(scale)) : fromNumber(digits)
}

/** The signed integer in big-endian bytes. */
function twosComplement(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(8 * bytes.length, value)
}
