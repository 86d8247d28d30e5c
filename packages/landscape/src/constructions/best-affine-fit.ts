import { integerMatrix, minimizeInBox, type RationalVector, reduceVector, solveLinear } from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'
import type { LossKind } from '../loss/loss.ts'
import type { AffineMap } from './affine-map.ts'

/**
 * One best affine map for each output on these samples (all by default): least squares by the normal equations, least absolute errors and
 * hinge loss by linear programming. The minimum is always attained; where several maps reach it, one of them. Exact.
 */
export function bestAffineFit(
  data: Dataset,
  loss: LossKind,
  samples: readonly number[] = Array.from({ length: data.samples }, (_, i) => i)
): readonly AffineMap[] {
  const { inputs, inputCount: d, targetCount: m, targets } = data
  // x~ = (x, 1) as integers; the map in these integers is divided by their scale.
  const extended = samples.map((i) => [...inputs.numerators.slice(i * d, (i + 1) * d), inputs.denominator])
  const targetsOf = (o: number) => samples.map((i) => targets.numerators[i * m + o]!)
  const inUnits = ({ denominator, numerators }: RationalVector): AffineMap =>
    reduceVector({
      denominator: denominator * targets.denominator,
      numerators: numerators.map((a) => a * inputs.denominator)
    })
  return Array.from({ length: m }, (_, o) => {
    if (loss === 'squared') return inUnits(leastSquares(extended, targetsOf(o)))
    if (loss === 'absolute') return inUnits(leastAbsoluteErrors(extended, targetsOf(o)))
    if (loss === 'hinge') return leastHinge(extended, targetsOf(o), inputs.denominator, targets.denominator)
    throw new RangeError(`bestAffineFit: the best affine fit for the ${loss} loss is not rational`)
  })
}

type Rows = readonly (readonly bigint[])[]

function leastSquares(x: Rows, y: readonly bigint[]): RationalVector {
  const width = x[0]!.length
  const gram = new Array<bigint>(width * width).fill(0n)
  const right = new Array<bigint>(width).fill(0n)
  for (const [i, row] of x.entries())
    for (let a = 0; a < width; a++) {
      if (row[a] === 0n) continue
      right[a]! += row[a]! * y[i]!
      for (let b = a; b < width; b++) gram[a * width + b]! += row[a]! * row[b]!
    }
  for (let a = 0; a < width; a++) for (let b = 0; b < a; b++) gram[a * width + b] = gram[b * width + a]!
  const answer = solveLinear(integerMatrix(width, width, gram), right)
  if (answer.kind === 'inconsistent') throw new Error('leastSquares: normal equations always have a solution')
  return answer
}

/**
 * The maximum of y.r over -1 <= r <= 1 with sum r_i x~_i = 0 is the least sum of absolute errors, and its multipliers are
 * the coefficients of a best fit.
 */
function leastAbsoluteErrors(x: Rows, y: readonly bigint[]): RationalVector {
  const answer = minimizeInBox(
    {
      matrix: integerMatrix(
        x[0]!.length,
        x.length,
        x[0]!.flatMap((_, k) => x.map((row) => row[k]!))
      ),
      b: x[0]!.map(() => 0n),
      lower: x.map(() => -1n),
      upper: x.map(() => 1n)
    },
    y.map((v) => -v)
  )
  if (answer.kind !== 'optimal') throw new Error('leastAbsoluteErrors: a box program around 0 has a minimum')
  // Reduced cost -y_i - p.x~_i >= 0 where r_i = -1: with f = -p.x~ the error y - f is <= 0 there.
  return { denominator: answer.multipliers.denominator, numerators: answer.multipliers.numerators.map((v) => -v) }
}

/** The same for sum max(0, 1 - y f): maximise sum of lambda over 0 <= lambda <= 1 with sum lambda_i y_i x~_i = 0. */
function leastHinge(x: Rows, y: readonly bigint[], scale: bigint, targetScale: bigint): AffineMap {
  const answer = minimizeInBox(
    {
      matrix: integerMatrix(
        x[0]!.length,
        x.length,
        x[0]!.flatMap((_, k) => x.map((row, i) => row[k]! * y[i]!))
      ),
      b: x[0]!.map(() => 0n),
      lower: x.map(() => 0n),
      upper: x.map(() => 1n)
    },
    x.map(() => -1n)
  )
  if (answer.kind !== 'optimal') throw new Error('leastHinge: a box program around 0 has a minimum')
  // Reduced cost -1 - q.(y x~) >= 0 where lambda = 0: with f = -q.x~ the margin 1 - y f is <= 0 there.
  const { denominator, numerators } = answer.multipliers
  return reduceVector({ denominator, numerators: numerators.map((v) => -v * scale * targetScale) })
}
