import { compare, one, parseExact, type Rational, toText, zero } from '@nadir/arithmetic'
import { evaluateExactly } from '../cells/exact-evaluation.ts'
import { pointDocument, seal, type ValuedPoint } from '../certification/certificate.ts'
import { evidenceOf } from '../certification/deep-certificate.ts'
import { problemDocument } from '../certification/problem-document.ts'
import { type Activation, twoSlope } from '../network/activation.ts'
import { decideDeep } from '../optimality/deep-decision.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { ConstructedPoint } from './theorem.ts'

const seluScale = parseExact('1.0507009873554804934193349852946')!

/** The rectifier that elu or selu is for positive arguments, a line there; undefined for other activations. Exact. */
export function straightened(activation: Activation): Activation | undefined {
  if (activation.kind !== 'smooth') return undefined
  const slopes: Partial<Record<string, Rational>> = { elu: one, selu: seluScale }
  const slope = slopes[activation.name]
  return slope && twoSlope(slope, zero)
}

/** The problem with every elu and selu replaced by the line that it is for positive arguments. */
export const straightenedProblem = (problem: Problem): Problem => ({
  ...problem,
  network: {
    ...problem.network,
    layers: problem.network.layers.map((layer) =>
      layer.kind === 'activation' ? { ...layer, activation: straightened(layer.activation) ?? layer.activation } : layer
    )
  }
})

/**
 * What is proved of a point at which all arguments of elu and selu are positive: near it the network is the straightened one. Exact.
 * Reference: the rule affine-segment of the specification.
 */
export function proveAhead(
  name: string,
  problem: Problem,
  point: ExactPoint,
  better: ValuedPoint | undefined
): ConstructedPoint {
  const evaluation = evaluateExactly(straightenedProblem(problem), point)
  const decision = decideDeep(evaluation)
  const { loss } = evaluation
  const document = problemDocument(problem)
  const parts = { name, problem, point, loss }
  if (decision.kind !== 'local-minimum' || decision.rule !== 'path-span' || document === undefined)
    return { ...parts, claim: 'undecided', certificate: undefined, reason: decision.reason }
  const place = { point: pointDocument(point), loss: toText(loss) }
  const minimum = { ...evidenceOf(problem, decision), rule: 'affine-segment' }
  const reason = 'all arguments are positive, where the activation is a line; no affine map nearby does better'
  return better && compare(better.loss, loss) < 0
    ? {
        ...parts,
        reason,
        claim: 'spurious',
        certificate: seal(
          document,
          { kind: 'spurious', ...place, better: pointDocument(better.point), betterLoss: toText(better.loss) },
          { rule: 'better-point', minimum }
        )
      }
    : {
        ...parts,
        reason,
        claim: 'local-minimum',
        certificate: seal(document, { kind: 'local-minimum', ...place }, minimum)
      }
}
