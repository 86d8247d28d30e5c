import { type Rational, zero } from '@nadir/arithmetic'
import type { Dataset } from './data/dataset.ts'
import type { LossKind, Reduction } from './loss/loss.ts'
import { inputCount, type Network, outputCount } from './network/network.ts'

/** A network, a data set and a loss: R(theta) = F sum_i ell(N(x_i), y_i) + weightDecay/2 |theta|^2, F = 1 or 1/n; theta without biases when `decayBiases` is false. */
export interface Problem {
  readonly network: Network
  readonly data: Dataset
  readonly loss: LossKind
  readonly reduction: Reduction
  readonly weightDecay: Rational
  readonly decayBiases: boolean
}

/** @throws RangeError when the data do not fit the network */
export function empiricalRisk(parts: {
  network: Network
  data: Dataset
  loss?: LossKind
  reduction?: Reduction
  weightDecay?: Rational
  decayBiases?: boolean
}): Problem {
  const { network, data } = parts
  if (inputCount(network) !== data.inputCount)
    throw new RangeError(`the network takes ${inputCount(network)} inputs, the data have ${data.inputCount}`)
  if (outputCount(network) !== data.targetCount)
    throw new RangeError(`the network has ${outputCount(network)} outputs, the data have ${data.targetCount} targets`)
  return {
    network,
    data,
    loss: parts.loss ?? 'squared',
    reduction: parts.reduction ?? 'sum',
    weightDecay: parts.weightDecay ?? zero,
    decayBiases: parts.decayBiases ?? true
  }
}
