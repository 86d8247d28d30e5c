import type { Evaluation } from './evaluate.ts'
import { signOf } from './integers.ts'
import { errorsOf, marginsOf } from './loss.ts'
import { reject } from './outcome.ts'
import type { Vector } from './point.ts'
import type { Problem } from './problem.ts'
import type { Samples, Scaled } from './samples.ts'

/** For every sample and output the interval [low, high] / denominator of subgradients of the loss of that sample. */
export type Subdifferential = {
  readonly low: Scaled['rows']
  readonly high: Scaled['rows']
  readonly denominator: bigint
}

/** The subdifferential of ell(., y_i) at N(x_i), without the factor of the reduction. Exact. */
export const subdifferentialOf = (problem: Problem, samples: Samples, evaluation: Evaluation): Subdifferential => {
  const { outputs } = evaluation
  const { targets } = samples
  switch (problem.loss.kind) {
    case 'squared': {
      const errors = errorsOf(outputs, targets)
      return { low: errors.rows, high: errors.rows, denominator: errors.denominator }
    }
    case 'huber': {
      const { rows, denominator } = errorsOf(outputs, targets)
      const clamped = rows.map((row) =>
        row.map((e) => (e > denominator ? denominator : e < -denominator ? -denominator : e))
      )
      return { low: clamped, high: clamped, denominator }
    }
    case 'logistic':
    case 'cross-entropy':
      return reject('loss', `the loss ${problem.loss.kind} has irrational gradients`)
    case 'absolute': {
      const signs = errorsOf(outputs, targets).rows.map((row) => signOf(row[0]))
      return {
        low: signs.map((sign) => [sign > 0 ? 1n : -1n]),
        high: signs.map((sign) => [sign < 0 ? -1n : 1n]),
        denominator: 1n
      }
    }
    case 'hinge': {
      const signs = marginsOf(outputs, targets).rows.map((row) => signOf(row[0]))
      const ends = signs.map((sign, sample) => {
        const slope = -targets.rows[sample][0]
        if (sign > 0) return [slope, slope]
        if (sign < 0) return [0n, 0n]
        return slope < 0n ? [slope, 0n] : [0n, slope]
      })
      return { low: ends.map(([low]) => [low]), high: ends.map(([, high]) => [high]), denominator: targets.denominator }
    }
  }
}

/**
 * One subgradient for every sample and output: the only one where there is one, else the one that is given. Rejects
 * given subgradients that lie outside, are missing, are too many, or accompany the squared loss.
 */
export const chooseSubgradients = (
  problem: Problem,
  { low, high, denominator }: Subdifferential,
  given: Vector | undefined
): Scaled => {
  const step = 'subgradients'
  if (problem.loss.kind === 'squared' || problem.loss.kind === 'huber') {
    if (given !== undefined) reject(step, `the ${problem.loss.kind} loss has no choice of subgradients`)
    return { rows: low, denominator }
  }
  if (given === undefined) return reject(step, `the loss ${problem.loss.kind} asks for subgradients`)
  let next = 0
  const rows = low.map((row, sample) =>
    row.map((least, output) => {
      const most = high[sample][output]
      if (least === most) return least * given.denominator
      const index = next
      next += 1
      if (index >= given.numerators.length) return reject(step, `none is given for sample ${sample}`)
      const choice = given.numerators[index] * denominator
      if (choice < least * given.denominator || choice > most * given.denominator) {
        return reject(step, `the one of sample ${sample} is outside the subdifferential`)
      }
      return choice
    })
  )
  if (next !== given.numerators.length) reject(step, `${given.numerators.length} are given where ${next} are asked for`)
  return { rows, denominator: denominator * given.denominator }
}
