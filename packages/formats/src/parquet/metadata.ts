import { InputError } from '../errors.ts'
import { numberField, readThrift, structureField, structuresField, type ThriftStructure, textOf } from './thrift.ts'

/** How the numbers of a column are stored, and what they mean. */
export interface ParquetColumn {
  readonly name: string
  readonly type: 'boolean' | 'int32' | 'int64' | 'float' | 'double' | 'bytes' | 'fixed'
  /** Bytes of a `fixed` number. */
  readonly size: number
  readonly optional: boolean
  readonly meaning: 'number' | 'unsigned' | 'half' | { readonly scale: number }
}

/** The pages of one column in one group of rows. */
export interface ParquetChunk {
  readonly column: ParquetColumn
  readonly codec: number
  readonly start: number
  readonly end: number
  readonly rows: number
}

export interface ParquetLayout {
  readonly rows: number
  readonly columns: readonly ParquetColumn[]
  readonly groups: readonly { readonly rows: number; readonly chunks: readonly ParquetChunk[] }[]
}

const types = ['boolean', 'int32', 'int64', undefined, 'float', 'double', 'bytes', 'fixed'] as const
const logicalNames: Readonly<Record<number, string>> = {
  1: 'texts',
  2: 'maps',
  3: 'lists',
  4: 'categories',
  6: 'dates',
  7: 'times',
  8: 'times',
  11: 'nothing',
  12: 'JSON',
  13: 'BSON',
  14: 'UUIDs'
}
const optional = 1
const repeated = 2

function columnOf(element: ThriftStructure, name: string): ParquetColumn {
  const word = textOf(element.get(4))
  const where = `${name}: column "${word}"`
  if (numberField(element, 5) || numberField(element, 3) === repeated)
    throw new InputError(`${where} is nested; only columns of numbers are read`)
  const type = types[numberField(element, 1) ?? -1]
  const converted = numberField(element, 6)
  const [logical] = structureField(element, 10)?.keys() ?? []
  const inside = structureField(structureField(element, 10), logical ?? -1)
  const isFloat = type === 'float' || type === 'double' || type === 'boolean'
  const isDecimal = (converted === 5 || logical === 5) && !isFloat
  const isInteger =
    (type === 'int32' || type === 'int64') &&
    (logical === 10 || (converted !== undefined && converted >= 11 && converted <= 18))
  const half = logical === 15 && type === 'fixed' && numberField(element, 2) === 2
  const isPlain = converted === undefined && logical === undefined && type !== 'bytes' && type !== 'fixed'
  if (type === undefined || !(isDecimal || isInteger || half || isPlain))
    throw new InputError(
      `${where} holds ${logicalNames[logical ?? -1] ?? 'texts, times or bytes'}, not numbers; leave it out or convert it`
    )
  const scale = numberField(inside, 1) ?? numberField(element, 7) ?? 0
  if (isDecimal && !(scale >= 0 && scale <= 400)) throw new InputError(`${where} has scale ${scale}`)
  const size = numberField(element, 2) ?? 0
  if (type === 'fixed' && !(size >= 1 && size <= 1024)) throw new InputError(`${where} holds numbers of ${size} bytes`)
  const unsigned =
    logical === 10 ? inside?.get(2) === false : converted !== undefined && converted >= 11 && converted <= 14
  return {
    name: word,
    type,
    size,
    optional: numberField(element, 3) === optional,
    meaning: isDecimal ? { scale } : half ? 'half' : unsigned ? 'unsigned' : 'number'
  }
}

/** What the end of a Parquet file says of its columns and where they stand. @throws InputError */
export function readLayout(bytes: Uint8Array, name: string): ParquetLayout {
  const size = bytes.length
  const mark = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (size < 12 || mark(0) !== 'PAR1') throw new InputError(`${name}: byte 0: not a Parquet file`)
  if (mark(size - 4) !== 'PAR1') throw new InputError(`${name}: byte ${size - 4}: the end of a Parquet file is missing`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(size - 8, true)
  if (length > size - 12) throw new InputError(`${name}: byte ${size - 8}: ${length} bytes of metadata do not fit`)
  let file: ThriftStructure
  try {
    file = readThrift(bytes, size - 8 - length, size - 8).value
  } catch (error) {
    throw new InputError(`${name}: byte ${size - 8 - length}: damaged metadata (${(error as Error).message})`)
  }
  const [root, ...elements] = structuresField(file, 2)
  const columns = elements.map((element) => columnOf(element, name))
  if (columns.length === 0 || numberField(root, 5) !== columns.length)
    throw new InputError(`${name}: holds no plain table of columns`)
  const seen = new Set<string>()
  for (const column of columns)
    if (seen.size === seen.add(column.name).size)
      throw new InputError(`${name}: two columns are named "${column.name}"`)
  const groups = structuresField(file, 4).map((group) => {
    const rows = numberField(group, 3) ?? -1
    const chunks = structuresField(group, 1)
    if (chunks.length !== columns.length) throw new InputError(`${name}: a group of rows with ${chunks.length} columns`)
    return { rows, chunks: chunks.map((chunk, k) => chunkOf(structureField(chunk, 3), columns[k], rows, size, name)) }
  })
  const rows = numberField(file, 3) ?? -1
  if (!(rows >= 0) || groups.some((g) => !(g.rows >= 0)) || groups.reduce((sum, g) => sum + g.rows, 0) !== rows)
    throw new InputError(`${name}: its groups do not hold the ${rows} rows that it declares`)
  return { rows, columns, groups }
}

function chunkOf(
  chunk: ThriftStructure | undefined,
  column: ParquetColumn,
  rows: number,
  size: number,
  name: string
): ParquetChunk {
  const dictionary = numberField(chunk, 11) ?? 0
  const data = numberField(chunk, 9) ?? -1
  // Some writers leave the place of the dictionary out or put zero.
  const start = dictionary > 0 ? Math.min(dictionary, data) : data
  const end = start + (numberField(chunk, 7) ?? Number.NaN)
  if (!(start >= 4 && end >= start && end <= size))
    throw new InputError(
      `${name}: column "${column.name}" stands at bytes ${start} to ${end} of ${size} (encrypted or damaged)`
    )
  if (numberField(chunk, 5) !== rows)
    throw new InputError(`${name}: column "${column.name}" does not hold one value a row`)
  return { column, codec: numberField(chunk, 4) ?? -1, start, end, rows }
}
