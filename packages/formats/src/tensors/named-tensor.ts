import { InputError } from '../errors.ts'
import { assertFinite } from '../float-parameters.ts'
import { type FloatType, floatsOf } from '../small-floats.ts'

/** A tensor of a foreign file by its name. Its numbers are decoded when they are asked for. */
export interface NamedTensor {
  readonly name: string
  readonly shape: readonly number[]
  /** File and place, to begin an error with: `m.safetensors: byte 62`. */
  readonly where: string
  /** The type of its entries; one that is no type of parameters, in the words of the file. */
  readonly type: string
  /** Is its format known to hold weights as [out, in]? */
  readonly oriented?: true
  /** The entries, row-major, each exactly as stored. @throws InputError when they are no parameters */
  readonly values: () => Float64Array
}

export const elementCount = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** The finite floats of a tensor whose bytes stand together, row-major and little-endian. @throws InputError */
export function storedFloats(
  bytes: Uint8Array,
  type: FloatType | undefined,
  told: string,
  where: string
): Float64Array {
  if (type === undefined) throw new InputError(`${where} is ${told}; parameters are F64, F32, F16 or BF16`)
  const values = floatsOf(bytes, type)
  assertFinite(values, where)
  return values
}
