import { type Network, parameterShapes, tensorSize } from '../network/network.ts'

/** Uniform in +-1/sqrt(fan in) for weights and biases, the usual start of linear layers. Approximate. */
export function initialise(network: Network, random: () => number): Float64Array {
  const parts: number[] = []
  let bound = 1
  for (const t of parameterShapes(network)) {
    if (t.role === 'weight') bound = 1 / Math.sqrt(t.shape.slice(1).reduce((a, b) => a * b, 1))
    for (let k = 0; k < tensorSize(t); k++) parts.push((2 * random() - 1) * bound)
  }
  return Float64Array.from(parts)
}
