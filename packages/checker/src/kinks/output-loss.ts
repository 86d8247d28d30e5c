import { type Budget, spend } from '../budget.ts'
import { sampleLoss } from '../enclosed-loss.ts'
import type { Interval } from '../enclosure.ts'
import { greatestBitLength } from '../integers.ts'
import { lossSlopes } from '../nearby/loss-slopes.ts'
import { wordBits } from '../nearby/slopes.ts'
import type { Loss } from '../problem.ts'
import type { Samples, Scaled } from '../samples.ts'
import { around, type Ball, difference, product, sum } from './ball.ts'
import type { Pass } from './pass.ts'

/** The loss of every sample, its gradient and its second derivatives in the outputs; these are missing where they are the identity. */
export type OutputLoss = {
  readonly values: readonly Ball[]
  readonly slopes: readonly (readonly Ball[])[]
  readonly curvatures: readonly (readonly (readonly Ball[])[])[] | undefined
}

const intervalOf = ({ middle, radius }: Ball): Interval => ({ low: middle - radius, high: middle + radius })

const ballOf = ({ low, high }: Interval): Ball => {
  const middle = (low + high) >> 1n
  return { middle, radius: high - middle }
}

const half: Ball = around({ numerator: 1n, denominator: 2n })

const squared = (outputs: readonly (readonly Ball[])[], { rows, denominator }: Scaled): OutputLoss => {
  const slopes = outputs.map((row, sample) =>
    row.map((value, output) => difference(value, around({ numerator: rows[sample][output], denominator })))
  )
  const values = slopes.map((errors) => product(half, errors.map((error) => product(error, error)).reduce(sum)))
  return { values, slopes, curvatures: undefined }
}

/** What the loss of a kind is at the outputs of passes. */
export const outputLoss = (
  kind: Loss['kind'],
  passes: readonly Pass[],
  { targets }: Samples,
  budget: Budget
): OutputLoss => {
  const outputs = passes.map(({ values }) => values.at(-1) ?? [])
  if (kind === 'squared') return squared(outputs, targets)
  const width = targets.rows[0].length
  spend(budget, [1024, outputs.length, width, width], wordBits + greatestBitLength(targets.rows), wordBits)
  const intervals = outputs.map((row) => row.map(intervalOf))
  const slopes = intervals.map((row, sample) => lossSlopes(kind, row, targets.rows[sample], targets.denominator))
  return {
    values: intervals.map((row, sample) => ballOf(sampleLoss(kind, row, targets.rows[sample], targets.denominator))),
    slopes: slopes.map(({ first }) => first.map(ballOf)),
    curvatures: slopes.map(({ second }) => second.map((row) => row.map(ballOf)))
  }
}
