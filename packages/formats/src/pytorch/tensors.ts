import { InputError } from '../errors.ts'
import { assertFinite } from '../float-parameters.ts'
import { mostValues } from '../limits.ts'
import { type FloatType, floatReaders } from '../small-floats.ts'
import { elementCount, type NamedTensor } from '../tensors/named-tensor.ts'
import { isCall, isGlobal, isList, isPersistent, type PickleValue } from './pickle.ts'

/** The bytes of a storage by its key; undefined when there is none. */
export type Storages = (key: string) => Uint8Array | undefined

const storageTypes: Readonly<Record<string, FloatType>> = {
  'torch.DoubleStorage': 'float64',
  'torch.FloatStorage': 'float32',
  'torch.HalfStorage': 'float16',
  'torch.BFloat16Storage': 'bfloat16'
}

const rebuilds = ['torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor']
const wrappers = [
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
  'torch.nn.parameter.Parameter'
]

/** The call that rebuilds a tensor, a parameter's being inside; undefined for any other value. */
export function tensorCall(value: PickleValue): readonly PickleValue[] | undefined {
  if (!isCall(value)) return undefined
  if (rebuilds.includes(value.of)) return value.given
  const inner = wrappers.includes(value.of) ? value.given[0] : undefined
  return isCall(inner) && rebuilds.includes(inner.of) ? inner.given : undefined
}

function counts(value: PickleValue | undefined, what: string, where: string): readonly number[] {
  const items = isList(value) ? value.items : undefined
  if (
    !items?.every((n): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0) ||
    items.length > 16
  )
    throw new InputError(`${where}: its ${what} is no list of whole numbers`)
  return items
}

/**
 * The tensor that such a call describes: a view of a storage by offset, sizes and strides, every place checked against
 * the storage. @throws InputError
 */
export function rebuiltTensor(
  given: readonly PickleValue[],
  name: string,
  storages: Storages,
  file: string,
  allowance: { entries: number }
): NamedTensor {
  const where = `${file}: tensor "${name}"`
  const id = isPersistent(given[0]) && isList(given[0].id) ? given[0].id.items : []
  const [word, type, key, , , view] = id
  if (word !== 'storage' || !isGlobal(type) || (typeof key !== 'string' && typeof key !== 'number'))
    throw new InputError(`${where} has no storage that can be read`)
  const [shape, strides] = [counts(given[2], 'shape', where), counts(given[3], 'stride', where)]
  const offset = counts({ kind: 'list', items: [given[1]] }, 'offset', where)[0] + viewOffset(view, where)
  if (shape.length !== strides.length)
    throw new InputError(`${where}: ${shape.length} sizes, ${strides.length} strides`)
  const count = elementCount(shape)
  if (!(count <= mostValues)) throw new InputError(`${where}: shape [${shape.join(', ')}] has too many entries`)
  const float = storageTypes[type.name]
  const values = (): Float64Array => {
    if (!float) throw new InputError(`${where} is of type ${type.name}; parameters are Double, Float, Half or BFloat16`)
    const { bytes: size, read } = floatReaders[float]
    const stored = storages(String(key))
    if (!stored) throw new InputError(`${where}: its storage ${key} is missing`)
    const last = count === 0 ? -1 : offset + shape.reduce((sum, n, axis) => sum + (n - 1) * strides[axis], 0)
    const held = Math.floor(stored.length / size)
    if (!(last < held)) throw new InputError(`${where} reaches entry ${last} of a storage of ${held}`)
    allowance.entries -= count
    if (allowance.entries < 0)
      throw new InputError(`${where}: tensors share storages too often for a file of this size`)
    const memory = new DataView(stored.buffer, stored.byteOffset, stored.byteLength)
    const out = new Float64Array(count)
    for (let k = 0; k < count; k++) {
      let place = offset
      for (let axis = shape.length - 1, rest = k; axis >= 0; axis--) {
        place += (rest % shape[axis]) * strides[axis]
        rest = Math.floor(rest / shape[axis])
      }
      out[k] = read(memory, place * size)
    }
    assertFinite(out, where)
    return out
  }
  return { name, shape, where: file, type: float ?? type.name, values }
}

/** Files before 2017 name views of storages: (key, offset, size). */
function viewOffset(view: PickleValue | undefined, where: string): number {
  if (view === undefined || view === null) return 0
  if (!isList(view)) throw new InputError(`${where}: its storage is no view that can be read`)
  return counts({ kind: 'list', items: view.items.slice(1, 2) }, 'view', where)[0] ?? 0
}
