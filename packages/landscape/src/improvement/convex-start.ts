import { rational } from '@nadir/arithmetic'
import { asDecayedProblem, ofWidth, parametersOf } from '../global/decayed-program.ts'
import { gatedUnits } from '../global/gated-relaxation.ts'
import type { Problem } from '../problem.ts'

/** Weight decay for problems that have none. */
const little = rational(1n, 1000n)

/** Products of numbers beyond which this start takes longer than several others. */
const mostProducts = 5e8

/**
 * Parameters near the minimum of the convex program without its cones, of the units that contribute most: a place to descend from. Undefined where there is no such program (it takes one hidden layer,
 * one output and the squared loss), or where it is too large. Approximate.
 */
export function convexStart(problem: Problem): Float64Array | undefined {
  const decayed = asDecayedProblem(problem.weightDecay.numerator > 0n ? problem : { ...problem, weightDecay: little })
  if ('kind' in decayed) return undefined
  const { program, view } = decayed
  const patterns = 40
  if (program.samples * program.width * patterns * 800 > mostProducts) return undefined
  const { units, constant } = gatedUnits(program, patterns)
  return units.length === 0 ? undefined : parametersOf(view, ofWidth(decayed, units, view.units), constant)
}
