import { parseJson } from '../json/json.ts'
import type { DecodedModel } from '../model.ts'
import type { FloatType } from '../small-floats.ts'
import { bindDescription } from '../tensors/architecture.ts'
import { type ArchitectureSource, decodeTensors } from '../tensors/decode.ts'
import { type NamedTensor, storedFloats } from '../tensors/named-tensor.ts'
import { decodeHeader } from './header.ts'

/** The key of `__metadata__` under which this package writes the architecture. */
export const architectureKey = 'nadir'

const floatTypes: Readonly<Record<string, FloatType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16'
}

/**
 * A network whose parameters are the tensors of a safetensors file, each number exactly as stored. The architecture is
 * that of `source.network`, else the one that this package wrote into the file, else that of `source.description`.
 * @throws InputError
 */
export function decodeSafetensors(bytes: Uint8Array, name: string, source: ArchitectureSource = {}): DecodedModel {
  const { tensors: entries, metadata } = decodeHeader(bytes, name)
  const tensors = entries.map((entry): NamedTensor => {
    const where = `${name}: byte ${entry.start}`
    const type = floatTypes[entry.type]
    const values = () =>
      storedFloats(bytes.subarray(entry.start, entry.end), type, entry.type, `${where}: tensor "${entry.name}"`)
    return { name: entry.name, shape: entry.shape, where, type: type ?? entry.type, values }
  })
  const own = metadata.get(architectureKey)
  const where = `${name}: __metadata__.${architectureKey}`
  return decodeTensors(
    {
      name,
      kind: 'safetensors',
      tensors,
      notes: [],
      own: own === undefined ? undefined : () => bindDescription(parseJson(own, where), where, tensors, name)
    },
    source
  )
}
