import { InputError } from '../errors.ts'
import { mostCells } from '../limits.ts'
import { halfToNumber } from '../small-floats.ts'
import { elementCount } from '../tensors/named-tensor.ts'

/** An array as NumPy stores it: entry k in row-major order, exactly. */
export interface NumpyArray {
  readonly shape: readonly number[]
  /** `float64`, `int32`, `bool`, ... */
  readonly type: string
  readonly entry: (k: number) => number | bigint
}

type Read = (view: DataView, at: number, little: boolean) => number | bigint
const readers: Readonly<Record<string, readonly [string, Read]>> = {
  f8: ['float64', (v, at, little) => v.getFloat64(at, little)],
  f4: ['float32', (v, at, little) => v.getFloat32(at, little)],
  f2: ['float16', (v, at, little) => halfToNumber(v.getUint16(at, little))],
  i8: ['int64', (v, at, little) => v.getBigInt64(at, little)],
  i4: ['int32', (v, at, little) => v.getInt32(at, little)],
  i2: ['int16', (v, at, little) => v.getInt16(at, little)],
  i1: ['int8', (v, at) => v.getInt8(at)],
  u8: ['uint64', (v, at, little) => v.getBigUint64(at, little)],
  u4: ['uint32', (v, at, little) => v.getUint32(at, little)],
  u2: ['uint16', (v, at, little) => v.getUint16(at, little)],
  u1: ['uint8', (v, at) => v.getUint8(at)],
  b1: ['bool', (v, at) => (v.getUint8(at) === 0 ? 0 : 1)]
}

const longestHeader = 1 << 16
// The header is a Python literal, written by one function in one way; keys stand in any order.
const header = /^\{((?:\s*'(?:descr|fortran_order|shape)'\s*:\s*(?:'[^']*'|True|False|\([\d\s,]*\))\s*,?){3})\s*\}\s*$/

function field(text: string, key: string, value: RegExp): string | undefined {
  return new RegExp(`'${key}'\\s*:\\s*${value.source}`).exec(text)?.[1]
}

/** The array in the bytes of a `.npy` file (format 1 to 3). @throws InputError with the byte */
export function decodeNpy(bytes: Uint8Array, name: string): NumpyArray {
  const fail = (at: number, message: string): never => {
    throw new InputError(`${name}: byte ${at}: ${message}`)
  }
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
  if (bytes.length < 12 || magic.some((byte, k) => bytes[k] !== byte)) fail(0, 'not a NumPy array')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const major = bytes[6]
  if (major < 1 || major > 3) fail(6, `format ${major} is not known`)
  const begin = major === 1 ? 10 : 12
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > Math.min(longestHeader, bytes.length - begin)) fail(8, `a header of ${length} bytes does not fit`)
  const text = new TextDecoder('latin1').decode(bytes.subarray(begin, begin + length))
  const inside = header.exec(text)?.[1] ?? fail(begin, 'the header is not understood (arrays of records are not read)')
  const descr = field(inside, 'descr', /'([^']*)'/)
  const order = field(inside, 'fortran_order', /(True|False)/)
  const sizes = field(inside, 'shape', /\(([\d\s,]*)\)/)
  if (descr === undefined || order === undefined || sizes === undefined) return fail(begin, 'the header is incomplete')
  const [, endian, code] = /^([<>|=])([a-z]\d+)$/.exec(descr) ?? []
  if (/^[|<>=]?O/.test(descr)) fail(begin, 'holds Python objects, which are not read')
  if (code === undefined || !Object.hasOwn(readers, code)) fail(begin, `entries of type "${descr}" are not read`)
  const [type, read] = readers[code]
  const size = Number(code.slice(1))
  const shape = sizes
    .split(',')
    .map((n) => n.trim())
    .filter((n) => n !== '')
    .map(Number)
  const count = elementCount(shape)
  if (!(count <= 8 * mostCells) || shape.length > 32) fail(begin, `shape (${shape.join(', ')}) is too large`)
  const data = begin + length
  if (bytes.length - data !== count * size)
    fail(data, `shape (${shape.join(', ')}) of ${type} needs ${count * size} bytes, found ${bytes.length - data}`)
  const little = endian !== '>'
  const place = order === 'True' ? columnMajor(shape) : (k: number) => k
  return { shape, type, entry: (k) => read(view, data + size * place(k), little) }
}

/** Where entry k in row-major order stands in column-major order. */
const columnMajor =
  (shape: readonly number[]) =>
  (k: number): number => {
    let place = 0
    let rest = k
    let span = elementCount(shape)
    // From the last axis to the first: its stride is the product of all sizes before it.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      span /= shape[axis]
      place += (rest % shape[axis]) * span
      rest = Math.floor(rest / shape[axis])
    }
    return place
  }
