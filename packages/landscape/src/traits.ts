import { overCommonDenominator, sign } from '@nadir/arithmetic'
import { isRationalLoss } from './loss/loss.ts'
import type { Problem } from './problem.ts'

/**
 * A problem with one hidden layer, N(x) = c + sum_j v_j h(w_j . x + b_j), h(t) = p t for t >= 0 and q t for t < 0, seen as integers.
 * x~_i = extended[i*width ..]/scale, with a last entry 1 (that is `scale`) when the hidden layer has a bias.
 */
export interface OneHiddenLayer {
  readonly problem: Problem
  readonly units: number
  readonly outputs: number
  readonly samples: number
  /** Length of x~: d + 1 with hidden bias, else d. */
  readonly width: number
  readonly hiddenBias: boolean
  readonly outputBias: boolean
  /** p = slopes.positive/slopes.denominator, q likewise. */
  readonly slopes: { readonly positive: bigint; readonly negative: bigint; readonly denominator: bigint }
  readonly extended: readonly bigint[]
  readonly scale: bigint
}

/** Why a problem is outside what can be decided exactly, in words that name what is missing. */
export interface Obstacle {
  readonly kind: 'obstacle'
  readonly reason: string
  readonly tryNext: string
}

const obstacle = (reason: string, tryNext: string): Obstacle => ({ kind: 'obstacle', reason, tryNext })

/** The one-hidden-layer view of a problem, or what stands in the way. */
export function asOneHiddenLayer(problem: Problem): OneHiddenLayer | Obstacle {
  const { network, data } = problem
  const layers = network.layers
  for (const layer of layers)
    if (layer.kind === 'activation' && layer.activation.kind === 'smooth')
      return obstacle(
        `the activation ${layer.activation.name} is smooth: its values are irrational and exact arithmetic cannot decide them`,
        'enclosures for smooth activations are not there yet; a piecewise linear activation (relu, leaky-relu, abs) can be certified'
      )
  const hidden = layers.filter((l) => l.kind === 'activation').length
  if (layers.some((l) => l.kind !== 'dense' && l.kind !== 'activation'))
    return obstacle(
      `the network has a ${layers.find((l) => l.kind !== 'dense' && l.kind !== 'activation')!.kind} layer: only dense layers can be certified`,
      'convolutional networks are not there yet'
    )
  const [first, activation, last] = layers
  if (layers.length !== 3 || first?.kind !== 'dense' || activation?.kind !== 'activation' || last?.kind !== 'dense')
    return hidden === 0
      ? obstacle(
          `the network is linear with ${layers.length} layers: only one hidden layer with an activation can be certified`,
          'deep linear networks are not there yet'
        )
      : obstacle(
          `the network has ${hidden} hidden layers: the exact test covers one hidden layer`,
          'deeper networks are not there yet; train the same data with one hidden layer to get a verdict'
        )
  if (activation.activation.kind !== 'two-slope') throw new Error('unreachable: smooth activations were refused above')
  if (!isRationalLoss(problem.loss))
    return obstacle(
      `the ${problem.loss} loss leaves the rational numbers`,
      'squared, absolute and hinge loss can be certified'
    )
  if (sign(problem.weightDecay) !== 0)
    return obstacle('weight decay makes the minima irrational', 'certify without weight decay')
  if (problem.loss !== 'squared' && last.outputs > 1)
    return obstacle(
      `the ${problem.loss} loss needs one output, the network has ${last.outputs}`,
      'use the squared loss'
    )
  const { positive, negative } = activation.activation
  const slopes = overCommonDenominator([positive, negative])
  const scale = data.inputs.denominator
  const d = data.inputCount
  const width = first.bias ? d + 1 : d
  const extended: bigint[] = []
  for (let i = 0; i < data.samples; i++) {
    for (let k = 0; k < d; k++) extended.push(data.inputs.numerators[i * d + k]!)
    if (first.bias) extended.push(scale)
  }
  return {
    problem,
    units: first.outputs,
    outputs: last.outputs,
    samples: data.samples,
    width,
    hiddenBias: first.bias,
    outputBias: last.bias,
    slopes: { positive: slopes.numerators[0]!, negative: slopes.numerators[1]!, denominator: slopes.denominator },
    extended,
    scale
  }
}
