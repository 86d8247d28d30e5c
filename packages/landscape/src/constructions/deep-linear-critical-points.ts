import {
  entry,
  one,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  zero
} from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'
import type { Layer, Network } from '../network/network.ts'
import type { ExactPoint } from '../point.ts'
import { empiricalRisk } from '../problem.ts'
import { bestAffineFit } from './best-affine-fit.ts'
import { trainedBelow } from './better-by-training.ts'
import { provePoint, valued } from './prove-point.ts'
import { refuse, type Theorem } from './theorem.ts'

const widths = 'there is a hidden layer'
const squaredOnly = 'the loss is the squared loss'
const correlated = 'some target is correlated with some input'

/** Critical points of deep linear networks: zeros, mixtures with two layers of zeros, and a global minimum. */
export const deepLinear: Theorem = {
  id: 'deep-linear',
  title: 'Deep linear networks: every critical point is a global minimum or a saddle',
  source:
    'Yun, Sra, Jadbabaie, Small nonlinearities in activation functions create bad local minima, ICLR 2019 (arXiv 1802.03487), Theorem 4; Global optimality conditions for deep neural networks, ICLR 2018 (arXiv 1707.02444)',
  hypotheses: [widths, squaredOnly, correlated],
  conclusion:
    'zeros are saddles although all derivatives below the depth vanish, with a way down, bottlenecks or not; the best affine map, factored, is global when every layer has as many units as there are outputs',
  example:
    'nadir construct deep-linear iris-onehot.csv --target setosa,versicolor,virginica --hidden 4,3 --count 3 --out out',
  data: 'yours',
  numbers: {},
  build: ({ data, hidden, loss, reduction, count, random }) => {
    if (!data) return refuse('data are given', 'no data')
    if (loss !== 'squared') return refuse(squaredOnly, `the ${loss} loss`)
    const m = data.targetCount
    if (hidden.length === 0) return refuse(widths, 'no hidden layer')
    const bottleneck = Math.min(...hidden) < m
    const sizes = [data.inputCount, ...hidden, m]
    const network: Network = {
      inputs: [data.inputCount],
      layers: sizes.slice(1).map((outputs): Layer => ({ kind: 'dense', outputs, bias: true }))
    }
    const problem = empiricalRisk({ network, data, loss, reduction })
    const saddles = Array.from({ length: Math.max(1, count - 1) }, (_, k) => ({
      name: k === 0 ? 'all weights zero' : `two layers zero, the others random (${k})`,
      point: twoZeroLayers(data, sizes, k === 0 ? () => 0.5 : random)
    }))
    const points = saddles.map(({ name, point }) => provePoint(name, problem, point))
    if (points[0]!.claim === 'global-minimum') return refuse(correlated, 'the best affine map is constant')
    if (bottleneck)
      return {
        kind: 'built',
        points,
        better: trainedBelow(problem, points[0]!.loss, random),
        notes: [
          `the best map of rank ${Math.min(...hidden)} is irrational: nadir bound proves how near a trained one comes`
        ]
      }
    const global = factored(data, sizes)
    return {
      kind: 'built',
      points: count > 1 ? [...points, provePoint('the best affine map, factored', problem, global)] : points,
      better: valued(problem, global),
      notes: []
    }
  }
}

/** At least two layers of zeros (all when `random` is constant): every gradient but that of the output bias is zero, which is the mean. */
function twoZeroLayers(data: Dataset, sizes: readonly number[], random: () => number): ExactPoint {
  const depth = sizes.length - 1
  const first = Math.floor(random() * depth)
  const second = (first + 1 + Math.floor(random() * (depth - 1))) % depth
  const tensors: RationalVector[] = sizes.slice(1).flatMap((outputs, l) => {
    const isZero = l === first || l === second
    const integer = () => (isZero ? 0n : BigInt(Math.round((2 * random() - 1) * 2)))
    return [
      { denominator: 1n, numerators: Array.from({ length: outputs * sizes[l]! }, integer) },
      // Hidden biases of zero: nothing but the output bias reaches the output when a later layer is zero.
      { denominator: 1n, numerators: Array.from({ length: outputs }, () => 0n) }
    ]
  })
  tensors[tensors.length - 1] = overCommonDenominator(means(data))
  return { kind: 'exact', tensors }
}

const means = ({ samples, targetCount: m, targets }: Dataset): Rational[] =>
  Array.from({ length: m }, (_, o) => {
    let sum = 0n
    for (let i = 0; i < samples; i++) sum += targets.numerators[i * m + o]!
    return rational(sum, BigInt(samples) * targets.denominator)
  })

/** The best affine map in the first layer, handed on by identities. */
function factored(data: Dataset, sizes: readonly number[]): ExactPoint {
  const maps = bestAffineFit(data, 'squared')
  const m = maps.length
  const tensors = sizes.slice(1).flatMap((outputs, l): RationalVector[] => {
    const inputs = sizes[l]!
    if (l === 0)
      return [
        overCommonDenominator(
          Array.from({ length: outputs }, (_, o) =>
            Array.from({ length: inputs }, (_, k) => (o < m ? entry(maps[o]!, k) : zero))
          ).flat()
        ),
        overCommonDenominator(Array.from({ length: outputs }, (_, o) => (o < m ? entry(maps[o]!, inputs) : zero)))
      ]
    return [
      overCommonDenominator(
        Array.from({ length: outputs }, (_, o) =>
          Array.from({ length: inputs }, (_, k) => (o === k && o < m ? one : zero))
        ).flat()
      ),
      overCommonDenominator(Array.from({ length: outputs }, () => zero))
    ]
  })
  return { kind: 'exact', tensors }
}
