/** A rational number; the denominator is positive, lowest terms are not promised. Exact. */
export type Rational = { readonly numerator: bigint; readonly denominator: bigint }

export const zero: Rational = { numerator: 0n, denominator: 1n }

/** The sign of left - right. */
export const compare = (left: Rational, right: Rational): -1 | 0 | 1 => {
  const a = left.numerator * right.denominator
  const b = right.numerator * left.denominator
  return a < b ? -1 : a > b ? 1 : 0
}
