import { absolute, bitLength } from '../integer.ts'
import { type Coefficients, degree, homogeneousValue, signAtRational } from '../polynomial/coefficients.ts'
import { coprimeModuloPrime, polynomialGcd } from '../polynomial/division.ts'
import { integers, type OrderedDomain } from '../polynomial/ordered-domain.ts'
import { ceilingOf, floorOf } from '../polynomial/short-dyadic.ts'
import { compare, equal, multiply, type Rational, rational, subtract } from '../rational.ts'
import { type Enclosure, encloseRationals, encloseValue, signOfEnclosure } from './enclosure.ts'

/**
 * A real number given exactly: the only root of a squarefree polynomial in the open interval (lower, upper), whose end
 * points are not roots; or, when lower = upper, that rational number (the polynomial vanishes there too).
 */
export interface Root<T = bigint> {
  readonly coefficients: Coefficients<T>
  readonly lower: Rational
  readonly upper: Rational
}

/** A real algebraic number: a root of an integer polynomial. */
export type RealAlgebraic = Root<bigint>

export const isRational = (r: Root<unknown>): boolean => equal(r.lower, r.upper)

/** A rational number as a root. */
export const rationalRoot = (value: Rational): RealAlgebraic => ({
  coefficients: [-value.numerator, value.denominator],
  lower: value,
  upper: value
})

const dyadic = (j: bigint, bits: number): Rational => rational(j, 1n << BigInt(bits))

/**
 * The same number in an interval no wider than 2^-bits, with dyadic end points. Exact.
 * Bisection to one cell of a dyadic grid, then quadratic interval refinement (Abbott 2014): the number of correct digits doubles.
 */
export function refineRoot<T>(domain: OrderedDomain<T>, root: Root<T>, bits: number): Root<T> {
  if (isRational(root) || compare(subtract(root.upper, root.lower), dyadic(1n, bits)) <= 0) return root
  const cell = gridCell(domain, root)
  return 'at' in cell ? exactly(root, cell.at) : refineCell(domain, root, cell, bits)
}

const exactly = <T>(root: Root<T>, at: Rational): Root<T> => ({ ...root, lower: at, upper: at })

/** The interval (j, j+1) / 2^bits inside the isolating interval that holds the root, or the root itself when it is on the grid. */
function gridCell<T>(domain: OrderedDomain<T>, root: Root<T>): { j: bigint; bits: number } | { at: Rational } {
  let { lower, upper } = root
  const below = signAtRational(domain, root.coefficients, lower)
  let bits = 0
  for (;;) {
    const width = subtract(upper, lower)
    while (compare(dyadic(8n, bits), width) > 0) bits++
    const onGrid = (r: Rational) => ({ numerator: r.numerator << BigInt(bits), denominator: r.denominator })
    let left = ceilingOf(onGrid(lower))
    let right = floorOf(onGrid(upper))
    const signAt = (j: bigint) => signAtRational(domain, root.coefficients, dyadic(j, bits))
    const atLeft = signAt(left)
    const atRight = signAt(right)
    if (atLeft === 0) return { at: dyadic(left, bits) }
    if (atRight === 0) return { at: dyadic(right, bits) }
    // Between an end point and the first grid point: look there with a finer grid.
    if (atLeft !== below) upper = dyadic(left, bits)
    else if (atRight === below) lower = dyadic(right, bits)
    else {
      while (right - left > 1n) {
        const middle = (left + right) >> 1n
        const s = signAt(middle)
        if (s === 0) return { at: dyadic(middle, bits) }
        if (s === below) left = middle
        else right = middle
      }
      return { j: left, bits }
    }
  }
}

function refineCell<T>(domain: OrderedDomain<T>, root: Root<T>, cell: { j: bigint; bits: number }, bits: number) {
  let { j, bits: have } = cell
  const f = root.coefficients
  const below = signAtRational(domain, f, dyadic(j, have))
  let gain = 1
  while (have < bits) {
    const step = Math.min(gain, bits - have)
    const parts = 1n << BigInt(step)
    const guess = step === 1 ? 0n : linearGuess(domain, f, j, have, parts)
    const base = j << BigInt(step)
    const signAt = (i: bigint) => signAtRational(domain, f, dyadic(base + i, have + step))
    const left = guess === 0n ? below : signAt(guess)
    const right = guess + 1n === parts ? (-below as -1 | 1) : signAt(guess + 1n)
    if (left === 0) return exactly(root, dyadic(base + guess, have + step))
    if (right === 0) return exactly(root, dyadic(base + guess + 1n, have + step))
    if (left === below && right !== below) {
      j = base + guess
      have += step
      gain *= 2
    } else if (step === 1) {
      j = base + 1n
      have += 1
    } else {
      gain = Math.max(1, gain >> 1)
    }
  }
  return { ...root, lower: dyadic(j, have), upper: dyadic(j + 1n, have) }
}

