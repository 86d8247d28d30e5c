import { InputError } from '../errors.ts'
import { concatenated, transposed } from '../float-parameters.ts'
import { parseJson } from '../json/json.ts'
import type { DecodedModel } from '../model.ts'
import { parseNetwork } from '../network-text.ts'
import { decodeText } from '../text.ts'
import { type BoundNetwork, bindDescription, bindInOrder, likelyNetwork } from './architecture.ts'
import type { NamedTensor } from './named-tensor.ts'

/** Where the architecture comes from: text such as `10-16-1 relu`, or a JSON description and its name. */
export interface ArchitectureSource {
  readonly network?: string | undefined
  readonly description?: { readonly bytes: Uint8Array; readonly name: string } | undefined
}

/** Named tensors, and the architecture that the file itself tells, if it does. */
export interface TensorFile {
  /** `file.pt`, to begin errors with. */
  readonly name: string
  /** What such files are called, in the plural. */
  readonly kind: string
  readonly tensors: readonly NamedTensor[]
  readonly notes: readonly string[]
  readonly own?: (() => BoundNetwork) | undefined
}

function architecture(source: ArchitectureSource, { name, kind, tensors, own }: TensorFile): BoundNetwork {
  if (source.network !== undefined) return bindInOrder(parseNetwork(source.network), tensors, name)
  if (own) return own()
  if (source.description) {
    const { bytes, name: where } = source.description
    return bindDescription(parseJson(decodeText(bytes, where), where), where, tensors, name)
  }
  const description = name.replace(/(\.[a-z0-9]+)?$/i, '.json')
  throw new InputError(
    `${name}: ${kind} carry no architecture: give one, such as --network "${likelyNetwork(tensors)}", or put ${description} beside it`
  )
}

/**
 * A network whose parameters are the tensors of a file, each number exactly as stored. The architecture is that of
 * `source.network`, else the one that the file tells, else that of `source.description`. @throws InputError
 */
export function decodeTensors(file: TensorFile, source: ArchitectureSource): DecodedModel {
  const { network, bindings, notes } = architecture(source, file)
  const types = new Set<string>()
  const values = bindings.map(({ tensor, transposed: isTransposed }) => {
    const stored = tensor.values()
    types.add(tensor.type)
    return isTransposed ? transposed(stored, tensor.shape[0]) : stored
  })
  types.delete('float64')
  const narrow = [...types].map((t) => `parameters are stored as ${t}; their exact values are used`)
  return {
    network,
    parameters: { kind: 'float', values: concatenated(values) },
    notes: [...file.notes, ...notes, ...narrow]
  }
}
