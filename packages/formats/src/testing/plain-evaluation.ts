import { toNumber } from '@nadir/arithmetic'
import {
  type Activation,
  type Network,
  type Point,
  parameterShapes,
  shapesThrough,
  tensorSize,
  toFloat
} from '@nadir/landscape'

/** Error function by its Maclaurin series, for large arguments by the continued fraction of its complement. */
function erf(x: number): number {
  if (Math.abs(x) > 2.5) {
    let tail = Math.abs(x)
    for (let n = 100; n >= 1; n--) tail = Math.abs(x) + n / 2 / tail
    return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / tail)
  }
  let sum = 0
  let term = x
  for (let n = 0; Math.abs(term) > 1e-18 && n < 500; n++) {
    sum += term / (2 * n + 1)
    term *= -(x * x) / (n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

/** The activation in doubles, straight from its definition. Approximate. */
export function activate(a: Activation, t: number): number {
  if (a.kind === 'two-slope') return t * toNumber(t < 0 ? a.negative : a.positive)
  switch (a.name) {
    case 'tanh':
      return Math.tanh(t)
    case 'sigmoid':
      return 1 / (1 + Math.exp(-t))
    case 'softplus':
      return Math.log1p(Math.exp(t))
    case 'gelu':
      return (t / 2) * (1 + erf(t / Math.SQRT2))
    case 'gelu-tanh':
      return (t / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (t + 0.044715 * t ** 3)))
    case 'silu':
      return t / (1 + Math.exp(-t))
    case 'elu':
      return t < 0 ? Math.expm1(t) : t
    case 'selu':
      return 1.0507009873554805 * (t < 0 ? 1.6732632423543772 * Math.expm1(t) : t)
    case 'arctan':
      return Math.atan(t)
    case 'sine':
      return Math.sin(t)
    case 'quadratic':
      return t * t
  }
}

/** Values of the network at one sample, by the definition of each layer, in doubles: a slow oracle. Approximate. */
export function evaluatePlainly(network: Network, point: Point, sample: readonly number[]): number[] {
  const { values } = toFloat(point)
  const parameters = parameterShapes(network)
  const shapes = [network.inputs, ...shapesThrough(network)]
  let start = 0
  let next = 0
  const take = (): Float64Array => {
    const end = start + tensorSize(parameters[next++])
    const tensor = values.subarray(start, end)
    start = end
    return tensor
  }
  let x = [...sample]
  for (const [l, layer] of network.layers.entries()) {
    if (layer.kind === 'activation') x = x.map((t) => activate(layer.activation, t))
    else if (layer.kind === 'dense') {
      const weight = take()
      const bias = layer.bias ? take() : undefined
      const before = x
      x = Array.from({ length: layer.outputs }, (_, o) =>
        before.reduce((sum, t, i) => sum + t * weight[o * before.length + i], bias?.[o] ?? 0)
      )
    } else if (layer.kind !== 'flatten') {
      const [channels, height, width] = shapes[l]
      const [outputs, rows, columns] = shapes[l + 1]
      const [kernelHeight, kernelWidth] = layer.size
      const [top, left] = layer.kind === 'conv' ? layer.padding : [0, 0]
      const weight = layer.kind === 'conv' ? take() : undefined
      const bias = layer.kind === 'conv' && layer.bias ? take() : undefined
      const before = x
      const at = (c: number, i: number, j: number): number =>
        i < 0 || j < 0 || i >= height || j >= width ? 0 : before[(c * height + i) * width + j]
      const out: number[] = []
      for (let o = 0; o < outputs; o++)
        for (let r = 0; r < rows; r++)
          for (let q = 0; q < columns; q++) {
            const seen: number[] = []
            let sum = bias?.[o] ?? 0
            for (let c = layer.kind === 'conv' ? 0 : o; c < (layer.kind === 'conv' ? channels : o + 1); c++)
              for (let i = 0; i < kernelHeight; i++)
                for (let j = 0; j < kernelWidth; j++) {
                  const t = at(c, r * layer.stride[0] + i - top, q * layer.stride[1] + j - left)
                  seen.push(t)
                  sum +=
                    t *
                    (weight?.[((o * channels + c) * kernelHeight + i) * kernelWidth + j] ??
                      1 / layer.size[0] / layer.size[1])
                }
            out.push(layer.kind === 'max-pool' ? Math.max(...seen) : sum)
          }
      x = out
    }
  }
  return x
}
