import { InputError } from '../errors.ts'
import { assertFinite, concatenated, transposed } from '../float-parameters.ts'
import { parseJson } from '../json/json.ts'
import type { DecodedModel } from '../model.ts'
import { parseNetwork } from '../network-text.ts'
import { type FloatType, floatsOf } from '../small-floats.ts'
import { decodeText } from '../text.ts'
import { type BoundNetwork, bindDescription, bindInOrder } from './architecture.ts'
import { decodeHeader, type SafetensorsHeader } from './header.ts'

/** Where the architecture comes from: text such as `10-16-1 relu`, or a JSON description and its name. */
export interface ArchitectureSource {
  readonly network?: string | undefined
  readonly description?: { readonly bytes: Uint8Array; readonly name: string } | undefined
}

/** The key of `__metadata__` under which this package writes the architecture. */
export const architectureKey = 'nadir'

const floatTypes: Readonly<Record<string, FloatType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16'
}

function architecture(
  source: ArchitectureSource,
  { tensors, metadata }: SafetensorsHeader,
  name: string
): BoundNetwork {
  if (source.network !== undefined) return bindInOrder(parseNetwork(source.network), tensors, name)
  const own = metadata.get(architectureKey)
  if (own !== undefined) {
    const where = `${name}: __metadata__.${architectureKey}`
    return bindDescription(parseJson(own, where), where, tensors, name)
  }
  if (source.description) {
    const { bytes, name: where } = source.description
    return bindDescription(parseJson(decodeText(bytes, where), where), where, tensors, name)
  }
  const description = name.replace(/(\.safetensors)?$/i, '.json')
  throw new InputError(
    `${name}: safetensors carry no architecture: give one, such as --network "10-16-1 relu", or put ${description} beside it`
  )
}

/**
 * A network whose parameters are the tensors of a safetensors file, each number exactly as stored. The architecture is
 * that of `source.network`, else the one that this package wrote into the file, else that of `source.description`.
 * @throws InputError
 */
export function decodeSafetensors(bytes: Uint8Array, name: string, source: ArchitectureSource = {}): DecodedModel {
  const header = decodeHeader(bytes, name)
  const { network, bindings, notes } = architecture(source, header, name)
  const types = new Set<string>()
  const values = bindings.map(({ tensor, transposed: isTransposed }) => {
    const where = `${name}: byte ${tensor.start}: tensor "${tensor.name}"`
    const type = floatTypes[tensor.type]
    if (type === undefined) throw new InputError(`${where} is ${tensor.type}; parameters are F64, F32, F16 or BF16`)
    types.add(type)
    const stored = floatsOf(bytes.subarray(tensor.start, tensor.end), type)
    assertFinite(stored, where)
    return isTransposed ? transposed(stored, tensor.shape[0]) : stored
  })
  types.delete('float64')
  const narrow = [...types].map((t) => `parameters are stored as ${t}; their exact values are used`)
  return { network, parameters: { kind: 'float', values: concatenated(values) }, notes: [...notes, ...narrow] }
}
