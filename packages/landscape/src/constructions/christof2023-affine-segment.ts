import { one, type Rational, rational, sign } from '@nadir/arithmetic'
import { empiricalRisk } from '../problem.ts'
import {
  type AffineStart,
  affinePoint,
  affineStart,
  hingedPoint,
  notAffine,
  notBestFunction
} from './affine-minimum.ts'
import { proveAhead, straightened } from './ahead-of-zero.ts'
import { trainedBelow } from './better-by-training.ts'
import { denseNetwork } from './carried-network.ts'
import { provePoint } from './prove-point.ts'
import { type Construction, type ConstructionRequest, lacksTwoSlopes, refuse, type Theorem } from './theorem.ts'

const widths =
  'every hidden layer has at least two units (several outputs m: m + 1 in the first layer, m in the others)'
const segment = 'the activation has an affine segment that is not constant: two slopes, elu, selu'

/** Best affine fits as spurious minima for every target that is not affine, from any affine segment of the activation. */
export const christof2023AffineSegment: Theorem = {
  id: 'christof2023-affine-segment',
  title: 'Spurious minima from an affine segment of the activation',
  source:
    'Christof, Kowalczyk, On the omnipresence of spurious local minima in certain neural network training problems, Constructive Approximation 2023 (arXiv 2202.12262)',
  hypotheses: [segment, notAffine, notBestFunction, widths],
  conclusion: 'a continuum of spurious local minima for every non-affine target, the net being affine near the data',
  example: 'nadir construct christof2023-affine-segment iris.csv --activation elu --hidden 6,6 --count 4 --out out',
  data: 'yours',
  numbers: {},
  build: (request) => {
    const { hidden, activation } = request
    const ahead = straightened(activation)
    const bent = ahead ?? activation
    const linear = lacksTwoSlopes(bent)
    if (linear) return refuse(segment, linear)
    const start = affineStart({ ...request, activation: bent })
    if (start.kind === 'refused') return start
    const m = start.data.targetCount
    const narrow = hidden.findIndex((width, l) => width < Math.max(2, l === 0 ? m + 1 : m))
    if (hidden.length === 0 || narrow >= 0)
      return refuse(
        widths,
        hidden.length === 0
          ? 'no hidden layer'
          : `hidden layer ${narrow + 1} has ${hidden[narrow]} units for ${m} outputs`
      )
    return ahead ? onSegment(start, request) : onEitherSide(start, request)
  }
}

/** Where the activation has two slopes both sides are segments. */
function onEitherSide(start: AffineStart, request: ConstructionRequest): Construction {
  const { positive, negative } = start.carrier
  const segments = [
    { carrier: { positive, negative, slope: positive, side: 1 as const }, name: 'positive' },
    { carrier: { positive, negative, slope: negative, side: -1 as const }, name: 'negative' }
  ].filter(({ carrier }) => sign(carrier.slope) !== 0)
  const better = hingedPoint(start, request)
  return {
    kind: 'built',
    better,
    notes: better
      ? []
      : ['no single hinge lowers this loss: the points are local minima, whether they are spurious is open'],
    points: Array.from({ length: request.count }, (_, k) => {
      const { carrier, name } = segments[k % segments.length]!
      const shift = rational(BigInt(Math.floor(k / segments.length)))
      const point = affinePoint({ ...start, carrier }, request, shift)
      return provePoint(`${name} segment, shift ${shift.numerator}`, start.problem, point, better)
    })
  }
}

/** elu and selu: all units, the spare ones too, ahead of zero. */
function onSegment(start: AffineStart, request: ConstructionRequest): Construction {
  const { data, hidden, activation, loss, reduction, random, count } = { ...request, data: start.data }
  const network = denseNetwork(data.inputCount, hidden, data.targetCount, activation)
  const problem = empiricalRisk({ network, data, loss, reduction })
  const better = trainedBelow(problem, start.loss, random)
  const pointAt = (shift: Rational) => affinePoint(start, request, shift, one)
  return {
    kind: 'built',
    better,
    notes: better ? [] : ['training led to nothing better: whether the points are spurious is open'],
    points: Array.from({ length: count }, (_, k) =>
      proveAhead(`positive segment, shift ${k}`, problem, pointAt(rational(BigInt(k))), better)
    )
  }
}
