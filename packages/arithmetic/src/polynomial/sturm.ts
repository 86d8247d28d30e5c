import type { Rational } from '../rational.ts'
import { type Coefficients, derivativeCoefficients, negateCoefficients, signAtRational } from './coefficients.ts'
import { pseudoDivide } from './division.ts'
import type { OrderedDomain } from './ordered-domain.ts'

/** f, f', and the negated remainders of Euclid's algorithm, each up to a positive factor. Exact. */
export function sturmChain<T>(domain: OrderedDomain<T>, f: Coefficients<T>): readonly Coefficients<T>[] {
  const chain: Coefficients<T>[] = [f]
  let next = derivativeCoefficients(domain, f)
  while (next.length > 0) {
    chain.push(domain.associate(next))
    const { remainder } = pseudoDivide(domain, chain.at(-2)!, chain.at(-1)!)
    next = negateCoefficients(domain, remainder)
  }
  return chain
}

/** Number of sign changes in a list of signs, zeros left out. */
export function signChanges(signs: readonly (-1 | 0 | 1)[]): number {
  let changes = 0
  let last = 0
  for (const s of signs) {
    if (s === 0) continue
    if (last !== 0 && s !== last) changes++
    last = s
  }
  return changes
}

/** Number of different roots in the half-open interval (lower, upper] of the polynomial whose chain is given. Exact. Sturm's theorem. */
export function countRoots<T>(
  domain: OrderedDomain<T>,
  chain: readonly Coefficients<T>[],
  lower: Rational,
  upper: Rational
): number {
  const changesAt = (x: Rational) => signChanges(chain.map((f) => signAtRational(domain, f, x)))
  return changesAt(lower) - changesAt(upper)
}
