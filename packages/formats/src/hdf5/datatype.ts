import { halfToNumber } from '../small-floats.ts'
import { type Hdf5Bytes, nowhere } from './bytes.ts'

/** Shape of a dataset or attribute; [] for one value. */
export function readDataspace(file: Hdf5Bytes, at: number): readonly number[] {
  const version = file.unsigned(at, 1)
  const rank = file.unsigned(at + 1, 1)
  if (version !== 1 && version !== 2) file.fail(at, `dataspace version ${version} is not known`)
  if (version === 2 && file.unsigned(at + 3, 1) === 2) return [0]
  const from = at + (version === 1 ? 8 : 4)
  return Array.from({ length: rank }, (_, axis) => file.unsigned(from + 8 * axis, 8))
}

/** How entries are stored: numbers that are read, texts, or something else in words. */
export type Hdf5Type =
  | {
      readonly kind: 'float' | 'integer'
      readonly name: string
      readonly size: number
      readonly read: (v: DataView, at: number) => number
    }
  | { readonly kind: 'text'; readonly size: number; readonly shared: boolean }
  | { readonly kind: 'other'; readonly name: string; readonly size: number }

const floats: Readonly<Record<number, (v: DataView, at: number, little: boolean) => number>> = {
  8: (v, at, little) => v.getFloat64(at, little),
  4: (v, at, little) => v.getFloat32(at, little),
  2: (v, at, little) => halfToNumber(v.getUint16(at, little))
}
const integers: Readonly<Record<number, (v: DataView, at: number, little: boolean) => number>> = {
  8: (v, at, little) => Number(v.getBigInt64(at, little)),
  4: (v, at, little) => v.getInt32(at, little),
  2: (v, at, little) => v.getInt16(at, little),
  1: (v, at) => v.getInt8(at)
}
/** Places of sign, exponent and mantissa of the IEEE formats: precision, exponent at and size, mantissa at and size. */
const ieee: Readonly<Record<number, string>> = { 8: '64,52,11,0,52', 4: '32,23,8,0,23', 2: '16,10,5,0,10' }
const classes = [
  'integers',
  'floats',
  'times',
  'texts',
  'bit fields',
  'opaque values',
  'records',
  'references',
  'enumerations',
  'lists',
  'arrays'
]

export function readDatatype(file: Hdf5Bytes, at: number): Hdf5Type {
  const kind = file.unsigned(at, 1) & 15
  const bits = file.unsigned(at + 1, 1)
  const size = file.unsigned(at + 4, 4)
  const little = (bits & 1) === 0
  if (kind === 1) {
    const read = floats[size]
    const places = [file.unsigned(at + 10, 2), ...[12, 13, 14, 15].map((k) => file.unsigned(at + k, 1))].join()
    if (read && places === ieee[size])
      return { kind: 'float', name: `float${8 * size}`, size, read: (v, from) => read(v, from, little) }
    return { kind: 'other', name: `floats of ${size} bytes`, size }
  }
  if (kind === 0 && integers[size])
    return { kind: 'integer', name: `int${8 * size}`, size, read: (v, from) => integers[size](v, from, little) }
  if (kind === 3) return { kind: 'text', size, shared: false }
  if (kind === 9 && (bits & 15) === 1) return { kind: 'text', size: 16, shared: true }
  return { kind: 'other', name: classes[kind] ?? `type ${kind}`, size }
}

/** The text that entry k of such values is; long ones stand apart, in a heap of the file. */
export function textAt(file: Hdf5Bytes, type: Extract<Hdf5Type, { kind: 'text' }>, at: number): string {
  if (!type.shared) return file.text(at, type.size)
  const length = file.unsigned(at, 4)
  const heap = file.unsigned(at + 4, 8)
  const wanted = file.unsigned(at + 12, 4)
  if (length === 0 || heap === nowhere || heap === 0) return ''
  file.signature(heap, 'GCOL')
  const end = heap + file.unsigned(heap + 8, 8)
  for (let object = heap + 16; object + 16 <= end; ) {
    const index = file.unsigned(object, 2)
    const size = file.unsigned(object + 8, 8)
    if (index === wanted) return file.text(object + 16, Math.min(length, size))
    if (index === 0) break
    object += 16 + 8 * Math.ceil(size / 8)
  }
  return file.fail(heap, `text ${wanted} is not in its heap`)
}
