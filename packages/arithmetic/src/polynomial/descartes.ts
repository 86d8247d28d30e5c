import { absolute, bitLength } from '../integer.ts'
import { type Rational, rational } from '../rational.ts'
import { type Coefficients, signAtRational } from './coefficients.ts'
import type { OrderedDomain } from './ordered-domain.ts'
import { shortDyadic } from './short-dyadic.ts'
import { signChanges } from './sturm.ts'

/** An open interval with the number of sign changes that Descartes' rule counts there: 0 means no root, 1 exactly one. */
export interface Cell {
  readonly lower: Rational
  readonly upper: Rational
  readonly variations: number
}

/**
 * Sign changes in the coefficients of (1+x)^n f((lower + upper x)/(1+x)): at least the number of roots of f in the open
 * interval, counted with multiplicity, and equal to it when it is 0 or 1. Exact. Descartes' rule of signs.
 */
export function signVariations<T>(domain: OrderedDomain<T>, f: Coefficients<T>, lower: Rational, upper: Rational) {
  const n = f.length - 1
  const d = lower.denominator * upper.denominator
  const from = lower.numerator * upper.denominator
  const width = upper.numerator * lower.denominator - from
  // Over z = d x the interval starts at the integer `from` and is `width` wide.
  const c = powersOf(d, n)
  const shifted = f.map((a, i) => domain.scale(a, c[n - i]!))
  for (let i = 0; i < n; i++) {
    for (let k = n - 1; k >= i; k--) shifted[k] = domain.add(shifted[k]!, domain.scale(shifted[k + 1]!, from))
  }
  const w = powersOf(width, n)
  const reversed = shifted.map((_, i) => domain.scale(shifted[n - i]!, w[n - i]!))
  for (let i = 0; i < n; i++) {
    for (let k = n - 1; k >= i; k--) reversed[k] = domain.add(reversed[k]!, reversed[k + 1]!)
  }
  return signChanges(reversed.map(domain.sign))
}

function powersOf(base: bigint, n: number): readonly bigint[] {
  const powers = [1n]
  for (let i = 1; i <= n; i++) powers.push(powers[i - 1]! * base)
  return powers
}

/**
 * Cells that cover the open interval up to their end points, left to right, each with 0 or 1 sign variations: the cells
 * with 1 hold one root each and the others none. No end point strictly inside is a root. Exact.
 * f is squarefree with non-zero values at lower and upper. Vincent, Collins and Akritas. @throws RangeError otherwise
 */
export function isolateRoots<T>(
  domain: OrderedDomain<T>,
  f: Coefficients<T>,
  lower: Rational,
  upper: Rational
): readonly Cell[] {
  if (signAtRational(domain, f, lower) === 0 || signAtRational(domain, f, upper) === 0) {
    throw new RangeError('isolateRoots: an end point is a root')
  }
  const cells: Cell[] = []
  const pending: [Rational, Rational][] = [[lower, upper]]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [from, to] = next
    const variations = signVariations(domain, f, from, to)
    if (variations <= 1) {
      cells.push({ lower: from, upper: to, variations })
      continue
    }
    const middle = splitPoint(domain, f, from, to)
    pending.push([middle, to], [from, middle])
  }
  return cells
}

/** A short rational near the middle of the interval that is not a root of f. */
function splitPoint<T>(domain: OrderedDomain<T>, f: Coefficients<T>, lower: Rational, upper: Rational): Rational {
  let middle = shortDyadic(lower, upper)
  while (signAtRational(domain, f, middle) === 0) middle = shortDyadic(lower, middle)
  return middle
}

/** Every real root of a non-zero f lies strictly between -bound and bound: a power of two above Cauchy's bound. Exact. */
export function rootBound<T>(domain: OrderedDomain<T>, f: Coefficients<T>): Rational {
  for (let bits = 64; ; bits *= 2) {
    const ends = f.map((a) => domain.enclose(a, bits).map(absolute))
    const [low, high] = domain.enclose(f.at(-1)!, bits)
    if (low <= 0n && high >= 0n) continue
    const leading = low > 0n ? low : -high
    // |f_i| / |leading| is at most the sum of all such quotients, which is more than Cauchy asks for.
    const sum = ends.reduce((s, [l, h]) => s + l! + h!, 0n)
    return rational(1n << BigInt(bitLength(sum / leading + 2n)))
  }
}
