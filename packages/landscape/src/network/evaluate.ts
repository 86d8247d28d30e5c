import { activationFunction } from './activation-values.ts'
import { inputCount, type Network, shapesThrough } from './network.ts'

/** The outputs of a network for one input, parameters as one flat vector in the order of `parameterShapes`. Approximate (doubles). */
export function evaluate(network: Network, parameters: Float64Array, input: Float64Array): Float64Array {
  if (input.length !== inputCount(network)) throw new RangeError(`evaluate: ${input.length} inputs`)
  const shapes = shapesThrough(network)
  let values: Float64Array = input
  let at = 0
  for (const [l, layer] of network.layers.entries()) {
    const before = l === 0 ? network.inputs : shapes[l - 1]!
    if (layer.kind === 'dense') {
      const next = new Float64Array(layer.outputs)
      for (let o = 0; o < layer.outputs; o++) {
        let sum = 0
        for (let k = 0; k < values.length; k++) sum += parameters[at + o * values.length + k]! * values[k]!
        next[o] = sum
      }
      at += layer.outputs * values.length
      if (layer.bias) {
        for (let o = 0; o < layer.outputs; o++) next[o] = next[o]! + parameters[at + o]!
        at += layer.outputs
      }
      values = next
    } else if (layer.kind === 'activation') {
      values = values.map(activationFunction(layer.activation).value)
    } else if (layer.kind !== 'flatten') {
      const [channels, height, width] = before as [number, number, number]
      const [outputs, rows, columns] = shapes[l]! as [number, number, number]
      const pad = layer.kind === 'conv' ? layer.padding : [0, 0, 0, 0]
      const next = new Float64Array(outputs * rows * columns)
      const read = (c: number, y: number, x: number) =>
        y < 0 || x < 0 || y >= height || x >= width ? 0 : values[(c * height + y) * width + x]!
      const weightCount = layer.kind === 'conv' ? layer.outputs * channels * layer.size[0] * layer.size[1] : 0
      for (let o = 0; o < outputs; o++)
        for (let y = 0; y < rows; y++)
          for (let x = 0; x < columns; x++) {
            let value = layer.kind === 'max-pool' ? Number.NEGATIVE_INFINITY : 0
            for (let c = 0; c < (layer.kind === 'conv' ? channels : 1); c++)
              for (let a = 0; a < layer.size[0]; a++)
                for (let b = 0; b < layer.size[1]; b++) {
                  const source = layer.kind === 'conv' ? c : o
                  const t = read(source, y * layer.stride[0] + a - pad[0]!, x * layer.stride[1] + b - pad[1]!)
                  if (layer.kind === 'conv')
                    value += parameters[at + ((o * channels + c) * layer.size[0] + a) * layer.size[1] + b]! * t
                  else if (layer.kind === 'max-pool') value = Math.max(value, t)
                  else value += t / (layer.size[0] * layer.size[1])
                }
            if (layer.kind === 'conv' && layer.bias) value += parameters[at + weightCount + o]!
            next[(o * rows + y) * columns + x] = value
          }
      if (layer.kind === 'conv') at += weightCount + (layer.bias ? layer.outputs : 0)
      values = next
    }
  }
  return values
}
