import { type Network, type ParameterShape, parameterShapes, shapesThrough } from '@nadir/landscape'
import { InputError } from './errors.ts'
import { mostValues } from './limits.ts'

/** The parameter tensors of a network read from a file. @throws InputError when its layers do not fit together */
export function checkedShapes(network: Network, name: string): readonly ParameterShape[] {
  if (network.layers.length === 0) throw new InputError(`${name}: the network has no layers`)
  let parameters: readonly ParameterShape[]
  try {
    for (const shape of [network.inputs, ...shapesThrough(network)])
      if (!(shape.reduce((a, b) => a * b, 1) <= mostValues)) throw new Error(`[${shape}] is too many values per sample`)
    parameters = parameterShapes(network)
  } catch (error) {
    throw new InputError(`${name}: ${(error as Error).message}`)
  }
  if (parameters.length === 0) throw new InputError(`${name}: the network has no parameters`)
  const empty = parameters.find((s) => s.shape.includes(0))
  if (empty)
    throw new InputError(`${name}: the ${empty.role} of layer ${empty.layer} is empty: [${empty.shape.join(', ')}]`)
  return parameters
}
