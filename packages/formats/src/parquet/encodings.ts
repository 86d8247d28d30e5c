import { halfToNumber } from '../small-floats.ts'
import type { ParquetColumn } from './metadata.ts'

/** A number of a column as it is stored; a decimal without its point. */
export type Stored = number | bigint

/** Bytes of a page, read in order. @throws Error past the end */
export interface PageBytes {
  readonly bytes: Uint8Array
  at: number
}

function take(page: PageBytes, length: number): Uint8Array {
  if (!(length >= 0 && length <= page.bytes.length - page.at)) throw new Error('a page ends too early')
  page.at += length
  return page.bytes.subarray(page.at - length, page.at)
}

function unsigned(page: PageBytes): bigint {
  let value = 0n
  for (let k = 0n; k < 10n; k++) {
    const [byte] = take(page, 1)
    value |= BigInt(byte & 127) << (7n * k)
    if (byte < 128) return value
  }
  throw new Error('an integer of more than 64 bits')
}
const signed = (page: PageBytes): bigint => {
  const n = unsigned(page)
  return n & 1n ? -((n + 1n) >> 1n) : n >> 1n
}

/** Bits `from` to `from + width` of bytes, lowest first. */
function bitsAt(bytes: Uint8Array, from: number, width: number): number {
  let value = 0
  for (let k = 0; k < width; ) {
    const shift = (from + k) & 7
    const taken = Math.min(8 - shift, width - k)
    value += ((bytes[(from + k) >> 3] >> shift) & ((1 << taken) - 1)) * 2 ** k
    k += taken
  }
  return value
}

/** `count` integers of `width` bits in runs: repeated, or packed eight at a time. Never more than `count`. */
export function readRuns(page: PageBytes, width: number, count: number): Uint32Array {
  if (width > 32) throw new Error(`runs of ${width} bits`)
  const out = new Uint32Array(count)
  for (let seen = 0; seen < count; ) {
    const head = Number(unsigned(page))
    if (head % 2 === 0) {
      const length = head / 2
      const bytes = take(page, Math.ceil(width / 8))
      if (length === 0) throw new Error('a run of no values')
      out.fill(bitsAt(bytes, 0, width), seen, Math.min(count, seen + length))
      seen += length
      continue
    }
    const length = 8 * ((head - 1) / 2)
    // The last run may be cut off after the bytes that count.
    const needed = Math.min(length, count - seen)
    if (length === 0) throw new Error('a run of no values')
    const bytes = take(
      page,
      Math.min((length * width) / 8, Math.max(Math.ceil((needed * width) / 8), page.bytes.length - page.at))
    )
    for (let k = 0; k < needed; k++) out[seen + k] = bitsAt(bytes, k * width, width)
    seen += length
  }
  return out
}

/** The integer in bytes, big-endian two's complement. */
function decimalOf(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(8 * bytes.length, value)
}

const sizes = { boolean: 0, int32: 4, int64: 8, float: 4, double: 8, bytes: 0, fixed: 0 } as const

/** The number in the bytes of one entry. */
function single({ type, meaning }: ParquetColumn, view: DataView, at: number, size: number): Stored {
  switch (type) {
    case 'int32':
      return meaning === 'unsigned' ? view.getUint32(at, true) : view.getInt32(at, true)
    case 'int64':
      return meaning === 'unsigned' ? view.getBigUint64(at, true) : view.getBigInt64(at, true)
    case 'float':
      return view.getFloat32(at, true)
    case 'double':
      return view.getFloat64(at, true)
    default:
      return meaning === 'half'
        ? halfToNumber(view.getUint16(at, true))
        : decimalOf(new Uint8Array(view.buffer, view.byteOffset + at, size))
  }
}

const sizeOf = (column: ParquetColumn): number => (column.type === 'fixed' ? column.size : sizes[column.type])

function fromBytes(column: ParquetColumn, bytes: Uint8Array, count: number): Stored[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = sizeOf(column)
  return Array.from({ length: count }, (_, k) => single(column, view, k * size, size))
}

/** `count` numbers one after another. */
export function readPlain(page: PageBytes, column: ParquetColumn, count: number): Stored[] {
  if (column.type === 'boolean') {
    const bytes = take(page, Math.ceil(count / 8))
    return Array.from({ length: count }, (_, k) => bitsAt(bytes, k, 1))
  }
  if (column.type !== 'bytes') return fromBytes(column, take(page, count * sizeOf(column)), count)
  const out: Stored[] = []
  for (let k = 0; k < count; k++) {
    const length = take(page, 4).reduce((sum, byte, i) => sum + byte * 256 ** i, 0)
    if (length > 1024) throw new Error(`a decimal of ${length} bytes`)
    out.push(decimalOf(take(page, length)))
  }
  return out
}

/** `count` numbers whose first bytes stand together, then the second ones, and so on. */
export function readSplit(page: PageBytes, column: ParquetColumn, count: number): Stored[] {
  const size = sizeOf(column)
  if (size === 0) throw new Error('split bytes of numbers without a size')
  const split = take(page, count * size)
  const joined = new Uint8Array(split.length)
  for (let k = 0; k < count; k++) for (let b = 0; b < size; b++) joined[k * size + b] = split[b * count + k]
  return fromBytes(column, joined, count)
}

/** `count` integers as differences, packed in blocks (DELTA_BINARY_PACKED). */
export function readDeltas(page: PageBytes, column: ParquetColumn, count: number): Stored[] {
  if (column.type !== 'int32' && column.type !== 'int64') throw new Error('differences of what are no integers')
  const bits = column.type === 'int32' ? 32 : 64
  const [block, parts] = [Number(unsigned(page)), Number(unsigned(page))]
  const total = Number(unsigned(page))
  const each = block / parts
  if (total !== count || !(parts >= 1 && parts <= 512) || each % 8 !== 0 || !(each >= 8 && each <= 1 << 20))
    throw new Error('damaged differences')
  let value = signed(page)
  const out: bigint[] = count > 0 ? [value] : []
  while (out.length < count) {
    const least = signed(page)
    const widths = take(page, parts)
    for (let part = 0; part < parts && out.length < count; part++) {
      const width = widths[part]
      if (width > 64) throw new Error(`differences of ${width} bits`)
      const bytes = take(page, (each * width) / 8)
      for (let k = 0; k < each && out.length < count; k++) {
        const low = bitsAt(bytes, k * width, Math.min(width, 32))
        const high = width > 32 ? bitsAt(bytes, k * width + 32, width - 32) : 0
        value = BigInt.asIntN(bits, value + least + BigInt(low) + (BigInt(high) << 32n))
        out.push(value)
      }
    }
  }
  const isUnsigned = column.meaning === 'unsigned'
  return bits === 64
    ? out.map((n) => (isUnsigned ? BigInt.asUintN(64, n) : n))
    : out.map((n) => Number(isUnsigned ? BigInt.asUintN(32, n) : n))
}
