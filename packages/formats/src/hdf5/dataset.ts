import { unzlibSync } from 'fflate'
import { mostEntries, mostValues } from '../limits.ts'
import { elementCount } from '../tensors/named-tensor.ts'
import { type Hdf5Bytes, nowhere } from './bytes.ts'
import { readDataspace, readDatatype } from './datatype.ts'
import type { Message } from './object.ts'

/** An array of numbers in an HDF5 file. */
export interface Dataset {
  readonly shape: readonly number[]
  /** `float32`, or in words what it holds that is no number. */
  readonly type: string
  /** Byte of its description. */
  readonly at: number
  /** The entries row-major, as numbers. @throws InputError */
  readonly values: () => Float64Array
}

interface Filter {
  readonly id: number
  readonly client: number
}

function readFilters(file: Hdf5Bytes, message: Message | undefined): readonly Filter[] {
  if (!message) return []
  const version = file.unsigned(message.at, 1)
  const count = file.unsigned(message.at + 1, 1)
  let at = message.at + (version === 1 ? 8 : 2)
  return Array.from({ length: count }, () => {
    const id = file.unsigned(at, 2)
    const named = version === 1 || id >= 256
    const name = named ? file.unsigned(at + 2, 2) : 0
    at += named ? 6 : 4
    const values = file.unsigned(at, 2)
    at += 2 + (version === 1 ? 8 * Math.ceil(name / 8) : name)
    const client = values > 0 ? file.unsigned(at, 4) : 0
    at += 4 * values + (version === 1 && values % 2 === 1 ? 4 : 0)
    return { id, client }
  })
}

/** Bytes of a chunk after its filters, undone last first. */
function unfiltered(
  file: Hdf5Bytes,
  at: number,
  stored: Uint8Array,
  filters: readonly Filter[],
  mask: number,
  size: number
): Uint8Array {
  let bytes = stored
  for (const [k, { id, client }] of [...filters.entries()].reverse()) {
    if (mask & (1 << k)) continue
    if (id === 1) {
      try {
        bytes = unzlibSync(bytes, { out: new Uint8Array(size + 4) })
      } catch (error) {
        file.fail(at, `a chunk does not unpack (${(error as Error).message})`)
      }
      bytes = bytes.subarray(0, Math.min(bytes.length, size + 4))
    } else if (id === 2) bytes = unshuffled(bytes, client)
    else if (id === 3) bytes = bytes.subarray(0, Math.max(0, bytes.length - 4))
    else file.fail(at, `filter ${id} is not read; gzip, shuffle and fletcher32 are`)
  }
  if (bytes.length < size) file.fail(at, `a chunk holds ${bytes.length} bytes, expected ${size}`)
  return bytes
}

function unshuffled(bytes: Uint8Array, size: number): Uint8Array {
  const count = size > 0 ? Math.floor(bytes.length / size) : 0
  const out = bytes.slice()
  for (let byte = 0; byte < size; byte++) for (let k = 0; k < count; k++) out[k * size + byte] = bytes[byte * count + k]
  return out
}

