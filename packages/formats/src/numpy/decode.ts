import { fromNumber, type Rational, rational } from '@nadir/arithmetic'
import type { Table } from '@nadir/landscape'
import { InputError } from '../errors.ts'
import { assertFinite } from '../float-parameters.ts'
import { mostCells, mostKept } from '../limits.ts'
import type { DecodedModel } from '../model.ts'
import { parseNetwork } from '../network-text.ts'
import { type ArchitectureSource, decodeTensors } from '../tensors/decode.ts'
import { elementCount, type NamedTensor } from '../tensors/named-tensor.ts'
import { isZip, unzip } from '../zip.ts'
import { decodeNpy, type NumpyArray } from './npy.ts'

/** The arrays of a `.npz` archive by name, in its order; a single array (`.npy`) has the name ''. @throws InputError */
function decodeArrays(bytes: Uint8Array, name: string): ReadonlyMap<string, NumpyArray> {
  if (!isZip(bytes)) return new Map([['', decodeNpy(bytes, name)]])
  const arrays = new Map<string, NumpyArray>()
  for (const [file, content] of unzip(bytes, name)) {
    if (!file.endsWith('.npy')) throw new InputError(`${name}: "${file}" is no array: not written by numpy.savez`)
    arrays.set(file.slice(0, -'.npy'.length), decodeNpy(content, `${name}: ${file}`))
  }
  if (arrays.size === 0) throw new InputError(`${name}: the archive holds no arrays`)
  return arrays
}

function asTensor(name: string, { shape, type, entry }: NumpyArray, file: string): NamedTensor {
  const where = `${file}: array "${name}"`
  const values = (): Float64Array => {
    if (!type.startsWith('float'))
      throw new InputError(`${where} is ${type}; parameters are float64, float32 or float16`)
    const out = Float64Array.from({ length: elementCount(shape) }, (_, k) => Number(entry(k)))
    assertFinite(out, where)
    return out
  }
  return { name, shape, where: file, type, values }
}

/** The pieces of one long vector, as `torch.nn.utils.parameters_to_vector` joins them. */
function piecesOf(vector: NamedTensor, network: string): readonly NamedTensor[] {
  const { inputs, layers } = parseNetwork(network)
  let all: Float64Array | undefined
  let width = inputs[0]
  let start = 0
  return layers.flatMap((layer, l): NamedTensor[] => {
    if (layer.kind !== 'dense') return []
    const shapes = [[layer.outputs, width], ...(layer.bias ? [[layer.outputs]] : [])]
    width = layer.outputs
    return shapes.map((shape): NamedTensor => {
      const from = start
      start += elementCount(shape)
      const values = () => {
        all ??= vector.values()
        return all.subarray(from, from + elementCount(shape))
      }
      return { ...vector, name: `${l}.${shape.length === 2 ? 'weight' : 'bias'}`, shape, values }
    })
  })
}

/**
 * A network whose parameters are the arrays of a `.npz` archive, or the entries of one vector in a `.npy` file in the
 * order of its layers, each number exactly as stored. @throws InputError
 */
export function decodeNumpyModel(bytes: Uint8Array, name: string, source: ArchitectureSource = {}): DecodedModel {
  const arrays = [...decodeArrays(bytes, name)].map(([key, array]) => asTensor(key, array, name))
  const file = { name, kind: 'NumPy arrays', notes: [] }
  const [vector] = arrays
  if (arrays.length > 1 || vector.shape.length !== 1 || source.network === undefined)
    return decodeTensors({ ...file, tensors: arrays }, source)
  const tensors = piecesOf(vector, source.network)
  const needed = tensors.reduce((n, t) => n + elementCount(t.shape), 0)
  if (needed !== vector.shape[0])
    throw new InputError(`${name}: holds ${vector.shape[0]} numbers, but "${source.network}" has ${needed} parameters`)
  return decodeTensors({ ...file, tensors }, source)
}

/**
 * The arrays as a table, every entry exact: an array of n numbers is one column with its name, an n x d array d columns
 * `x0`, `x1`, ... (further axes are joined); a single array has columns `c0`, `c1`, ... @throws InputError
 */
export function decodeNumpyTable(bytes: Uint8Array, name: string): Table {
  const columns: string[] = []
  const parts: { readonly array: NumpyArray; readonly width: number }[] = []
  let length: number | undefined
  for (const [key, array] of decodeArrays(bytes, name)) {
    const [rows, ...rest] = array.shape
    const word = key === '' ? 'the array' : `array "${key}"`
    if (rows === undefined || elementCount(array.shape) === 0)
      throw new InputError(`${name}: ${word} of shape (${array.shape.join(', ')}) has no rows`)
    length ??= rows
    if (rows !== length) throw new InputError(`${name}: ${word} has ${rows} rows, the one before it ${length}`)
    const width = elementCount(rest)
    if (width === 1 && key !== '') columns.push(key)
    else for (let k = 0; k < width; k++) columns.push(`${key === '' ? 'c' : key}${k}`)
    if (columns.length * length > mostCells) throw new InputError(`${name}: more than ${mostCells} cells`)
    parts.push({ array, width })
  }
  const seen = new Set<string>()
  for (const column of columns)
    if (seen.size === seen.add(column).size) throw new InputError(`${name}: two columns would be named "${column}"`)
  const exact = exactNumbers(name)
  const rows = Array.from({ length: length! }, (_, i) =>
    parts.flatMap(({ array, width }) =>
      Array.from({ length: width }, (_, k) => exact(array.entry(i * width + k), i, k))
    )
  )
  return { columns, rows }
}

/** The exact numbers of a table; those that repeat are one object, so that packed repetitions stay small. */
function exactNumbers(name: string): (value: number | bigint, row: number, column: number) => Rational {
  const kept = new Map<number | bigint, Rational>()
  return (value, row, column) => {
    const known = kept.get(value)
    if (known) return known
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new InputError(`${name}: row ${row + 1}, entry ${column}: ${value} is not a number to compute with`)
    const number = typeof value === 'bigint' ? rational(value) : fromNumber(value)
    if (kept.size < mostKept) kept.set(value, number)
    return number
  }
}
