import type { FileMetaData } from 'hyparquet'
import { InputError } from '../errors.ts'
import { largestFile } from '../limits.ts'

/** Field numbers of the page header in the Parquet format. */
const field = { uncompressed: 2, compressed: 3, dataPage: 5, dictionaryPage: 7, dataPage2: 8 } as const
const countField = 1

/**
 * Refuses a file whose pages declare more than the file can hold, before anything is made room for: the pages of a
 * column hold the numbers that its chunk declares and no more, and unpack to a bounded size. @throws InputError
 */
export function checkPages(bytes: Uint8Array, metadata: FileMetaData, name: string): void {
  let unpacked = 0
  for (const group of metadata.row_groups)
    for (const { meta_data: chunk } of group.columns) {
      if (!chunk) throw new InputError(`${name}: a column without metadata (an encrypted file?)`)
      const column = chunk.path_in_schema.join('.')
      const rows = Number(group.num_rows)
      if (!(Number(chunk.num_values) === rows))
        throw new InputError(`${name}: column "${column}" holds ${chunk.num_values} values for ${rows} rows`)
      const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset)
      const end = start + Number(chunk.total_compressed_size)
      if (!(start >= 4 && end <= bytes.length))
        throw new InputError(`${name}: byte ${start}: column "${column}" runs past the end`)
      let values = 0
      for (let at = start; at < end; ) {
        const page = pageHeader(bytes, at, end)
        const where = `${name}: byte ${at}: a page of column "${column}"`
        if (!page || !(page.size >= 0) || page.data + page.size > end) throw new InputError(`${where} is damaged`)
        values += page.values
        unpacked += page.unpacked
        if (!(page.values >= 0 && values <= rows && page.dictionary <= 8 * page.unpacked))
          throw new InputError(`${where} declares ${page.values || page.dictionary} values, too many`)
        if (!(page.unpacked >= 0 && unpacked <= Math.min(largestFile, 1100 * bytes.length)))
          throw new InputError(`${where} unpacks to ${page.unpacked} bytes, too many`)
        at = page.data + page.size
      }
    }
}

interface Page {
  readonly data: number
  readonly size: number
  readonly unpacked: number
  readonly values: number
  readonly dictionary: number
}

/** The numbers of a page header (a Thrift structure in compact protocol); undefined when it is damaged. */
function pageHeader(bytes: Uint8Array, start: number, end: number): Page | undefined {
  let at = start
  const byte = (): number => (at < end ? bytes[at++] : Number.NaN)
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const next = byte()
      value += (next & 127) * 2 ** shift
      if (!(next & 128)) return Number.isNaN(next) ? Number.NaN : value
    }
    return Number.NaN
  }
  const zigzag = (): number => {
    const n = varint()
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2
  }
  /** Skips a value, or hands out the integers of a structure by their field numbers, one level down. */
  const value = (type: number, depth: number, into?: Map<number, number>, path = 0): boolean => {
    if (depth > 8) return false
    if (type === 1 || type === 2) return true
    if (type === 3) return !Number.isNaN(byte())
    if (type >= 4 && type <= 6) {
      const n = zigzag()
      into?.set(path, n)
      return !Number.isNaN(n)
    }
    if (type === 7) {
      at += 8
      return at <= end
    }
    if (type === 8) {
      const length = varint()
      at += length
      return at <= end
    }
    if (type === 9 || type === 10) {
      const head = byte()
      const length = head >> 4 === 15 ? varint() : head >> 4
      for (let k = 0; k < length; k++) if (at >= end || !value(head & 15, depth + 1)) return false
      return !Number.isNaN(length)
    }
    if (type !== 12) return false
    for (let id = 0; ; ) {
      const head = byte()
      if (Number.isNaN(head)) return false
      if (head === 0) return true
      id = head >> 4 ? id + (head >> 4) : zigzag()
      if (!value(head & 15, depth + 1, depth < 2 ? into : undefined, path * 100 + id)) return false
    }
  }
  const fields = new Map<number, number>()
  if (!value(12, 0, fields)) return undefined
  const count = (kind: number): number => fields.get(kind * 100 + countField) ?? 0
  return {
    data: at,
    size: fields.get(field.compressed) ?? Number.NaN,
    unpacked: fields.get(field.uncompressed) ?? Number.NaN,
    values: count(field.dataPage) + count(field.dataPage2),
    dictionary: count(field.dictionaryPage)
  }
}
