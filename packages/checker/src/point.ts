import type { Budget } from './budget.ts'
import { readFields, readIntegers, readList, readPositive } from './form.ts'
import type { Json } from './json.ts'
import { reject } from './outcome.ts'
import type { Network } from './problem.ts'

/** Entry i is numerators[i] / denominator, the denominator positive. Exact. */
export type Vector = { readonly denominator: bigint; readonly numerators: readonly bigint[] }

/** One vector for each parameter tensor, layer by layer, weight before bias; a weight row by row. */
export type Point = readonly Vector[]

export const readVector = (json: Json, where: string, budget: Budget): Vector => {
  const fields = readFields(json, where, ['denominator', 'numerators'])
  return {
    denominator: readPositive(fields.denominator, `${where}.denominator`, budget),
    numerators: readIntegers(fields.numerators, `${where}.numerators`, budget)
  }
}

export const readPoint = (json: Json, where: string, budget: Budget): Point =>
  readList(json, where).map((item, index) => readVector(item, `${where}[${index}]`, budget))

/** The number of entries of every parameter tensor of the network. */
const tensorLengths = (network: Network): readonly bigint[] => {
  const lengths: bigint[] = []
  let width = network.inputs
  for (const layer of network.layers) {
    if (layer.kind !== 'dense') continue
    lengths.push(BigInt(layer.outputs) * BigInt(width))
    if (layer.bias) lengths.push(BigInt(layer.outputs))
    width = layer.outputs
  }
  return lengths
}

/** Rejects, naming the step, a point or direction that has not the shape of the network's parameters. */
export const requireShape = (network: Network, point: Point, step: string): void => {
  const lengths = tensorLengths(network)
  if (point.length !== lengths.length) {
    reject(step, `${point.length} vectors where the network has ${lengths.length} parameter tensors`)
  }
  for (const [index, length] of lengths.entries()) {
    const given = point[index].numerators.length
    if (BigInt(given) !== length) reject(step, `vector ${index} has ${given} entries where the network has ${length}`)
  }
}
