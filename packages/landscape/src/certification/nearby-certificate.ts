import { fromNumber, type Rational, toText } from '@nadir/arithmetic'
import type { NewtonMinimum } from '../descent/newton-minimum.ts'
import { type ExactPoint, toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Json } from './canonical.ts'
import { type Certificate, pointDocument, seal, vectorDocument } from './certificate.ts'
import { problemDocument } from './problem-document.ts'

/** The statement that there is a local minimum within `radius` of a point, its loss between two numbers, with its certificate. Proved when the checker accepts it. */
export interface NearbyMinimum {
  readonly point: ExactPoint
  readonly radius: Rational
  readonly loss: Rational
  readonly lower: Rational
  readonly certificate: Certificate
}

/** The numbers of the rule `contraction`: the factor row by row, and the claim's three. */
export interface ContractionNumbers {
  readonly factor: Json
  readonly radius: Rational
  readonly loss: Rational
  readonly lower: Rational
}

/** The numbers of the rule `contraction` for a minimum found in doubles, its cube of half-width `reach` in the coordinates of the factor. Undefined for a factor too large for forty bits. */
export function contractionNumbers(found: NewtonMinimum, reach: number): ContractionNumbers | undefined {
  const { theta, factor, gradient, loss } = found
  const size = theta.length
  // The factor in numbers of about forty bits.
  const largest = factor.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const bits = 40 - Math.ceil(Math.log2(largest))
  if (bits < 0) return undefined
  const denominator = 1n << BigInt(bits)
  const rows = Array.from({ length: size }, (_, k) =>
    Array.from(factor.subarray(k * size, k * size + k + 1), (x) => BigInt(Math.round(x * 2 ** bits)))
  )
  let longest = 0
  let slopes = 0
  for (let k = 0; k < size; k++) {
    let length = 0
    let slope = 0
    for (let j = 0; j <= k; j++) length += Math.abs(factor[k * size + j]!)
    for (let j = k; j < size; j++) slope += factor[j * size + k]! * gradient[j]!
    longest = Math.max(longest, length)
    slopes += Math.abs(slope)
  }
  const margin = 1e-11 * (1 + Math.abs(loss)) + 4 * reach * slopes
  return {
    factor: rows.map((numerators) => vectorDocument({ denominator, numerators })),
    radius: shortNumber(reach * longest, 1),
    loss: shortNumber(loss + margin, 1),
    lower: shortNumber(loss - margin, -1)
  }
}

/** The claim that a minimum or a saddle lies beside a point, with these numbers. */
export const nearbyClaim = (
  kind: 'local-minimum-nearby' | 'saddle-nearby',
  point: ExactPoint,
  { radius, loss, lower }: Omit<ContractionNumbers, 'factor'>
): { readonly [key: string]: Json } => ({
  kind,
  point: pointDocument(point),
  radius: toText(radius),
  loss: toText(loss),
  lower: toText(lower)
})

/** The rule `contraction` for a minimum found in doubles. Undefined for problems that the format has no words for. */
export function nearbyMinimum(problem: Problem, found: NewtonMinimum, reach: number): NearbyMinimum | undefined {
  const document = problemDocument(problem)
  const numbers = contractionNumbers(found, reach)
  if (document === undefined || numbers === undefined) return undefined
  const point = toExact(problem.network, { kind: 'float', values: found.theta })
  const { factor, radius, loss, lower } = numbers
  return {
    point,
    radius,
    loss,
    lower,
    certificate: seal(document, nearbyClaim('local-minimum-nearby', point, numbers), { rule: 'contraction', factor })
  }
}

/** A number near x, not below (1) or not above it (-1) but for rounding. */
export function shortNumber(x: number, side: 1 | -1): Rational {
  const step = 10 ** (Math.floor(Math.log10(Math.abs(x) || 1)) - 13)
  return fromNumber((Math.round(x / step) + side) * step)
}
