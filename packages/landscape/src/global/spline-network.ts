import { multiply, overCommonDenominator, type Rational, rational, subtract, zero } from '@nadir/arithmetic'
import { relu } from '../network/activation.ts'
import type { Network } from '../network/network.ts'
import type { ExactPoint } from '../point.ts'
import type { Spline } from './free-knots.ts'
import { valueAt } from './spline-chain.ts'

/** A ReLU network with one hidden unit more than the spline has knots (two for a line) that computes it everywhere. Exact. */
export function splineNetwork({ knots, lines }: Spline): { readonly network: Network; readonly point: ExactPoint } {
  const at = knots[0] ?? zero
  const minus = rational(-1n)
  // The first line looks left from the first knot, the second one right, and every further knot adds its change of slope.
  const units: { readonly weight: Rational; readonly knot: Rational; readonly outer: Rational }[] = [
    { weight: minus, knot: at, outer: multiply(minus, lines[0]!.slope) },
    { weight: rational(1n), knot: at, outer: (lines[1] ?? lines[0]!).slope },
    ...knots.slice(1).map((knot, k) => ({
      weight: rational(1n),
      knot,
      outer: subtract(lines[k + 2]!.slope, lines[k + 1]!.slope)
    }))
  ]
  const tensors = [
    units.map(({ weight }) => weight),
    units.map(({ weight, knot }) => multiply(minus, multiply(weight, knot))),
    units.map(({ outer }) => outer),
    [valueAt(lines[0]!, at)]
  ]
  return {
    network: {
      inputs: [1],
      layers: [
        { kind: 'dense', outputs: units.length, bias: true },
        { kind: 'activation', activation: relu },
        { kind: 'dense', outputs: 1, bias: true }
      ]
    },
    point: { kind: 'exact', tensors: tensors.map(overCommonDenominator) }
  }
}
