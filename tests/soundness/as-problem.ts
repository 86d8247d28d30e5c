import { parseExact } from '@nadir/arithmetic'
import { dataset, type ExactPoint, empiricalRisk, type Layer, type Problem, twoSlope } from '@nadir/landscape'
import type { Value } from '../corpus/digests.ts'
import type { PointJson, ProblemJson } from '../corpus/naive.ts'

const exact = (text: string) => parseExact(text)!

const layerOf = (layer: ProblemJson['network']['layers'][number]): Layer => {
  if (layer.kind === 'two-slope')
    return { kind: 'activation', activation: twoSlope(exact(layer.positive), exact(layer.negative)) }
  if (layer.kind === 'quadratic') return { kind: 'activation', activation: { kind: 'smooth', name: 'quadratic' } }
  if (layer.kind === 'smooth') return { kind: 'activation', activation: { kind: 'smooth', name: layer.name as 'tanh' } }
  return layer
}

/** A problem of the certificate format, as the system takes it. */
export const asProblem = (document: Value): Problem => {
  const { network, loss, data, decay } = document as ProblemJson
  const rows = (texts: readonly (readonly string[])[]) => texts.map((row) => row.map(exact))
  return empiricalRisk({
    network: {
      inputs: typeof network.inputs === 'number' ? [network.inputs] : network.inputs,
      layers: network.layers.map(layerOf)
    },
    data: dataset(rows(data.inputs), rows(data.targets)),
    loss: loss.kind,
    reduction: loss.reduction,
    ...(decay && { weightDecay: exact(decay.factor), decayBiases: decay.biases })
  })
}

export const asPoint = (document: Value): ExactPoint => ({
  kind: 'exact',
  tensors: (document as PointJson).map(({ denominator, numerators }) => ({
    denominator: BigInt(denominator),
    numerators: numerators.map(BigInt)
  }))
})
