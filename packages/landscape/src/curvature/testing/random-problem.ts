import { fromNumber, type Rational, rational } from '@nadir/arithmetic'
import { dataset } from '../../data/dataset.ts'
import type { LossKind } from '../../loss/loss.ts'
import { type Activation, absoluteValue, leakyRelu, relu, twoSlope } from '../../network/activation.ts'
import type { Layer, Network } from '../../network/network.ts'
import { parameterShapes, tensorSize } from '../../network/network.ts'
import { empiricalRisk, type Problem } from '../../problem.ts'
import { randomStream } from '../../random.ts'

export const smoothActivations: readonly Activation[] = (
  ['tanh', 'sigmoid', 'softplus', 'gelu', 'gelu-tanh', 'silu', 'elu', 'selu', 'arctan', 'sine', 'quadratic'] as const
).map((name) => ({ kind: 'smooth', name }))
export const piecewiseLinearActivations: readonly Activation[] = [
  relu,
  leakyRelu(),
  absoluteValue,
  twoSlope(rational(1n, 2n), rational(-1n, 3n))
]

export interface RandomProblem {
  readonly problem: Problem
  readonly theta: Float64Array
}

/** A random dense network, data and parameters; everything follows from the seed. Numbers are short dyadic rationals. */
export function randomProblem(
  seed: number,
  options: {
    activations: readonly Activation[]
    losses?: readonly LossKind[]
    depth?: number
    width?: number
    samples?: number
    decay?: Rational
  }
): RandomProblem {
  const random = randomStream(seed)
  const below = (k: number) => Math.floor(random() * k)
  const short = () => Math.round((2 * random() - 1) * 1024) / 512
  const activation = options.activations[below(options.activations.length)]!
  const losses = options.losses ?? ['squared']
  const loss = losses[below(losses.length)]!
  const oneOutput = loss === 'logistic' || loss === 'hinge' || loss === 'absolute'
  const m = oneOutput ? 1 : (loss === 'cross-entropy' ? 2 : 1) + below(2)
  const d = 1 + below(3)
  const layers: Layer[] = []
  for (let l = 0; l < (options.depth ?? 1 + below(3)); l++)
    layers.push(
      { kind: 'dense', outputs: 1 + below(options.width ?? 4), bias: random() < 0.8 },
      { kind: 'activation', activation }
    )
  layers.push({ kind: 'dense', outputs: m, bias: random() < 0.8 })
  if (random() < 0.2) layers.push({ kind: 'activation', activation })
  const network: Network = { inputs: [d], layers }
  const n = options.samples ?? 2 + below(12)
  const X = Array.from({ length: n }, () => Array.from({ length: d }, () => fromNumber(short())))
  const Y = Array.from({ length: n }, () => {
    const label = below(Math.max(2, m))
    return Array.from({ length: m }, (_, o): Rational => {
      if (loss === 'cross-entropy') return rational(o === label ? 1n : 0n)
      if (loss === 'logistic') return rational(BigInt(label % 2))
      if (loss === 'hinge') return rational(label % 2 === 0 ? 1n : -1n)
      return fromNumber(short())
    })
  })
  const problem = empiricalRisk({
    network,
    data: dataset(X, Y),
    loss,
    reduction: random() < 0.5 ? 'sum' : 'mean',
    ...(options.decay ? { weightDecay: options.decay, decayBiases: random() < 0.5 } : {})
  })
  const size = parameterShapes(network).reduce((sum, t) => sum + tensorSize(t), 0)
  return { problem, theta: Float64Array.from({ length: size }, short) }
}
