import { InputError } from '../errors.ts'
import type { NamedTensor } from '../tensors/named-tensor.ts'
import { isDictionary, isList, type PickleDictionary, type PickleValue } from './pickle.ts'
import { rebuiltTensor, type Storages, tensorCall } from './tensors.ts'

const deepest = 32
const mostTensors = 100_000

/** Under these names training scripts keep the parameters of the network, beside epochs, losses and the optimiser. */
const usual = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'network',
  'net',
  'module',
  'params',
  'parameters',
  'weights'
]

/** What stands beside the parameters in a checkpoint, and holds tensors of its own. */
const beside = /optim|sched|scaler|^ema|_ema$/i

interface Found {
  readonly name: string
  readonly given: readonly PickleValue[]
}

function collect(value: PickleValue, path: string, depth: number, into: Found[], on: Set<PickleValue>): void {
  const given = tensorCall(value)
  if (given) {
    if (into.push({ name: path, given }) > mostTensors) throw new InputError(`more than ${mostTensors} tensors`)
    return
  }
  if (!isDictionary(value) && !isList(value)) return
  // A structure that holds itself, or one part a thousand times over, is visited once.
  if (depth > deepest || on.has(value)) return
  on.add(value)
  const inside = isDictionary(value) ? [...value.entries] : value.items.map((item, k) => [k, item] as const)
  for (const [key, item] of inside) {
    if (typeof key !== 'string' && typeof key !== 'number') continue
    if (path === '' && beside.test(String(key)) && !tensorCall(item)) continue
    collect(item, path === '' ? `${key}` : `${path}.${key}`, depth + 1, into, on)
  }
}

/** The entry that holds the parameters when tensors do not stand at the top. */
function chosenEntry(root: PickleDictionary): readonly [string, PickleValue] | undefined {
  if ([...root.entries.values()].some((value) => tensorCall(value) !== undefined)) return undefined
  for (const name of usual) {
    const value = root.entries.get(name)
    if (value !== undefined && isDictionary(value)) return [name, value]
  }
  return undefined
}

/**
 * The tensors of the state dictionary in a file: at its top, under one of the usual names (`state_dict`, `model`, ...,
 * also one inside another), or, nested by modules, under joined names. The state of an optimiser is left out.
 * @throws InputError
 */
export function stateDictionary(
  value: PickleValue,
  storages: Storages,
  file: string,
  fileSize: number
): { readonly tensors: readonly NamedTensor[]; readonly notes: readonly string[] } {
  let root = value
  const path: string[] = []
  while (isDictionary(root) && path.length < deepest) {
    const entry = chosenEntry(root)
    if (!entry) break
    path.push(entry[0])
    root = entry[1]
  }
  const found: Found[] = []
  collect(root, '', 0, found, new Set())
  if (found.length === 0) throw new InputError(`${file}: holds no tensors; save model.state_dict() with torch.save`)
  const allowance = { entries: 2 * fileSize }
  const tensors = found.map(({ name, given }) => rebuiltTensor(given, name, storages, file, allowance))
  const notes = path.length === 0 ? [] : [`the parameters are those under "${path.join('.')}"`]
  return { tensors, notes }
}
