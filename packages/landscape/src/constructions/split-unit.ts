import {
  entry,
  multiply,
  one,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  subtract
} from '@nadir/arithmetic'
import type { ExactPoint } from '../point.ts'

/** A point of a network with one hidden layer, one output and all biases, one unit in two copies with the shares `share` and 1 - `share` of its outgoing weight, the second one last. Exact. */
export function withCopy({ tensors }: ExactPoint, inputs: number, unit: number, share: Rational): ExactPoint {
  const [weight, bias, outer, last] = tensors as readonly [
    RationalVector,
    RationalVector,
    RationalVector,
    RationalVector
  ]
  const v = entry(outer, unit)
  const weights = outer.numerators.map((_, j) => (j === unit ? multiply(share, v) : entry(outer, j)))
  const repeated = ({ denominator, numerators }: RationalVector, size: number): RationalVector => ({
    denominator,
    numerators: [...numerators, ...numerators.slice(unit * size, (unit + 1) * size)]
  })
  return {
    kind: 'exact',
    tensors: [
      repeated(weight, inputs),
      repeated(bias, 1),
      overCommonDenominator([...weights, multiply(subtract(one, share), v)]),
      last
    ]
  }
}
