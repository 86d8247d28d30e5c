import {
  add,
  entry,
  fromNumber,
  multiply,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  subtract,
  toNumber,
  toText,
  zero
} from '@nadir/arithmetic'
import { pointDocument, seal, type ValuedPoint } from '../certification/certificate.ts'
import { problemDocument } from '../certification/problem-document.ts'
import { approximateLoss } from '../loss/approximate-loss.ts'
import type { Activation } from '../network/activation.ts'
import { activationFunction } from '../network/activation-values.ts'
import { evaluate } from '../network/evaluate.ts'
import { constantOutputMinimum, lossOfMean } from '../optimality/constant-output.ts'
import { type ExactPoint, toFloat } from '../point.ts'
import type { Problem } from '../problem.ts'
import { valued } from './prove-point.ts'
import type { ConstructedPoint } from './theorem.ts'

/** One hidden layer of a smooth activation with all biases: weight (units x inputs), bias, outgoing weight of the one output. Exact. */
export interface SmoothUnits {
  readonly weight: RationalVector
  readonly bias: RationalVector
  readonly outer: RationalVector
}

const isQuadratic = (activation: Activation): boolean => activation.kind === 'smooth' && activation.name === 'quadratic'

/** The mean of the targets of one output. */
export const meanTarget = ({ data }: Problem): Rational =>
  rational(
    data.targets.numerators.reduce((a, b) => a + b, 0n),
    data.targets.denominator * BigInt(data.samples)
  )

/** The point whose hidden arguments are the biases at every sample and whose output is the mean of the targets; for all activations but the quadratic one, to the nearest double. */
export function atMean(problem: Problem, activation: Activation, units: SmoothUnits, args: RationalVector): ExactPoint {
  const { weight, bias, outer } = units
  const sigma = activationFunction(activation).value
  const output = outer.numerators.reduce((sum, _, j) => {
    const t = entry(args, j)
    const value = isQuadratic(activation) ? multiply(t, t) : fromNumber(sigma(toNumber(t)))
    return add(sum, multiply(entry(outer, j), value))
  }, zero)
  const exactBias = subtract(meanTarget(problem), output)
  const last = isQuadratic(activation) ? exactBias : fromNumber(toNumber(exactBias))
  return { kind: 'exact', tensors: [weight, bias, outer, overCommonDenominator([last])] }
}

/** A point with a number that its loss does not exceed: exact for the quadratic activation, else an approximate loss with room for rounding, which the checker must prove. */
export function boundedLoss(problem: Problem, activation: Activation, point: ExactPoint): ValuedPoint {
  if (isQuadratic(activation)) return valued(problem, point)
  const theta = toFloat(point).values
  const loss = approximateLoss(problem, theta, (input) => evaluate(problem.network, theta, input))
  return { point, loss: fromNumber(loss * (1 + 1e-6) + 1e-12) }
}

/** What is proved of units with constant arguments and the mean of the targets as output, with its certificate. */
export function proveConstantOutput(
  name: string,
  problem: Problem,
  activation: Activation,
  units: SmoothUnits,
  args: RationalVector,
  better: ValuedPoint | undefined
): ConstructedPoint {
  const point = atMean(problem, activation, units, args)
  const loss = lossOfMean(problem.data, problem.reduction)
  const answer = constantOutputMinimum(problem.data, activation, { arguments: args, outer: units.outer })
  const document = problemDocument(problem)
  if (answer.kind === 'failed' || document === undefined)
    return {
      name,
      problem,
      point,
      loss,
      claim: 'undecided',
      certificate: undefined,
      reason: answer.kind === 'failed' ? answer.reason : 'the certificate format has no words for the problem'
    }
  // The balanced output bias is irrational; a certificate leaves it out.
  const claimed = pointDocument(
    isQuadratic(activation) ? point : { kind: 'exact', tensors: point.tensors.slice(0, -1) }
  )
  const minimum = { rule: 'constant-output' }
  const certificate = better
    ? seal(
        document,
        {
          kind: 'spurious',
          point: claimed,
          loss: toText(loss),
          better: pointDocument(better.point),
          betterLoss: toText(better.loss)
        },
        { rule: 'better-point', minimum }
      )
    : seal(document, { kind: 'local-minimum', point: claimed, loss: toText(loss) }, minimum)
  return {
    name,
    problem,
    point,
    loss,
    claim: better ? 'spurious' : 'local-minimum',
    certificate,
    reason: "the residuals are orthogonal to the inputs and v sigma'' times their second moments is definite"
  }
}