export function readDataset(file: Hdf5Bytes, of: (type: number) => Message | undefined): Dataset | undefined {
  const [space, datatype, layout] = [of(1), of(3), of(8)]
  if (!space || !datatype || !layout) return undefined
  const shape = readDataspace(file, space.at)
  const type = readDatatype(file, datatype.at)
  const { at } = layout
  const name = type.kind === 'text' ? 'texts' : type.name
  const values = (): Float64Array => {
    if (type.kind !== 'float' && type.kind !== 'integer') return file.fail(at, `a dataset of ${name}, expected numbers`)
    const count = elementCount(shape)
    if (!(count <= mostValues)) file.fail(at, `a dataset of ${count} entries is too large`)
    const version = file.unsigned(at, 1)
    const kind = file.unsigned(at + 1, 1)
    if (version !== 3 && !(version === 4 && kind < 2)) file.fail(at, `layout version ${version} is not read`)
    const numbers = (bytes: Uint8Array): Float64Array => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      return Float64Array.from({ length: Math.floor(bytes.length / type.size) }, (_, k) =>
        type.read(view, k * type.size)
      )
    }
    if (kind === 0) return numbers(file.slice(at + 4, count * type.size))
    if (kind === 1) {
      const from = file.unsigned(at + 2, 8)
      // Storage that was never written holds zeros.
      if (from === nowhere) return new Float64Array(boundedByFile(file, at, count))
      return numbers(file.slice(from, count * type.size))
    }
    if (kind !== 2) file.fail(at, `layout class ${kind} is not read`)
    const rank = file.unsigned(at + 2, 1) - 1
    if (rank !== shape.length) file.fail(at, `chunks of ${rank} dimensions for ${shape.length}`)
    const chunk = Array.from({ length: rank }, (_, axis) => file.unsigned(at + 11 + 4 * axis, 4))
    const entries = elementCount(chunk)
    if (!(entries >= 1 && entries <= mostValues)) file.fail(at, `chunks of ${entries} entries`)
    const out = new Float64Array(boundedByFile(file, at, count))
    const filters = readFilters(file, of(11))
    const pieces = chunksOf(file, file.unsigned(at + 3, 8), rank)
    const tiles = shape.reduce((n, size, axis) => n * Math.ceil(size / chunk[axis]), 1)
    if (pieces.length > tiles) file.fail(at, `${pieces.length} chunks where ${tiles} fill the dataset`)
    boundedByFile(file, at, tiles * entries)
    for (const piece of pieces) {
      const stored = file.slice(piece.at, piece.size)
      place(
        numbers(unfiltered(file, piece.at, stored, filters, piece.mask, entries * type.size)),
        chunk,
        piece.offset,
        out,
        shape
      )
    }
    return out
  }
  return { shape, type: name, at: layout.at, values }
}

/** Deflate packs at most 1032 to 1: a file that declares more entries than that does not mean it. */
function boundedByFile(file: Hdf5Bytes, at: number, entries: number): number {
  return entries <= 1100 * file.bytes.length ? entries : file.fail(at, `${entries} entries are too many for this file`)
}

interface Piece {
  readonly at: number
  readonly size: number
  readonly mask: number
  readonly offset: readonly number[]
}

/** The chunks of a dataset, from its B-tree. */
function chunksOf(file: Hdf5Bytes, root: number, rank: number): readonly Piece[] {
  const pieces: Piece[] = []
  const seen = new Set<number>()
  const open = root === nowhere ? [] : [root]
  const keySize = 8 + 8 * (rank + 1)
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.size === seen.add(node).size || seen.size > mostEntries) file.fail(node, 'a tree that holds itself')
    file.signature(node, 'TREE')
    const level = file.unsigned(node + 5, 1)
    const count = file.unsigned(node + 6, 2)
    for (let k = 0; k < count; k++) {
      const key = node + 24 + k * (keySize + 8)
      const child = file.unsigned(key + keySize, 8)
      if (level > 0) open.push(child)
      else
        pieces.push({
          at: child,
          size: file.unsigned(key, 4),
          mask: file.unsigned(key + 4, 4),
          offset: Array.from({ length: rank }, (_, axis) => file.unsigned(key + 8 + 8 * axis, 8))
        })
      if (pieces.length > mostEntries) file.fail(node, 'too many chunks')
    }
  }
  return pieces
}

/** Copies a chunk to its place; what lies over the edge is left out. */
function place(
  values: Float64Array,
  chunk: readonly number[],
  offset: readonly number[],
  out: Float64Array,
  shape: readonly number[]
): void {
  for (let k = 0; k < values.length; k++) {
    let rest = k
    let to = 0
    let span = 1
    for (let axis = chunk.length - 1; axis >= 0; axis--) {
      const index = offset[axis] + (rest % chunk[axis])
      rest = Math.floor(rest / chunk[axis])
      if (index >= shape[axis]) to = Number.NaN
      to += index * span
      span *= shape[axis]
    }
    if (rest === 0 && !Number.isNaN(to)) out[to] = values[k]
  }
}
