import { gunzipSync } from 'fflate'
import { InputError } from '../errors.ts'
import { largestFile } from '../limits.ts'
import { type PageBytes, readDeltas, readPlain, readRuns, readSplit, type Stored } from './encodings.ts'
import type { ParquetChunk } from './metadata.ts'
import { unpackSnappy } from './snappy.ts'
import { numberField, readThrift, structureField, type ThriftStructure } from './thrift.ts'

/** Decompresses one page: from the packed bytes, to exactly so many. */
export type Decompress = (packed: Uint8Array, length: number) => Uint8Array

const codecs = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW']
const encodings = { plain: 0, plainDictionary: 2, runs: 3, deltas: 5, runDictionary: 8, split: 9 } as const
const pageTypes = { data: 0, index: 1, dictionary: 2, data2: 3 } as const

/** Reads the columns of one file; what their pages unpack to is bounded by what the file can hold. */
export interface ColumnReader {
  readonly bytes: Uint8Array
  readonly name: string
  readonly zstd: Decompress | undefined
  unpacked: number
}

function unpacked(reader: ColumnReader, codec: number, packed: Uint8Array, length: number): Uint8Array {
  reader.unpacked += length
  // Deflate packs at most 1032 to 1, Snappy less.
  if (!(length >= 0 && reader.unpacked <= Math.min(largestFile, 1100 * reader.bytes.length)))
    throw new Error(`a page unpacks to ${length} bytes, too many`)
  const unpackers: Readonly<Record<string, Decompress | undefined>> = {
    UNCOMPRESSED: (all) => all,
    SNAPPY: unpackSnappy,
    GZIP: (all) => gunzipSync(all, { out: new Uint8Array(length) }),
    ZSTD: reader.zstd
  }
  const unpack = unpackers[codecs[codec] ?? '']
  if (!unpack) throw new Error(`pages packed by ${codecs[codec] ?? codec} are not read; write them with snappy or gzip`)
  const out = unpack(packed, length)
  if (out.length !== length) throw new Error(`a page unpacks to ${out.length} bytes, declared as ${length}`)
  return out
}

/** Which rows of the page have no value; undefined when all have one. */
function emptyRow(levels: PageBytes, count: number): number | undefined {
  const found = readRuns(levels, 1, count).indexOf(0)
  return found < 0 ? undefined : found
}

/** The numbers of a column in one group of rows, in their order. @throws InputError */
export function readChunk(reader: ColumnReader, chunk: ParquetChunk, firstRow: number): Stored[] {
  const { bytes, name } = reader
  const { column } = chunk
  const values: Stored[] = []
  let dictionary: readonly Stored[] | undefined
  let at = chunk.start
  try {
    while (values.length < chunk.rows) {
      if (at >= chunk.end) throw new Error(`holds ${values.length} values, declares ${chunk.rows}`)
      const { value: head, end } = readThrift(bytes, at, chunk.end)
      const [length, size] = [numberField(head, 2) ?? -1, numberField(head, 3) ?? -1]
      if (!(size >= 0 && size <= chunk.end - end)) throw new Error('a page runs past its column')
      const packed = bytes.subarray(end, end + size)
      const type = numberField(head, 1)
      if (type === pageTypes.dictionary) {
        const count = numberField(structureField(head, 7), 1) ?? -1
        const content = unpacked(reader, chunk.codec, packed, length)
        if (!(count >= 0 && count <= 8 * content.length)) throw new Error(`a dictionary of ${count} values`)
        dictionary = readPlain({ bytes: content, at: 0 }, column, count)
      } else if (type === pageTypes.data || type === pageTypes.data2) {
        const about = structureField(head, type === pageTypes.data ? 5 : 8)
        const count = numberField(about, 1) ?? -1
        if (!(count >= 0 && count <= chunk.rows - values.length)) throw new Error(`a page declares ${count} values`)
        const second = type === pageTypes.data2
        const page = second
          ? secondPage(reader, chunk, about, packed, length)
          : firstPage(reader, chunk, packed, length)
        const empty = page.levels && emptyRow(page.levels, count)
        if (empty !== undefined)
          throw new InputError(
            `${name}: row ${firstRow + values.length + empty + 1}, column "${column.name}": the cell is empty`
          )
        const encoding = numberField(about, second ? 4 : 2)
        for (const value of decoded(page.values, chunk, encoding, count, dictionary)) values.push(value)
      }
      at = end + size
    }
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${name}: byte ${at}: column "${column.name}": ${(error as Error).message}`)
  }
  return values
}

interface Page {
  readonly levels: PageBytes | undefined
  readonly values: PageBytes
}

/** A page of the first version: levels, with their length before them, and values are packed together. */
function firstPage(reader: ColumnReader, { column, codec }: ParquetChunk, packed: Uint8Array, length: number): Page {
  const bytes = unpacked(reader, codec, packed, length)
  if (!column.optional) return { levels: undefined, values: { bytes, at: 0 } }
  const size = bytes.length >= 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) : Number.NaN
  if (!(size <= bytes.length - 4)) throw new Error('a page ends too early')
  return { levels: { bytes: bytes.subarray(4, 4 + size), at: 0 }, values: { bytes, at: 4 + size } }
}

/** A page of the second version: levels stand before the values, never packed. */
function secondPage(
  reader: ColumnReader,
  { column, codec }: ParquetChunk,
  about: ThriftStructure | undefined,
  packed: Uint8Array,
  length: number
): Page {
  const [defined, repeated] = [numberField(about, 5) ?? -1, numberField(about, 6) ?? -1]
  const levels = defined + repeated
  if (!(defined >= 0 && repeated >= 0 && levels <= packed.length)) throw new Error('a page ends too early')
  const rest = packed.subarray(levels)
  const bytes = unpacked(reader, about?.get(7) === false ? 0 : codec, rest, length - levels)
  return {
    levels: column.optional ? { bytes: packed.subarray(repeated, levels), at: 0 } : undefined,
    values: { bytes, at: 0 }
  }
}

function decoded(
  page: PageBytes,
  { column }: ParquetChunk,
  encoding: number | undefined,
  count: number,
  dictionary: readonly Stored[] | undefined
): Iterable<Stored> {
  switch (encoding) {
    case encodings.plain:
      return readPlain(page, column, count)
    case encodings.split:
      return readSplit(page, column, count)
    case encodings.deltas:
      return readDeltas(page, column, count)
    case encodings.runs:
      if (column.type !== 'boolean') break
      // The runs of truth values have their length before them.
      page.at += 4
      return readRuns(page, 1, count)
    case encodings.plainDictionary:
    case encodings.runDictionary: {
      if (!dictionary) throw new Error('a page without its dictionary')
      const width = page.bytes[page.at++]
      const keys = width === undefined ? new Uint32Array(0) : readRuns(page, width, count)
      if (keys.length !== count || keys.some((key) => key >= dictionary.length))
        throw new Error('a key outside the dictionary')
      return Array.from(keys, (key) => dictionary[key])
    }
  }
  throw new Error(`encoding ${encoding} is not read`)
}
