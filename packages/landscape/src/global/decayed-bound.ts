import {
  add,
  divide,
  entry,
  multiply,
  type Rational,
  type RationalVector,
  rational,
  subtract,
  toNumber
} from '@nadir/arithmetic'
import { toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import { lbfgs } from '../training/lbfgs.ts'
import { objective } from '../training/objective.ts'
import type { Obstacle } from '../traits.ts'
import { boundedBy, dualEvidence, type GlobalBound } from './bound-certificate.ts'
import { decayedLoss } from './decayed-loss.ts'
import {
  asDecayedProblem,
  type DecayedProblem,
  ofWidth,
  parametersOf,
  solveDecayed,
  withUnits
} from './decayed-program.ts'
import { dualTree } from './dual-tree.ts'

export interface BoundOptions {
  readonly stop?: () => boolean
  readonly onProgress?: (line: string) => void
  /** Take as many units as the optimum needs, not as many as the network of the problem has. */
  readonly smallestWidth?: boolean
  /** Branch and prune where all parameters lie between minus this and this. */
  readonly box?: Rational
  /** The gap that branch and prune ends with, as a part of the loss found: 1e-3 by default. */
  readonly accuracy?: number
}

/**
 * The best network found for a problem with weight decay over one hidden layer, and a proved lower bound for networks of any width: they meet, up to the accuracy
 * of doubles, when the width suffices. Reference: Pilanci and Ergen (arXiv 2002.10553); the bound holds without strong duality.
 */
export function decayedBound(problem: Problem, options: BoundOptions = {}): GlobalBound | Obstacle {
  const decayed = asDecayedProblem(problem)
  if ('kind' in decayed) return decayed
  const solution = solveDecayed(decayed, {
    ...(options.stop ? { stop: options.stop } : {}),
    onRound: (value, lower, units) =>
      options.onProgress?.(
        `convex program: ${units} units, value ${value.toPrecision(10)}, bound ${lower.toPrecision(10)}`
      )
  })
  if (!solution.complete)
    return {
      kind: 'obstacle',
      reason: 'the search over all activation patterns did not end in the given time',
      tryNext: 'give more time with --time-limit, or fewer samples or inputs'
    }
  const needed = Math.max(1, solution.units.length)
  const width = options.smallestWidth ? needed : decayed.view.units
  const sized = withUnits(problem, width)
  const parameters = parametersOf(decayed.view, ofWidth(decayed, solution.units, width), solution.constant)
  if (width < needed) lbfgs(objective(sized), parameters, { iterations: 5000 })
  const point = toExact(sized.network, { kind: 'float', values: parameters })
  const parts = {
    problem: sized,
    point,
    loss: decayedLoss(sized, point),
    method: `the convex program over all activation patterns; its optimum has ${needed} hidden unit${needed === 1 ? '' : 's'}`
  }
  for (let margin = 1e-13; margin < 1e-3; margin *= 10) {
    const z = dualVector(decayed, solution.residuals, Math.min(1, 1 / solution.steepness) * (1 - margin))
    options.onProgress?.(`proof: margin ${margin.toExponential(0)}`)
    const stop = options.stop ?? (() => false)
    const above = dualTree(decayed.view, z, decayed.limit, decayed.measured, stop)
    if (above.kind === 'none') continue
    const mirrored = { ...z, numerators: z.numerators.map((number) => -number) }
    const below = dualTree(decayed.view, mirrored, decayed.limit, decayed.measured, stop)
    if (below.kind === 'none') continue
    return boundedBy(parts, dualValue(decayed, z), dualEvidence(z, above.tree, below.tree))
  }
  return {
    kind: 'obstacle',
    reason: 'no dual vector could be proved',
    tryNext: 'scale inputs and targets to about one'
  }
}

const bits = 52

/** The residuals times a factor as rationals; they add up to zero exactly where a bias that does not decay asks for it. */
export function dualVector(
  { view, program, measured }: DecayedProblem,
  residuals: Float64Array,
  factor: number
): RationalVector {
  const largest = residuals.reduce((most, r) => Math.max(most, Math.abs(r)), 0) || 1
  const shift = Math.max(0, bits - Math.floor(Math.log2(largest)))
  const numerators = Array.from(residuals, (r) => BigInt(Math.round(r * factor * 2 ** shift)))
  if (program.constantPenalty === 0 || measured < view.width) {
    const sum = numerators.reduce((total, number) => total + number, 0n)
    const n = BigInt(numerators.length)
    // As evenly as integers allow.
    for (const [i, number] of numerators.entries())
      numerators[i] = number - (sum * BigInt(i + 1)) / n + (sum * BigInt(i)) / n
  }
  return { denominator: 1n << BigInt(shift), numerators }
}

/** The number B of the rule dual-bound. Exact. */
export function dualValue({ view, problem, limit }: DecayedProblem, z: RationalVector): Rational {
  const { data, reduction, decayBiases } = problem
  let total = rational(0n)
  let sum = rational(0n)
  for (let i = 0; i < z.numerators.length; i++) {
    const number = entry(z, i)
    const target = entry(data.targets, i)
    total = add(total, multiply(number, subtract(target, multiply(number, rational(1n, 2n)))))
    sum = add(sum, number)
  }
  if (view.outputBias && decayBiases) total = subtract(total, divide(multiply(sum, sum), multiply(rational(2n), limit)))
  return reduction === 'mean' ? divide(total, rational(BigInt(data.samples))) : total
}

/** The difference of loss and bound, relative to the loss. Approximate. */
export const relativeGap = ({ loss, bound }: GlobalBound): number =>
  loss.numerator === 0n ? 0 : toNumber(divide(subtract(loss, bound), loss))
