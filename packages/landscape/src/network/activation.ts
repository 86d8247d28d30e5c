import { compare, negate, one, type Rational, rational, sign, toText, zero } from '@nadir/arithmetic'

/** Smooth activations by name; no exact arithmetic exists for their values. */
export type SmoothName =
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'gelu'
  | 'gelu-tanh'
  | 'silu'
  | 'elu'
  | 'selu'
  | 'arctan'
  | 'sine'
  | 'quadratic'

/**
 * t -> positive*t for t >= 0, negative*t for t < 0 (ReLU is 1, 0; leaky ReLU 1, a; absolute value 1, -1), or a smooth
 * function by name. The identity is the two-slope function with equal slopes and is left out of a network.
 */
export type Activation =
  | { readonly kind: 'two-slope'; readonly positive: Rational; readonly negative: Rational }
  | { readonly kind: 'smooth'; readonly name: SmoothName }

export const twoSlope = (positive: Rational, negative: Rational): Activation => ({
  kind: 'two-slope',
  positive,
  negative
})
export const relu: Activation = twoSlope(one, zero)
export const leakyRelu = (slope: Rational = rational(1n, 100n)): Activation => twoSlope(one, slope)
export const absoluteValue: Activation = twoSlope(one, negate(one))

/** The name that people use: relu, leaky-relu:1/100, abs, two-slope:a,b, tanh... */
export function activationName(a: Activation): string {
  if (a.kind === 'smooth') return a.name
  if (compare(a.positive, one) !== 0) return `two-slope:${toText(a.positive)},${toText(a.negative)}`
  if (sign(a.negative) === 0) return 'relu'
  return compare(a.negative, negate(one)) === 0 ? 'abs' : `leaky-relu:${toText(a.negative)}`
}
