import type { Budget } from './budget.ts'
import { readFields, readIntegers, readList, readPositive } from './form.ts'
import type { Json } from './json.ts'
import { reject } from './outcome.ts'
import { hasParameters, type Network } from './problem.ts'
import { shapesThrough, sizeOf } from './window.ts'

/** Entry i is numerators[i] / denominator, the denominator positive. Exact. */
export type Vector = { readonly denominator: bigint; readonly numerators: readonly bigint[] }

/** One vector for each parameter tensor, layer by layer, weight before bias; a weight row by row, one row for each output. */
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
  const shapes = shapesThrough(network)
  for (const [index, layer] of network.layers.entries()) {
    if (!hasParameters(layer)) continue
    const shape = shapes[index]
    const counts = layer.kind === 'dense' ? [sizeOf(shape)] : [shape.channels, ...layer.size]
    lengths.push(counts.reduce((product, count) => product * BigInt(count), BigInt(layer.outputs)))
    if (layer.bias) lengths.push(BigInt(layer.outputs))
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
