import { toNumber } from '@nadir/arithmetic'
import { decayMask } from '../loss/approximate-loss.ts'
import type { Problem } from '../problem.ts'
import type { CurvatureKind } from './operator.ts'

/** The diagonal that weight decay adds to a curvature; zeros for the Fisher information of samples alone. Approximate. */
export function decayDiagonal(problem: Problem, kind: CurvatureKind): Float64Array {
  const decay = kind === 'hessian' || kind === 'gauss-newton' ? toNumber(problem.weightDecay) : 0
  return Float64Array.from(decayMask(problem), (decays) => decays * decay)
}
