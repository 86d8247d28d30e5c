import {
  entry,
  multiply,
  one,
  overCommonDenominator,
  type Rational,
  rational,
  sign,
  subtract,
  toText
} from '@nadir/arithmetic'
import { type Configuration, tensorsOf } from '../cells/configuration.ts'
import type { ExactPoint } from '../point.ts'
import { empiricalRisk } from '../problem.ts'
import { denseNetwork } from './carried-network.ts'
import { provePoint } from './prove-point.ts'
import { settledMinimum } from './settled-minimum.ts'
import { lacksTwoSlopes, needsTwoSlopes, refuse, type Theorem } from './theorem.ts'

const shape = 'one hidden layer of at least two units, one output, squared loss'
const liveUnit = 'a local minimum of the network with one unit fewer has a unit with outgoing weight'

/** A local minimum of a narrower network with one unit split in two: a line of points with the same loss. */
export const fukumizu2000Splitting: Theorem = {
  id: 'fukumizu2000-splitting',
  title: 'Neuron splitting: a local minimum becomes a line of minima or saddles',
  source:
    'Fukumizu, Amari, Local minima and plateaus in hierarchical structures of multilayer perceptrons, Neural Networks 13 (2000)',
  hypotheses: [needsTwoSlopes, shape, liveUnit],
  conclusion:
    'shares lambda and 1 - lambda of the outgoing weight: local minima for 0 < lambda < 1; outside, minima too when no sample is on the kink of the unit, else not stationary',
  example: 'nadir construct fukumizu2000-splitting sine.csv --hidden 4 --count 4 --out out',
  data: 'yours',
  numbers: {},
  build: (request) => {
    const { data, hidden, activation, loss, reduction, count, random } = request
    if (!data) return refuse('data are given', 'no data')
    const linear = lacksTwoSlopes(activation)
    if (linear) return refuse(needsTwoSlopes, linear)
    if (hidden.length !== 1 || hidden[0]! < 2 || data.targetCount !== 1 || loss !== 'squared')
      return refuse(
        shape,
        `hidden layers ${hidden.join(', ') || 'none'}, ${data.targetCount} outputs, the ${loss} loss`
      )
    const problemOf = (units: number) =>
      empiricalRisk({ network: denseNetwork(data.inputCount, [units], 1, activation), data, loss, reduction })
    const small = settledMinimum(problemOf(hidden[0]! - 1), random)
    if (!small) return refuse(liveUnit, 'no local minimum was reached')
    const unit = unitToSplit(small)
    if (unit === undefined) return refuse(liveUnit, 'all outgoing weights are 0')
    const problem = problemOf(hidden[0]!)
    const onKink = small.signs.slice(unit * data.samples, (unit + 1) * data.samples).includes(0)
    return {
      kind: 'built',
      better: undefined,
      notes: [
        `unit ${unit} of the minimum of width ${hidden[0]! - 1} is split; ${onKink ? 'samples are' : 'no sample is'} on its kink`
      ],
      points: shares(count).map((share) => provePoint(`lambda = ${toText(share)}`, problem, split(small, unit, share)))
    }
  }
}

/** A unit with outgoing weight, with a sample on its kink if there is one. */
function unitToSplit({ view, outer, signs }: Configuration): number | undefined {
  const live = outer.flatMap(([v], j) => (sign(v!) !== 0 ? [j] : []))
  const hasKink = (j: number) => signs.slice(j * view.samples, (j + 1) * view.samples).includes(0)
  return live.find(hasKink) ?? live[0]
}

/** 1/2, 3/2, 1/3, -1/2, ...: every second one outside [0, 1]. */
const shares = (count: number): Rational[] =>
  Array.from({ length: count }, (_, k) =>
    k % 4 === 1
      ? rational(BigInt(k + 5), 4n)
      : k % 4 === 3
        ? rational(-1n, BigInt(k - 1))
        : rational(1n, BigInt(2 + k / 2))
  )

/** The unit in two copies with these shares of its outgoing weight. */
function split({ view, point }: Configuration, unit: number, share: Rational): ExactPoint {
  const { hiddenWeight, hiddenBias, outerWeight, outerBias } = tensorsOf(view, point)
  const d = view.problem.data.inputCount
  const v = entry(outerWeight, unit)
  const weights = outerWeight.numerators.map((_, j) => (j === unit ? multiply(share, v) : entry(outerWeight, j)))
  return {
    kind: 'exact',
    tensors: [
      {
        ...hiddenWeight,
        numerators: [...hiddenWeight.numerators, ...hiddenWeight.numerators.slice(unit * d, (unit + 1) * d)]
      },
      { ...hiddenBias!, numerators: [...hiddenBias!.numerators, hiddenBias!.numerators[unit]!] },
      overCommonDenominator([...weights, multiply(subtract(one, share), v)]),
      outerBias!
    ]
  }
}
