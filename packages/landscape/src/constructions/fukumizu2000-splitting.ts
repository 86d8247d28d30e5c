import { type Rational, rational, sign, toText } from '@nadir/arithmetic'
import type { Configuration } from '../cells/configuration.ts'
import { problemDocument } from '../certification/problem-document.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { denseNetwork } from './carried-network.ts'
import { provePoint } from './prove-point.ts'
import { settledMinimum } from './settled-minimum.ts'
import { placeToSplit, splitPoint } from './split-smooth.ts'
import { withCopy } from './split-unit.ts'
import { type Construction, type ConstructionRequest, lacksTwoSlopes, refuse, type Theorem } from './theorem.ts'

const shape = 'one hidden layer of at least two units, one output, squared loss'
const activations = 'the activation has two different slopes or is smooth and in the certificate format'
const liveUnit = 'a local minimum of the network with one unit fewer has a unit with outgoing weight'
const nondegenerate = 'from random starts, a nondegenerate local minimum of the network with one unit fewer is reached'
const enclosable = 'for smooth activations, samples x (units + 1) x parameters^2 is at most 20 million'
const mostProducts = 2e7

/** A local minimum of a narrower network with one unit split in two: a line of points with the same loss. */
export const fukumizu2000Splitting: Theorem = {
  id: 'fukumizu2000-splitting',
  title: 'Neuron splitting: a local minimum becomes a line of minima or saddles',
  source:
    'Fukumizu, Amari, Local minima and plateaus in hierarchical structures of multilayer perceptrons, Neural Networks 13 (2000)',
  hypotheses: [activations, shape, liveUnit, nondegenerate, enclosable],
  conclusion:
    "shares lambda and 1 - lambda of the outgoing weight v; two slopes: local minima for 0 < lambda < 1, outside too when no sample is on the kink of the unit, else not stationary; smooth: local minima where lambda (1 - lambda) v sum r sigma'' x x^T is positive definite, saddles where it has a negative direction",
  example: 'nadir construct fukumizu2000-splitting sine.csv --hidden 4 --count 4 --out out',
  data: 'yours',
  numbers: {},
  build: (request) => {
    const { data, hidden, activation, loss, reduction } = request
    if (!data) return refuse('data are given', 'no data')
    if (hidden.length !== 1 || hidden[0]! < 2 || data.targetCount !== 1 || loss !== 'squared')
      return refuse(
        shape,
        `hidden layers ${hidden.join(', ') || 'none'}, ${data.targetCount} outputs, the ${loss} loss`
      )
    const problemOf = (units: number) =>
      empiricalRisk({ network: denseNetwork(data.inputCount, [units], 1, activation), data, loss, reduction })
    const [small, wide] = [problemOf(hidden[0]! - 1), problemOf(hidden[0]!)]
    if (activation.kind === 'smooth') return smoothSplit(small, wide, request)
    const linear = lacksTwoSlopes(activation)
    return linear ? refuse(activations, linear) : twoSlopeSplit(small, wide, request)
  }
}

function smoothSplit(
  small: Problem,
  wide: Problem,
  { activation, hidden, count, random }: ConstructionRequest
): Construction {
  const units = hidden[0]!
  if (problemDocument(wide) === undefined)
    return refuse(activations, `the activation is ${activation.kind === 'smooth' ? activation.name : 'linear'}`)
  const parameters = units * (wide.data.inputCount + 2) + 1
  const products = wide.data.samples * (units + 1) * parameters ** 2
  if (products > mostProducts) return refuse(enclosable, `${products}`)
  const place = placeToSplit(small, random)
  if (!place) return refuse(nondegenerate, 'none was reached')
  const kinds = { 1: 'positive definite', '-1': 'negative definite', 0: 'indefinite at all that were reached' }
  return {
    kind: 'built',
    better: undefined,
    notes: [
      `unit ${place.unit} of a nondegenerate minimum of width ${units - 1} is split; B is ${kinds[place.curves]}`,
      'the losses are upper bounds; the inertias of the whole Hessian are evidence in doubles, the statements are proved'
    ],
    points: shares(count).flatMap((share) => splitPoint(place, wide, share) ?? [])
  }
}

function twoSlopeSplit(narrow: Problem, wide: Problem, { hidden, count, random }: ConstructionRequest): Construction {
  const small = settledMinimum(narrow, random)
  if (!small) return refuse(liveUnit, 'no local minimum was reached')
  const unit = unitToSplit(small)
  if (unit === undefined) return refuse(liveUnit, 'all outgoing weights are 0')
  const { data } = narrow
  const onKink = small.signs.slice(unit * data.samples, (unit + 1) * data.samples).includes(0)
  return {
    kind: 'built',
    better: undefined,
    notes: [
      `unit ${unit} of the minimum of width ${hidden[0]! - 1} is split; ${onKink ? 'samples are' : 'no sample is'} on its kink`
    ],
    points: shares(count).map((share) =>
      provePoint(`lambda = ${toText(share)}`, wide, withCopy(small.point, data.inputCount, unit, share))
    )
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
