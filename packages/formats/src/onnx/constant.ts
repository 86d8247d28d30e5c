import { transposed } from '../float-parameters.ts'
import { mostValues } from '../limits.ts'
import { floatReaders, floatsOf } from '../small-floats.ts'
import { elementTypes, type OnnxTensor } from './messages.ts'

/** A constant of the graph: its numbers, each exactly a double (integers below 2^53), row-major. */
export interface Constant {
  readonly label: string
  readonly shape: readonly number[]
  readonly values: Float64Array
  readonly type: 'float64' | 'float32' | 'float16' | 'bfloat16' | 'integer'
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const floatNames = new Map(
  (['float32', 'float64', 'float16', 'bfloat16'] as const).map((name) => [elementTypes[name] as number, name])
)
const integerBytes = new Map<number, number>([
  [elementTypes.int64, 8],
  [elementTypes.int32, 4],
  [elementTypes.bool, 1]
])

function storedIntegers(raw: Uint8Array, size: number): Float64Array {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  return Float64Array.from({ length: Math.floor(raw.length / size) }, (_, i) => {
    if (size === 8) return Number(view.getBigInt64(8 * i, true))
    return size === 4 ? view.getInt32(4 * i, true) : raw[i]
  })
}

/** Half floats that are not in raw bytes stand bit by bit in the integer field. */
const fromBits = (bits: readonly number[], type: 'float16' | 'bfloat16'): Float64Array =>
  floatsOf(new Uint8Array(Uint16Array.from(bits).buffer), type)

/** The bytes of a tensor that is stored in another file: at `offset`, as many as its type and shape need. */
function outside(
  { outside: place }: OnnxTensor,
  bytes: number,
  read: (location: string) => Uint8Array
): Uint8Array | string {
  const [offset, length] = ['offset', 'length'].map((key) => {
    const text = place.get(key)
    return text === undefined ? undefined : /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  })
  const location = place.get('location') ?? ''
  const from = offset ?? 0
  const file = read(location)
  if ((length !== undefined && length !== bytes) || !(from + bytes <= file.length))
    return `needs ${bytes} bytes at byte ${from} of "${location}" (${file.length} bytes), declared are ${length ?? 'all'}`
  return file.subarray(from, from + bytes)
}

/** The numbers of a tensor; what is wrong with it, as text, when they cannot be had. */
export function constantOf(tensor: OnnxTensor, external?: (location: string) => Uint8Array): Constant | string {
  const label = `"${tensor.name}"`
  const at = `tensor ${label} (byte ${tensor.offset})`
  if (tensor.external && !external)
    return `${at} is stored in another file, which only a model read by its path can have`
  const float = floatNames.get(tensor.type)
  const integer = integerBytes.get(tensor.type)
  if (float === undefined && integer === undefined)
    return `${at} has element type ${tensor.type}; read are float32, float64, float16, bfloat16 and integers`
  const { dims: shape } = tensor
  const count = product(shape)
  if (shape.some((n) => n < 0) || !(count <= mostValues)) return `${at} declares shape [${shape.join(', ')}]`
  const size = float ? floatReaders[float].bytes : integer!
  const raw = tensor.external ? outside(tensor, count * size, external!) : tensor.raw
  if (typeof raw === 'string') return `${at} ${raw}`
  if (raw && raw.length !== count * size)
    return `${at} declares shape [${shape.join(', ')}], ${count} numbers of ${size} bytes, but holds ${raw.length} bytes`
  let values: Float64Array
  if (raw) values = float ? floatsOf(raw, float) : storedIntegers(raw, size)
  else if (float === 'float16' || float === 'bfloat16') values = fromBits(tensor.integers, float)
  else if (float) values = Float64Array.from(float === 'float32' ? tensor.floats : tensor.doubles)
  else values = Float64Array.from(tensor.integers)
  if (values.length !== count)
    return `${at} declares shape [${shape.join(', ')}], ${count} numbers, but holds ${values.length}`
  return { label, shape, values, type: float ?? 'integer' }
}

/** The constant with axes permuted (reversed when `permutation` is empty); undefined unless it has at most two axes. */
export function transposeConstant(c: Constant, permutation: readonly number[]): Constant | undefined {
  const order = permutation.length === 0 ? c.shape.map((_, i) => c.shape.length - 1 - i) : permutation
  if (order.toSorted((a, b) => a - b).join() !== c.shape.map((_, i) => i).join()) return undefined
  if (order.every((axis, i) => axis === i)) return c
  if (c.shape.length !== 2) return undefined
  return { ...c, shape: c.shape.toReversed(), values: transposed(c.values, c.shape[0]) }
}

/** The single number of a constant with one entry. */
export const scalarOf = (c: Constant): number | undefined => (c.values.length === 1 ? c.values[0] : undefined)
