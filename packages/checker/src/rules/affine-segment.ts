import type { Budget } from '../budget.ts'
import type { PathSpan } from '../deep-evidence.ts'
import { forwardThrough } from '../forward.ts'
import { reject } from '../outcome.ts'
import type { Point } from '../point.ts'
import { isRational, isSmooth, type Layer, type Problem } from '../problem.ts'
import type { Rational } from '../rational.ts'
import type { Samples } from '../samples.ts'
import { requireLoss } from './evaluation.ts'
import { requirePathSpan } from './path-span.ts'

const zero: Rational = { numerator: 0n, denominator: 1n }

/** The slopes of the activations that are straight lines through 0 for positive arguments. */
const slopesAhead: Readonly<Record<string, Rational>> = {
  elu: { numerator: 1n, denominator: 1n },
  selu: { numerator: 10507009873554804934193349852946n, denominator: 10n ** 31n }
}

const straightened = (layer: Layer): Layer => {
  const slope = isSmooth(layer) ? slopesAhead[layer.name] : undefined
  return slope === undefined ? layer : { kind: 'two-slope', positive: slope, negative: zero }
}

/** Rejects unless conditions (a) and (b) hold. */
export const requireAffineSegment = (
  problem: Problem,
  samples: Samples,
  claim: { readonly point: Point; readonly loss: Rational },
  evidence: PathSpan,
  budget: Budget
): void => {
  const { layers } = problem.network
  const network = { ...problem.network, layers: layers.map(straightened) }
  const straight = { ...problem, network }
  if (!isRational(straight)) reject('network', 'the rule is for elu and selu layers and rational losses')
  const evaluation = requireLoss(straight, samples, claim.point, claim.loss, 'evaluation', budget)
  const values = forwardThrough(network, claim.point, samples.inputs, budget)
  for (const [index, layer] of layers.entries()) {
    if (!isSmooth(layer)) continue
    for (const [sample, row] of values[index].rows.entries()) {
      if (row.some((argument) => argument <= 0n)) {
        reject('(a)', `layer ${index}, sample ${sample}: an argument is not positive`)
      }
    }
  }
  requirePathSpan({ problem: straight, samples, point: claim.point, evaluation, budget }, evidence)
}
