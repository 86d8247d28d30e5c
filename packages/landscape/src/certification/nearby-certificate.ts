import { fromNumber, type Rational, toText } from '@nadir/arithmetic'
import type { NewtonMinimum } from '../descent/newton-minimum.ts'
import { type ExactPoint, toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
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

/** The rule `contraction` for a minimum found in doubles, its cube of half-width `reach` in the coordinates of the factor. Undefined for problems that the format has no words for. */
export function nearbyMinimum(problem: Problem, found: NewtonMinimum, reach: number): NearbyMinimum | undefined {
  const document = problemDocument(problem)
  if (document === undefined) return undefined
  const { theta, factor, gradient, loss } = found
  const size = theta.length
  // The factor in numbers of about forty bits.
  const largest = factor.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const bits = 40 - Math.ceil(Math.log2(largest))
  const rows = Array.from({ length: size }, (_, k) =>
    Array.from(factor.subarray(k * size, k * size + k + 1), (x) => BigInt(Math.round(x * 2 ** bits)))
  )
  const denominator = 1n << BigInt(Math.max(0, bits))
  if (bits < 0) return undefined
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
  const point = toExact(problem.network, { kind: 'float', values: theta })
  const claim = {
    radius: shortNumber(reach * longest, 1),
    loss: shortNumber(loss + margin, 1),
    lower: shortNumber(loss - margin, -1)
  }
  return {
    point,
    ...claim,
    certificate: seal(
      document,
      {
        kind: 'local-minimum-nearby',
        point: pointDocument(point),
        radius: toText(claim.radius),
        loss: toText(claim.loss),
        lower: toText(claim.lower)
      },
      { rule: 'contraction', factor: rows.map((numerators) => vectorDocument({ denominator, numerators })) }
    )
  }
}

/** A number near x, not below (1) or not above it (-1) but for rounding. */
function shortNumber(x: number, side: 1 | -1): Rational {
  const step = 10 ** (Math.floor(Math.log10(Math.abs(x) || 1)) - 13)
  return fromNumber((Math.round(x / step) + side) * step)
}
