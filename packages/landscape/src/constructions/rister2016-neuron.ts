import {
  compare,
  entry,
  multiply,
  negate,
  one,
  overCommonDenominator,
  type Rational,
  rational,
  subtract,
  toText
} from '@nadir/arithmetic'
import { type Dataset, dataset } from '../data/dataset.ts'
import { relu } from '../network/activation.ts'
import { empiricalRisk } from '../problem.ts'
import { provePoint } from './prove-point.ts'
import { refuse, type Theorem } from './theorem.ts'

const family = 'the data are (0, 1/2), (-1, a), (1, 2a), in any order'
const aboveOne = 'a > 1'

const n = (p: number, q = 1): Rational => rational(BigInt(p), BigInt(q))

/**
 * A single rectifier max(0, p x + q) on three samples whose local minima lie arbitrarily far apart, in value and in place. All six kinds of local
 * minima: the two of the theorem, a third one with all samples active, and three flat families (one member each).
 */
export const rister2016Neuron: Theorem = {
  id: 'rister2016-neuron',
  title: 'A single rectifier whose local minima lie arbitrarily far apart',
  source: 'Rister, Rubin, Piecewise convexity of artificial neural networks, Neural Networks 2017 (arXiv 1607.04917)',
  hypotheses: [family, aboveOne],
  conclusion:
    'local minima with sums of squares 4a^2 and a^2, (3a-1)^2/6 with all samples active, and three flat families; the global one is (3a-1)^2/6 for a < 1 + sqrt(2/3), else a^2',
  example: 'nadir construct rister2016-neuron --alpha 3/2 --out out',
  data: 'own',
  numbers: { alpha: 'the number a of the data, a > 1 (default 2)' },
  build: ({ data, numbers }) => {
    const alpha = data ? alphaOf(data) : (numbers['alpha'] ?? n(2))
    if (!alpha) return refuse(family, 'other samples')
    if (compare(alpha, one) <= 0) return refuse(aboveOne, `a = ${toText(alpha)}`)
    const problem = empiricalRisk({
      network: {
        inputs: [1],
        layers: [
          { kind: 'dense', outputs: 1, bias: true },
          { kind: 'activation', activation: relu },
          { kind: 'dense', outputs: 1, bias: false }
        ]
      },
      data: data ?? dataset([[n(0)], [n(-1)], [n(1)]], [[n(1, 2)], [alpha], [multiply(n(2), alpha)]])
    })
    // The outgoing weight is 1: near it, (p, q) = v (w, b) moves freely, so that the kinds of points are those of the neuron.
    const candidates: readonly (readonly [string, Rational, Rational])[] = [
      ['samples -1 and 0 active', subtract(n(1, 2), alpha), n(1, 2)],
      ['samples 0 and 1 active', subtract(multiply(n(2), alpha), n(1, 2)), n(1, 2)],
      ['all samples active', multiply(n(1, 2), alpha), subtract(alpha, n(-1, 6))],
      ['only sample 1 active', subtract(multiply(n(2), alpha), n(-1)), n(-1)],
      ['only sample -1 active', subtract(negate(alpha), one), n(-1)],
      ['no sample active', n(0), n(-1)]
    ]
    const points = candidates.map(([name, p, q]) => ({
      name,
      point: {
        kind: 'exact' as const,
        tensors: [p, q, one].map((value) => overCommonDenominator([value]))
      }
    }))
    const valuedPoints = points.map(({ name, point }) => provePoint(name, problem, point))
    const least = valuedPoints.reduce((a, b) => (compare(b.loss, a.loss) < 0 ? b : a))
    const better = { point: least.point, loss: least.loss }
    return {
      kind: 'built',
      better,
      notes: [
        `the loss is half the sum of squares; by the complete list of minima the global one is the point with ${least.name}`
      ],
      points: points.map(({ name, point }) => provePoint(name, problem, point, better))
    }
  }
}

/** The number a of data of the family; undefined for other data. */
function alphaOf(data: Dataset): Rational | undefined {
  if (data.samples !== 3 || data.inputCount !== 1 || data.targetCount !== 1) return undefined
  const targetAt = (x: number): Rational | undefined => {
    const i = [0, 1, 2].find((k) => compare(entry(data.inputs, k), n(x)) === 0)
    return i === undefined ? undefined : entry(data.targets, i)
  }
  const [middle, left, right] = [targetAt(0), targetAt(-1), targetAt(1)]
  if (!middle || !left || !right) return undefined
  return compare(middle, n(1, 2)) === 0 && compare(right, multiply(n(2), left)) === 0 ? left : undefined
}
