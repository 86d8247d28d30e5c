import {
  add,
  divide,
  equal,
  multiply,
  negate,
  one,
  type Rational,
  rational,
  ratioToNumber,
  sign,
  zero
} from '@nadir/arithmetic'

/** Numbers that the search for null directions is written over: exact rationals, or doubles compared up to a tolerance. */
export interface Scalars<S> {
  readonly zero: S
  readonly one: S
  readonly add: (a: S, b: S) => S
  readonly multiply: (a: S, b: S) => S
  readonly negate: (a: S) => S
  readonly divide: (a: S, b: S) => S
  readonly isZero: (a: S) => boolean
  readonly equal: (a: S, b: S) => boolean
  readonly isPositive: (a: S) => boolean
  readonly ratio: (numerator: bigint, denominator: bigint) => S
}

/** Exact. */
export const rationals: Scalars<Rational> = {
  zero,
  one,
  add,
  multiply,
  negate,
  divide,
  isZero: (a) => a.numerator === 0n,
  equal,
  isPositive: (a) => sign(a) > 0,
  ratio: rational
}

/** Doubles; equal means a difference of at most `tolerance` beside the larger of 1 and their size. Approximate. */
export const doubles = (tolerance: number): Scalars<number> => ({
  zero: 0,
  one: 1,
  add: (a, b) => a + b,
  multiply: (a, b) => a * b,
  negate: (a) => -a,
  divide: (a, b) => a / b,
  isZero: (a) => Math.abs(a) <= tolerance,
  equal: (a, b) => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b)),
  isPositive: (a) => a > tolerance,
  ratio: ratioToNumber
})
