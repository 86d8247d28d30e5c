import {
  add,
  divide,
  fromNumber,
  multiply,
  negate,
  one,
  overCommonDenominator,
  type Rational,
  rational,
  subtract,
  toNumber,
  zero
} from '@nadir/arithmetic'
import { dataset } from '../data/dataset.ts'
import { type Activation, activationName } from '../network/activation.ts'
import { activationFunction } from '../network/activation-values.ts'
import { curvatureSign } from '../optimality/constant-output.ts'
import type { ExactPoint } from '../point.ts'
import { empiricalRisk } from '../problem.ts'
import { denseNetwork } from './carried-network.ts'
import { boundedLoss, proveConstantOutput } from './smooth-network.ts'
import { refuse, type Theorem } from './theorem.ts'

const curved =
  'the activation is twice continuously differentiable near a point at which the sign of its second derivative is known and not 0'
const widths = 'one hidden layer of at least two units'
const squaredOnly = 'the loss is the squared loss'
const own = 'the data are the three samples of the theorem'

const n = (p: number, q = 1): Rational => rational(BigInt(p), BigInt(q))
const vector = (values: readonly Rational[]) => overCommonDenominator(values)

/** All activations bend up here. */
const place = n(-1)

/**
 * Three samples (1, 0) -> 0, (0, 1) -> 0, (1/2, 1/2) -> 1: units with equal weights for both inputs see the same at all samples, so the output is 1/3 and
 * the loss 1/3, a local minimum for every activation with curvature; and two mirrored units fit the samples exactly.
 */
export const yun2019Smooth: Theorem = {
  id: 'yun2019-smooth',
  title: 'Small nonlinearities in activation functions create bad local minima: smooth case',
  source:
    'Yun, Sra, Jadbabaie, Small nonlinearities in activation functions create bad local minima, ICLR 2019 (arXiv 1802.03487), Theorem 2 and Corollary 3',
  hypotheses: [own, curved, widths, squaredOnly],
  conclusion: 'local minima with outputs 1/3 and loss 1/3 (half the sum of squares), and a point of loss 0',
  example: 'nadir construct yun2019-smooth --activation tanh --hidden 2 --count 3 --out out',
  data: 'own',
  numbers: {},
  build: ({ data, hidden, activation, loss, reduction, count }) => {
    if (data) return refuse(own, 'a file of other data; this theorem is about its own three samples')
    if (loss !== 'squared') return refuse(squaredOnly, `the ${loss} loss`)
    if (hidden.length !== 1 || hidden[0]! < 2) return refuse(widths, `hidden layers ${hidden.join(', ') || 'none'}`)
    if (activation.kind === 'two-slope')
      return refuse(curved, `${activationName(activation)} is piecewise linear; yun2019-relu is its theorem`)
    if (curvatureSign(activation, place) !== 1)
      return refuse(curved, `the sign of the second derivative of ${activation.name} is not known here`)
    const width = hidden[0]!
    const problem = empiricalRisk({
      network: denseNetwork(2, hidden, 1, activation),
      data: dataset(
        [
          [one, zero],
          [zero, one],
          [n(1, 2), n(1, 2)]
        ],
        [[zero], [zero], [one]]
      ),
      loss,
      reduction
    })
    const better = boundedLoss(problem, activation, fittingPoint(activation, width))
    return {
      kind: 'built',
      better,
      notes:
        activation.name === 'quadratic'
          ? []
          : [
              'the output bias that makes the outputs 1/3 is irrational; the files hold the nearest double, the certificate speaks of the exact one',
              'the point of loss 0 is irrational as well; the files hold the nearest doubles, whose loss is bounded by enclosures'
            ],
      points: Array.from({ length: count }, (_, k) => {
        // The argument -1 is shared between the weights and the bias, in another way for every k.
        const weight = n(k - 2, 2)
        const units = {
          weight: vector(new Array<Rational>(2 * width).fill(weight)),
          bias: vector(new Array<Rational>(width).fill(subtract(place, weight))),
          outer: vector(Array.from({ length: width }, (_, j) => n(1, 1 + ((j + k) % 3))))
        }
        const args = vector(new Array<Rational>(width).fill(place))
        return proveConstantOutput(`weights ${k - 2}/2, argument -1`, problem, activation, units, args, better)
      })
    }
  }
}

/**
 * Two units h(z0 + q (x1 - x2)) and h(z0 - q (x1 - x2)): their sum is S = h(z0 + q) + h(z0 - q) on the first two samples and 2 h(z0) on the third, so that
 * -1/G times the sum plus S/G fits all three, G = S - 2 h(z0). Exact for the quadratic activation, else to the nearest doubles.
 */
function fittingPoint(activation: Activation, width: number): ExactPoint {
  const sigma = activationFunction(activation).value
  const at = (t: Rational): Rational =>
    activation.kind === 'smooth' && activation.name === 'quadratic' ? multiply(t, t) : fromNumber(sigma(toNumber(t)))
  const ends = add(at(add(place, one)), at(subtract(place, one)))
  const gap = subtract(ends, multiply(n(2), at(place)))
  const share = divide(n(-1), gap)
  const rounded = activation.kind === 'smooth' && activation.name === 'quadratic' ? share : fromNumber(toNumber(share))
  const spare = new Array<Rational>(width - 2).fill(zero)
  return {
    kind: 'exact',
    tensors: [
      vector([one, n(-1), n(-1), one, ...spare, ...spare]),
      vector(new Array<Rational>(width).fill(place)),
      vector([rounded, rounded, ...spare]),
      vector([negate(multiply(rounded, ends))])
    ]
  }
}
