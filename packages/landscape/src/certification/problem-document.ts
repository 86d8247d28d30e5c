import { entry, toText } from '@nadir/arithmetic'
import type { Problem } from '../problem.ts'
import type { Json } from './canonical.ts'

/** Smooth activations that the format has words for, beside `quadratic`. */
const namedInCertificates: ReadonlySet<string> = new Set([
  'sigmoid',
  'tanh',
  'arctan',
  'softplus',
  'elu',
  'selu',
  'gelu',
  'silu',
  'sine'
])

/** The problem as the certificate format writes it; undefined when the format has no words for it (one smooth activation). */
export function problemDocument(problem: Problem): Json | undefined {
  const { network, data, loss, reduction, weightDecay, decayBiases } = problem
  if (network.inputs.length !== 1 && network.inputs.length !== 3) return undefined
  const layers: Json[] = []
  for (const layer of network.layers) {
    if (layer.kind === 'dense') layers.push({ kind: 'dense', outputs: layer.outputs, bias: layer.bias })
    else if (layer.kind === 'activation' && layer.activation.kind === 'two-slope')
      layers.push({
        kind: 'two-slope',
        positive: toText(layer.activation.positive),
        negative: toText(layer.activation.negative)
      })
    else if (layer.kind === 'activation' && layer.activation.kind === 'smooth') {
      const { name } = layer.activation
      if (name !== 'quadratic' && !namedInCertificates.has(name)) return undefined
      layers.push(name === 'quadratic' ? { kind: 'quadratic' } : { kind: 'smooth', name })
    } else if (layer.kind === 'conv') {
      const { outputs, size, stride, padding, bias } = layer
      layers.push({ kind: 'conv', outputs, size, stride, padding, bias })
    } else if (layer.kind === 'average-pool' || layer.kind === 'max-pool')
      layers.push({ kind: layer.kind, size: layer.size, stride: layer.stride })
    else if (layer.kind === 'flatten') layers.push({ kind: 'flatten' })
    else return undefined
  }
  const rows = (matrix: typeof data.inputs, columns: number): Json =>
    Array.from({ length: data.samples }, (_, i) =>
      Array.from({ length: columns }, (_, k) => toText(entry(matrix, i * columns + k)))
    )
  return {
    format: 'nadir-problem/1',
    network: { inputs: network.inputs.length === 1 ? network.inputs[0]! : network.inputs, layers },
    loss: { kind: loss, reduction },
    data: { inputs: rows(data.inputs, data.inputCount), targets: rows(data.targets, data.targetCount) },
    ...(weightDecay.numerator === 0n ? {} : { decay: { factor: toText(weightDecay), biases: decayBiases } })
  }
}
