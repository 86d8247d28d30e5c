import { symmetricEigenvalues } from '@nadir/kernels'
import { decayedLoss, type NearbyJson } from './descend.ts'
import type { Value } from './digests.ts'
import { type Fraction, fraction } from './fraction.ts'
import { parametersOf } from './naive.ts'

/*
 * Claims that there is a saddle nearby, tried in doubles by differences: a small gradient, a negative eigenvalue of the Hessian, as many as the index says.
 */

const number = ({ n, d }: Fraction): number => Number(n) / Number(d)
const step = 2 ** -10
const slack = 1e-5

/** Why the claim is false, or undefined when nothing was found. */
export const falsifySaddleNearby = (
  problem: Value,
  claim: NearbyJson & { readonly index?: number }
): string | undefined => {
  const tensors = parametersOf(claim.point).map((tensor) => tensor.map(number))
  const start = tensors.flat()
  const size = start.length
  /** The loss after steps along two parameters. */
  const lossAt = (a: number, s: number, b: number, t: number): number => {
    let next = -1
    const moved = tensors.map((tensor) =>
      tensor.map((entry) => {
        next += 1
        return entry + (next === a ? s : 0) + (next === b ? t : 0)
      })
    )
    return decayedLoss(problem, moved)
  }
  const loss = lossAt(0, 0, 0, 0)
  if (loss > number(fraction(claim.loss)) + slack || loss < number(fraction(claim.lower)) - slack)
    return `the loss is about ${loss}`
  const every = Array.from({ length: size }, (_, k) => k)
  const steepest = Math.max(...every.map((k) => Math.abs(lossAt(k, step, 0, 0) - lossAt(k, -step, 0, 0)) / (2 * step)))
  const reach = number(fraction(claim.radius))
  if (steepest > slack + 1000 * reach) return `the gradient is about ${steepest}`
  const hessian = every.flatMap((a) =>
    every.map(
      (b) =>
        (lossAt(a, step, b, step) -
          lossAt(a, step, b, -step) -
          lossAt(a, -step, b, step) +
          lossAt(a, -step, b, -step)) /
        (4 * step * step)
    )
  )
  const values = symmetricEigenvalues(Float64Array.from(hessian), size)
  const { index } = claim
  if (index !== undefined && (values[index - 1] > slack || values[index] < -slack)) return `the index is not ${index}`
  const [least] = values
  return least > -slack ? `the least eigenvalue of the Hessian is about ${least}` : undefined
}
