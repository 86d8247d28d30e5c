import { one, sign, subtract, toNumber } from '@nadir/arithmetic'
import { asLayered } from '../curvature/layered.ts'
import { decayMask } from '../loss/approximate-loss.ts'
import { type AnalyticLoss, isAnalyticLoss } from '../loss/loss.ts'
import type { Problem } from '../problem.ts'
import type { Obstacle } from '../traits.ts'
import type { Reads } from './shared-reads.ts'

/** A dense or convolution layer with means around it, and the slopes of the activation that follows it (both 1 after the last, and where none follows). */
export interface KinkLayer {
  /** The entries that it is applied to, and those that it gives: the units of the hidden layer. */
  readonly inputs: number
  readonly outputs: number
  /** Outputs with weights of their own, so many each; for a dense layer the units, and the entries that it is applied to. */
  readonly channels: number
  readonly row: number
  /** Set where it is not a dense layer alone. */
  readonly reads?: Reads
  readonly weightAt: number
  /** -1 without bias. */
  readonly biasAt: number
  readonly positive: number
  readonly negative: number
}

/**
 * A problem with dense or convolution layers, each but the last followed by two slopes, and a loss with second derivatives, with or without weight decay, in doubles; or with dense layers alone and weight decay:
 * then there are no kinks, and what the layers share out among themselves is a symmetry.
 */
export interface KinkNetwork {
  readonly kind: 'kink-network'
  /** Dense layers alone. */
  readonly isLinear: boolean
  readonly problem: Problem & { readonly loss: AnalyticLoss }
  readonly layers: readonly KinkLayer[]
  readonly parameters: number
  readonly samples: number
  readonly outputs: number
  /** Row-major, one row for each sample. */
  readonly inputs: Float64Array
  readonly targets: Float64Array
  /** 1, or 1 over the number of samples. */
  readonly factor: number
  /** For each parameter the factor of its weight decay. */
  readonly decays: Float64Array
  readonly hasDecay: boolean
  /** Whether arguments may be equal whatever the parameters: parameters are shared, or samples equal. */
  readonly mayHaveTwins: boolean
}

/** The view of a problem that kinks can be solved on, or what stands in the way. */
export function asKinkNetwork(problem: Problem): KinkNetwork | Obstacle {
  const layered = asLayered(problem.network)
  if (layered.kind === 'obstacle') return layered
  const obstacle = (reason: string, tryNext: string): Obstacle => ({ kind: 'obstacle', reason, tryNext })
  const { loss } = problem
  if (!isAnalyticLoss(loss))
    return obstacle(
      `minima on kinks are proved for the squared and logistic loss and cross-entropy, not for ${loss}`,
      'use the squared loss'
    )
  const isLinear = sign(problem.weightDecay) > 0 && layered.layers.every(({ activation }) => activation === undefined)
  const layers: KinkLayer[] = []
  for (const [l, layer] of layered.layers.entries()) {
    const { inputs, outputs, weightAt, biasAt, activation } = layer
    const isLast = l === layered.layers.length - 1
    if ((!isLinear && isLast !== (activation === undefined)) || activation?.kind === 'smooth')
      return obstacle(
        'minima on kinks are proved for dense layers with a two-slope activation after each but the last',
        'use relu, leaky-relu or abs after every hidden layer'
      )
    const { positive, negative } = activation ?? { positive: one, negative: one }
    if (activation && subtract(positive, negative).numerator === 0n)
      return obstacle('an activation has equal slopes', 'leave the identity out')
    layers.push({
      inputs,
      outputs,
      channels: outputs,
      row: inputs,
      weightAt,
      biasAt: biasAt ?? -1,
      positive: toNumber(positive),
      negative: toNumber(negative)
    })
  }
  if (layers.length < 2)
    return obstacle('the network has no hidden layer', 'deep linear networks are decided by exact arithmetic')
  return inDoubles({ ...problem, loss }, layers, layered.parameters)
}

/** The view of a problem with these layers. */
export function inDoubles(
  problem: KinkNetwork['problem'],
  layers: readonly KinkLayer[],
  parameters: number
): KinkNetwork {
  const { data } = problem
  const decay = toNumber(problem.weightDecay)
  return {
    kind: 'kink-network',
    isLinear: problem.network.layers.every(({ kind }) => kind !== 'activation'),
    problem,
    layers,
    parameters,
    samples: data.samples,
    outputs: data.targetCount,
    inputs: data.approximateInputs,
    targets: data.approximateTargets,
    factor: problem.reduction === 'mean' ? 1 / data.samples : 1,
    decays: Float64Array.from(decayMask(problem), (decays) => decays * decay),
    hasDecay: decay > 0,
    mayHaveTwins: layers.some(({ reads }) => reads) || hasEqualRows(data.approximateInputs, data.samples)
  }
}

function hasEqualRows(entries: Float64Array, count: number): boolean {
  const width = entries.length / count
  const rows = new Set(Array.from({ length: count }, (_, i) => entries.subarray(i * width, (i + 1) * width).join()))
  return rows.size < count
}

/** The unit of a hidden layer on a sample; hidden layers are numbered from 0. */
export interface Kink {
  readonly layer: number
  readonly unit: number
  readonly sample: number
  /** The other places of the layer with the same argument, whatever the parameters: they are on the kink too. */
  readonly twins?: readonly number[]
}

/** Position of a unit on a sample in the arrays of its hidden layer. */
export const placeOf = (network: KinkNetwork, { layer, unit, sample }: Kink): number =>
  sample * network.layers[layer]!.outputs + unit

/** All places that are on a kink. */
export const placesOf = (network: KinkNetwork, kink: Kink): readonly number[] =>
  kink.twins === undefined ? [placeOf(network, kink)] : [placeOf(network, kink), ...kink.twins]

/** The channel of a unit. */
export const channelOf = ({ layers }: KinkNetwork, { layer, unit }: Pick<Kink, 'layer' | 'unit'>): number => {
  const { outputs, channels } = layers[layer]!
  return channels === outputs ? unit : Math.floor((unit * channels) / outputs)
}
