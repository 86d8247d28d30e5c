import { InputError } from '../errors.ts'
import type { DecodedModel } from '../model.ts'
import { type ArchitectureSource, decodeTensors } from '../tensors/decode.ts'
import { isZip, unzip } from '../zip.ts'
import { isDictionary, isList, type PickleValue, unpickle } from './pickle.ts'
import { stateDictionary } from './state-dictionary.ts'
import type { Storages } from './tensors.ts'

const plainGlobals = [
  'collections.OrderedDict',
  'collections.defaultdict',
  'builtins.dict',
  'builtins.list',
  'builtins.set',
  'builtins.tuple',
  'builtins.int',
  'builtins.float',
  'argparse.Namespace',
  'numpy.dtype',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
  '_codecs.encode',
  'torch.Size',
  'torch.device',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
  'torch.nn.parameter.Parameter'
]
/** What state dictionaries and the checkpoints around them name; they are read as names only. */
const allowedGlobal = (name: string): boolean =>
  plainGlobals.includes(name) ||
  /^torch\.[A-Za-z0-9]+Storage$/.test(name) ||
  /^torch\.(storage\.)?(Typed|Untyped)Storage$/.test(name) ||
  /^torch\.(float|double|half|bfloat|int|uint|long|short|bool|complex)\d*$/.test(name)

function unpickled(
  bytes: Uint8Array,
  start: number,
  file: string
): { readonly value: PickleValue; readonly end: number } {
  try {
    return unpickle(bytes, start, file, allowedGlobal)
  } catch (error) {
    const { message } = error as Error
    if (error instanceof InputError && message.includes('refers to'))
      throw new InputError(
        `${message}: save the state dictionary, torch.save(model.state_dict(), "${file.split(':')[0]}")`
      )
    throw error
  }
}

/** A zip archive, as PyTorch writes since 1.6: `NAME/data.pkl` and one file for each storage. */
function fromArchive(bytes: Uint8Array, file: string): { value: PickleValue; storages: Storages } {
  const files = unzip(bytes, file)
  const pickle = [...files.keys()].find((name) => /^([^/]+\/)?data\.pkl$/.test(name))
  if (pickle === undefined) throw new InputError(`${file}: a zip archive without data.pkl: not written by torch.save`)
  const folder = pickle.slice(0, -'data.pkl'.length)
  if (files.has(`${folder}constants.pkl`))
    throw new InputError(
      `${file}: a TorchScript program; save the state dictionary, torch.save(model.state_dict(), ...)`
    )
  const order = files.get(`${folder}byteorder`)
  if (order && new TextDecoder().decode(order).trim() !== 'little')
    throw new InputError(`${file}: ${folder}byteorder: only little-endian storages are read`)
  const { value } = unpickled(files.get(pickle)!, 0, `${file}: ${pickle}`)
  return { value, storages: (key) => files.get(`${folder}data/${key}`) }
}

const legacyMagic = 0x1950a86a20f9469cfc6cn
const itemBytes: Readonly<Record<string, number>> = {
  DoubleStorage: 8,
  FloatStorage: 4,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
  ComplexFloatStorage: 8,
  ComplexDoubleStorage: 16
}

/** The format before 2020: pickles one after another, then each storage as a count and its numbers. */
function fromLegacy(bytes: Uint8Array, file: string): { value: PickleValue; storages: Storages } {
  if (bytes[0] !== 0x80) throw new InputError(`${file}: byte 0: not written by torch.save (no zip archive, no pickle)`)
  const magic = unpickled(bytes, 0, file)
  if (magic.value !== legacyMagic) throw new InputError(`${file}: byte 0: not written by torch.save`)
  const protocol = unpickled(bytes, magic.end, file)
  if (protocol.value !== 1001)
    throw new InputError(`${file}: byte ${magic.end}: protocol ${String(protocol.value)}, expected 1001`)
  const system = unpickled(bytes, protocol.end, file)
  if (!isDictionary(system.value) || system.value.entries.get('little_endian') !== true)
    throw new InputError(`${file}: byte ${protocol.end}: only little-endian storages are read`)
  const types = new Map<string, string>()
  const object = unpickled(bytes, system.end, file)
  storageTypes(object.value, types, new Set())
  const keys = unpickled(bytes, object.end, file)
  const storages = new Map<string, Uint8Array>()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = keys.end
  for (const key of isList(keys.value) ? keys.value.items : []) {
    const size = itemBytes[types.get(String(key)) ?? '']
    if (size === undefined)
      throw new InputError(`${file}: byte ${at}: nothing says of what type storage ${String(key)} is`)
    const count = at + 8 <= bytes.length ? Number(view.getBigUint64(at, true)) : Number.NaN
    const end = at + 8 + count * size
    if (!(end <= bytes.length))
      throw new InputError(`${file}: byte ${at}: storage ${String(key)} of ${count} numbers runs past the end`)
    storages.set(String(key), bytes.subarray(at + 8, end))
    at = end
  }
  return { value: object.value, storages: (key) => storages.get(key) }
}

/** The type of each storage that is named anywhere in a value. */
function storageTypes(value: PickleValue, into: Map<string, string>, seen: Set<PickleValue>): void {
  // A loop over a list of its own: nesting may be as deep as the file is long.
  const open: PickleValue[] = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === null || typeof next !== 'object' || !('kind' in next) || seen.has(next)) continue
    seen.add(next)
    const inside =
      next.kind === 'list'
        ? next.items
        : next.kind === 'dictionary'
          ? next.entries.values()
          : next.kind === 'call'
            ? next.given
            : []
    for (const item of inside) open.push(item)
    if (next.kind === 'persistent' && isList(next.id)) {
      const [, type, key] = next.id.items
      if (type !== null && typeof type === 'object' && 'kind' in type && type.kind === 'global')
        into.set(String(key), type.name.split('.').at(-1)!)
    }
  }
}

/**
 * A network whose parameters are the tensors of a PyTorch state dictionary (`torch.save(model.state_dict(), ...)`, also
 * inside a checkpoint), each number exactly as stored; zip archives and the older format. The pickle inside is read as a
 * description; nothing of it runs. @throws InputError
 */
export function decodePytorch(bytes: Uint8Array, name: string, source: ArchitectureSource = {}): DecodedModel {
  const { value, storages } = isZip(bytes) ? fromArchive(bytes, name) : fromLegacy(bytes, name)
  const { tensors, notes } = stateDictionary(value, storages, name, bytes.length)
  return decodeTensors({ name, kind: 'PyTorch state dictionaries', tensors, notes }, source)
}
