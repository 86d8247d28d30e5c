import {
  fromNumber,
  overCommonDenominator,
  type RationalVector,
  ratioToNumber,
  vectorToNumbers
} from '@nadir/arithmetic'
import { type Network, parameterShapes, tensorSize } from './network/network.ts'

/** Parameters as doubles, tensor by tensor in the order of `parameterShapes`; each double stands for its exact value. */
export interface FloatPoint {
  readonly kind: 'float'
  readonly values: Float64Array
}

/** Parameters as rationals, one vector (with its own denominator) per tensor of `parameterShapes`. Exact. */
export interface ExactPoint {
  readonly kind: 'exact'
  readonly tensors: readonly RationalVector[]
}

export type Point = FloatPoint | ExactPoint

/** The same parameters as rationals: no rounding, every double is a dyadic rational. */
export function toExact(network: Network, point: Point): ExactPoint {
  if (point.kind === 'exact') return point
  let start = 0
  const tensors = parameterShapes(network).map((t) => {
    const end = start + tensorSize(t)
    const tensor = overCommonDenominator(Array.from(point.values.subarray(start, end), fromNumber))
    start = end
    return tensor
  })
  return { kind: 'exact', tensors }
}

/** The same parameters as doubles, each rounded to the nearest. Approximate when the point is not made of doubles. */
export function toFloat(point: Point): FloatPoint {
  if (point.kind === 'float') return point
  const parts = point.tensors.map(vectorToNumbers)
  const values = new Float64Array(parts.reduce((n, p) => n + p.length, 0))
  let start = 0
  for (const p of parts) {
    values.set(p, start)
    start += p.length
  }
  return { kind: 'float', values }
}

/** Largest absolute change of a parameter, rounded. */
export function largestChange(a: ExactPoint, b: ExactPoint): number {
  let largest = 0
  for (const [t, x] of a.tensors.entries()) {
    const y = b.tensors[t]!
    for (const [k, p] of x.numerators.entries()) {
      const difference = p * y.denominator - y.numerators[k]! * x.denominator
      if (difference !== 0n)
        largest = Math.max(largest, Math.abs(ratioToNumber(difference, x.denominator * y.denominator)))
    }
  }
  return largest
}
