import {
  absolute,
  compare,
  multiply,
  one,
  overCommonDenominator,
  parseExact,
  type Rational,
  type RationalVector,
  rational,
  toText,
  zero
} from '@nadir/arithmetic'
import { evaluateExactly } from '../cells/exact-evaluation.ts'
import { pointDocument, seal } from '../certification/certificate.ts'
import { deepCertificate } from '../certification/deep-certificate.ts'
import { problemDocument } from '../certification/problem-document.ts'
import type { Dataset } from '../data/dataset.ts'
import { activationName } from '../network/activation.ts'
import { lossOfMean, residualMoment, residualsOfMean } from '../optimality/constant-output.ts'
import { straight } from '../optimality/curve.ts'
import type { ExactPoint } from '../point.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { denseNetwork } from './carried-network.ts'
import { atMean } from './smooth-network.ts'
import { type ConstructedPoint, refuse, type Theorem } from './theorem.ts'

const zeroOfDerivative =
  'the derivative of the activation has a zero at which the second derivative has none: quadratic, gelu, silu, sine'
const shape = 'one hidden layer, one output, squared loss'
const correlated = 'the targets are correlated with some input'

/** Zeros of the derivative, to thirty digits. */
const restingPlaces: Readonly<Record<string, string>> = {
  gelu: '-0.75179152469356445745790494678',
  silu: '-1.27846454276107379510935873902',
  sine: '1.57079632679489661923132169164',
  quadratic: '0'
}

/** All hidden arguments at a zero of the derivative: stationary whatever the residuals, and a strict saddle. */
export const oleary2020DerivativeZero: Theorem = {
  id: 'oleary2020-derivative-zero',
  title: 'Strict saddles where the derivative of the activation is zero',
  source:
    'O’Leary-Roseberry, Ghattas, Ill-posedness and optimization geometry for nonlinear neural network training (arXiv 2002.02882); the rule zero-derivative of the specification',
  hypotheses: [zeroOfDerivative, shape, correlated],
  conclusion:
    'hidden weights 0, hidden biases at the zero of the derivative, any outgoing weights that are not all 0, the mean as output: a strict saddle',
  example: 'nadir construct oleary2020-derivative-zero iris.csv --activation gelu --hidden 3 --count 2 --out out',
  data: 'yours',
  numbers: {},
  build: ({ data, hidden, activation, loss, reduction, count }) => {
    if (!data) return refuse('data are given', 'no data')
    const place = activation.kind === 'smooth' ? restingPlaces[activation.name] : undefined
    if (place === undefined) return refuse(zeroOfDerivative, `the activation is ${activationName(activation)}`)
    if (hidden.length !== 1 || data.targetCount !== 1 || loss !== 'squared')
      return refuse(
        shape,
        `hidden layers ${hidden.join(', ') || 'none'}, ${data.targetCount} outputs, the ${loss} loss`
      )
    if (residualMoment(data, residualsOfMean(data)).every((a) => a === 0n))
      return refuse(correlated, 'the sum of the residuals times every input is 0')
    const problem = empiricalRisk({
      network: denseNetwork(data.inputCount, hidden, 1, activation),
      data,
      loss,
      reduction
    })
    const width = hidden[0]!
    const points = Array.from({ length: count }, (_, k): ConstructedPoint => {
      const outer = {
        denominator: 1n,
        numerators: Array.from({ length: width }, (_, j) => BigInt(j === 0 ? k + 1 : ((j + k) % 3) - 1))
      }
      const args = overCommonDenominator(new Array<Rational>(width).fill(parseExact(place)!))
      const weight = { denominator: 1n, numerators: new Array<bigint>(width * data.inputCount).fill(0n) }
      const point = atMean(problem, activation, { weight, bias: args, outer }, args)
      const certificate = place === '0' ? exactSaddle(problem, point) : restingSaddle(problem, { weight, outer })
      return {
        name: `outgoing weights ${outer.numerators.slice(0, 6).join(', ')}${width > 6 ? ', ...' : ''}`,
        problem,
        point,
        loss: lossOfMean(data, reduction),
        claim: certificate ? 'saddle' : 'undecided',
        certificate,
        reason: `hidden arguments at ${place === '0' ? '0' : `the zero ${place.slice(0, 12)}... of the derivative`}; the targets are correlated with the inputs`
      }
    })
    return {
      kind: 'built',
      better: undefined,
      points,
      notes:
        place === '0'
          ? []
          : [
              'the hidden biases and the output bias are irrational; the files hold numbers near them, the certificate speaks of the exact ones'
            ]
    }
  }
}

/** The certificate by the rule zero-derivative: hidden and output biases are left out. */
function restingSaddle(
  problem: Problem,
  { weight, outer }: { readonly weight: RationalVector; readonly outer: RationalVector }
) {
  const document = problemDocument(problem)
  if (document === undefined) return undefined
  const point = pointDocument({ kind: 'exact', tensors: [weight, outer] })
  return seal(
    document,
    { kind: 'saddle', point, loss: toText(lossOfMean(problem.data, problem.reduction)) },
    { rule: 'zero-derivative' }
  )
}

/**
 * The certificate for the quadratic activation, all values rational. With weights t g and bias t K of the first unit, g = sum r_i x_i, the loss changes by t^2 v
 * times sum r_i (g . x_i)^2 + 2 K |g|^2, and more for higher orders: it falls or rises as K says.
 */
function exactSaddle(problem: Problem, point: ExactPoint) {
  const evaluation = evaluateExactly(problem, point)
  const g = gradientDirection(problem.data)
  const [, , outer] = point.tensors
  const along = (side: 1 | -1): ExactPoint => {
    const steepness = multiply(rational(BigInt(side)), balancingBias(problem.data, g))
    const rest = point.tensors.map(({ numerators }) => ({ denominator: 1n, numerators: numerators.map(() => 0n) }))
    const weight = { denominator: g.denominator, numerators: rest[0]!.numerators.map((_, k) => g.numerators[k] ?? 0n) }
    const bias = overCommonDenominator(rest[1]!.numerators.map((_, j) => (j === 0 ? steepness : zero)))
    return { kind: 'exact', tensors: [weight, bias, rest[2]!, rest[3]!] }
  }
  const sign = outer!.numerators[0]! > 0n ? 1 : -1
  return deepCertificate(evaluation, {
    kind: 'saddle',
    descent: straight(along(sign === 1 ? -1 : 1)),
    ascent: straight(along(sign)),
    reason: 'the gradient is zero and the loss falls and rises'
  })
}

/** sum r_i x_i, scaled to a largest entry of 1. */
function gradientDirection(data: Dataset): RationalVector {
  const moment = residualMoment(data, residualsOfMean(data))
  const largest = moment.reduce((most, a) => (absolute(a) > most ? absolute(a) : most), 0n)
  return { denominator: largest, numerators: moment }
}

/** A number K >= 1 with 2 K sum r_i (g . x_i) beyond the size of sum r_i (g . x_i)^2, g a positive multiple of sum r_i x_i. */
function balancingBias(data: Dataset, g: RationalVector): Rational {
  const { inputs, inputCount: d } = data
  let first = 0n
  let second = 0n
  for (const [i, r] of residualsOfMean(data).numerators.entries()) {
    let along = 0n
    for (let k = 0; k < d; k++) along += g.numerators[k]! * inputs.numerators[i * d + k]!
    first += r * along
    second += r * along * along
  }
  const needed = rational(absolute(second), first * g.denominator * inputs.denominator)
  return compare(needed, one) > 0 ? needed : one
}