/** The part, of `parts` equal ones of the cell, in which the chord of f crosses zero. A guess: nothing depends on it. */
function linearGuess<T>(domain: OrderedDomain<T>, f: Coefficients<T>, j: bigint, bits: number, parts: bigint): bigint {
  const ends = [j, j + 1n].map((k) => homogeneousValue(domain, f, { numerator: k, denominator: 1n << BigInt(bits) }))
  // The values may be far smaller than their coordinates: enclose them until their ratio is known to enough places.
  for (let places = 64; ; places *= 2) {
    const [[low, high], [otherLow, otherHigh]] = ends.map((v) => domain.enclose(v, places)) as [Bounds, Bounds]
    if ((high - low + otherHigh - otherLow) * parts * 4n > absolute(low - otherLow)) continue
    const guess = (low * parts) / (low - otherLow)
    return guess < 0n ? 0n : guess >= parts ? parts - 1n : guess
  }
}

type Bounds = readonly [low: bigint, high: bigint]

/** Encloses the number with about `bits` correct binary places. */
export function encloseRoot<T>(domain: OrderedDomain<T>, root: Root<T>, bits: number): Enclosure {
  const fine = refineRoot(domain, root, bits)
  return encloseRationals(fine.lower, fine.upper, bits)
}

/** Sign of f at a root. Exact: a zero is proved by a common factor, any other sign by an enclosure. */
export function signAtRoot<T>(domain: OrderedDomain<T>, f: Coefficients<T>, root: Root<T>): -1 | 0 | 1 {
  if (f.length === 0) return 0
  if (isRational(root)) return signAtRational(domain, f, root.lower)
  for (let bits = 64; ; bits *= 2) {
    const s = signOfEnclosure(encloseValue(domain, f, encloseRoot(domain, root, bits)))
    if (s !== undefined) return s
    if (bits === 64 && vanishesAtRoot(domain, f, root)) return 0
  }
}

/** Does f vanish at a root that is not written as a rational? Exact: by a common factor. */
export function vanishesAtRoot<T>(domain: OrderedDomain<T>, f: Coefficients<T>, root: Root<T>): boolean {
  if (coprimeModuloPrime(domain, root.coefficients, f)) return false
  const common = polynomialGcd(domain, root.coefficients, f)
  // A divisor of the squarefree polynomial has at most this one root in the interval, and a simple one.
  return degree(common) > 0 && signAtRational(domain, common, root.lower) !== signAtRational(domain, common, root.upper)
}

/** Sign of root - r for a rational r. Exact. */
export function compareWithRational<T>(domain: OrderedDomain<T>, root: Root<T>, r: Rational): -1 | 0 | 1 {
  if (compare(root.lower, r) >= 0) return isRational(root) ? compare(root.lower, r) : 1
  if (compare(root.upper, r) <= 0) return -1
  const at = signAtRational(domain, root.coefficients, r)
  if (at === 0) return 0
  return at === signAtRational(domain, root.coefficients, root.lower) ? 1 : -1
}

/**
 * The same number, written as a rational when it is one. Exact: with leading coefficient c, a rational root is an integer
 * divided by c, and a narrow enough interval leaves one candidate.
 */
export function simplestRoot(root: RealAlgebraic): RealAlgebraic {
  if (isRational(root)) return rationalRoot(root.lower)
  const leading = root.coefficients.at(-1)!
  const { lower, upper } = refineRoot(integers, root, bitLength(leading) + 1)
  const size = absolute(leading)
  const candidate = rational(floorOf(multiply(upper, rational(size))), size)
  const within = compare(lower, candidate) <= 0 && signAtRational(integers, root.coefficients, candidate) === 0
  return within ? rationalRoot(candidate) : root
}
