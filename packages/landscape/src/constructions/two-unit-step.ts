import {
  absolute,
  add,
  compare,
  divide,
  entry,
  multiply,
  negate,
  one,
  type Rational,
  type RationalVector,
  rational,
  sign,
  subtract,
  zero
} from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'
import type { ExactRows } from '../network/evaluate-exact.ts'
import { type AffineMap, combineMaps, valuesAt } from './affine-map.ts'
import type { Carrier, Shallow } from './carried-network.ts'

/**
 * Two units that are strictly better than the best affine fit of one output, in closed form; undefined for slopes of sum 0. With cc = (p - q) / (p + q), a
 * threshold b strictly between the keys k_i of a lower and an upper set of samples and |g| less than half the gap,
 * (h(k - b + g) - h(-k + b + g)) / (p + q) + b is exactly k_i - cc g on the lower set and k_i + cc g on the upper one.
 * Exact. Reference: Yun, Sra, Jadbabaie (arXiv 1802.03487), Theorem 1.
 */
export function twoUnitStep(
  map: AffineMap,
  residuals: ExactRows,
  data: Dataset,
  { positive, negative }: Carrier
): Shallow | undefined {
  const total = add(positive, negative)
  if (sign(total) === 0) return undefined
  const cc = divide(subtract(positive, negative), total)
  const fitted = valuesAt(map, data)
  const r: RationalVector = { denominator: residuals.denominator, numerators: residuals.rows.map(([a]) => a!) }
  const groups = groupsByValue(fitted)
  const { key, threshold, shift } =
    splitBetween(map, fitted, groups, r, cc) ?? splitInside(map, fitted, groups, r, cc, data)
  const lifted = (side: 1n | -1n): AffineMap =>
    combineMaps([[rational(side), key]], add(multiply(rational(-side), threshold), shift))
  const weight = divide(one, total)
  return { units: [lifted(1n), lifted(-1n)], weights: [[weight, negate(weight)]], constants: [threshold] }
}

interface Split {
  /** The affine map whose values are the keys. */
  readonly key: AffineMap
  readonly threshold: Rational
  /** g */
  readonly shift: Rational
}

/** Samples in groups of equal value, in ascending order of the values. */
function groupsByValue({ numerators }: RationalVector): readonly (readonly number[])[] {
  const groups = new Map<bigint, number[]>()
  for (const [i, v] of numerators.entries()) {
    const known = groups.get(v)
    if (known) known.push(i)
    else groups.set(v, [i])
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, members]) => members)
}

const sumOver = ({ denominator, numerators }: RationalVector, members: readonly number[]): Rational =>
  rational(
    members.reduce((sum, i) => sum + numerators[i]!, 0n),
    denominator
  )

/**
 * Case 1: the residuals up to some value do not add up to 0. The keys are the fitted values, the threshold the middle of a gap of width w with
 * sum S below it; the loss changes by -2 cc g S + n cc^2 g^2 / 2, for g = 2 S / (n cc) cut off at w / 4. The gap of the largest gain.
 */
function splitBetween(
  map: AffineMap,
  fitted: RationalVector,
  groups: readonly (readonly number[])[],
  r: RationalVector,
  cc: Rational
): Split | undefined {
  const n = rational(BigInt(fitted.numerators.length))
  let best: (Split & { readonly change: Rational }) | undefined
  let below = zero
  for (const [k, members] of groups.slice(0, -1).entries()) {
    below = add(below, sumOver(r, members))
    if (sign(below) === 0) continue
    const low = entry(fitted, members[0]!)
    const high = entry(fitted, groups[k + 1]![0]!)
    const quarter = divide(subtract(high, low), rational(4n))
    const wanted = divide(multiply(rational(2n), below), multiply(n, cc))
    const shift = compare(magnitude(wanted), quarter) > 0 ? withSign(quarter, sign(wanted)) : wanted
    const product = multiply(cc, shift)
    const change = subtract(
      divide(multiply(n, multiply(product, product)), rational(2n)),
      multiply(rational(2n), multiply(product, below))
    )
    if (!best || compare(change, best.change) < 0)
      best = { key: map, threshold: divide(add(low, high), rational(2n)), shift, change }
  }
  return best
}

/**
 * Case 2: the residuals cancel within every group of equal fitted values. In the lowest group that has inputs with residuals (summed over equal inputs), the
 * longest such input v is separated from the others by p = v.x; the keys are the fitted values minus a p. The loss
 * changes by -2 cc c S a + a^2 / 2 sum (p_i + s_i cc c)^2, s_i = 1 below and -1 above the threshold, g = c a.
 */
function splitInside(
  map: AffineMap,
  fitted: RationalVector,
  groups: readonly (readonly number[])[],
  r: RationalVector,
  cc: Rational,
  data: Dataset
): Split {
  const { inputCount: d, inputs } = data
  const inputOf = (i: number) => inputs.numerators.slice(i * d, (i + 1) * d)
  const sums = new Map<string, bigint>()
  const keyOf = (i: number) => inputOf(i).join()
  for (const [i, a] of r.numerators.entries()) sums.set(keyOf(i), (sums.get(keyOf(i)) ?? 0n) + a)
  const hasResidual = (i: number) => sums.get(keyOf(i)) !== 0n
  const at = groups.findIndex((members) => members.some(hasResidual))
  const group = groups[at]!
  const squaredLength = (i: number) => inputOf(i).reduce((sum, x) => sum + x * x, 0n)
  const longest = group.filter(hasResidual).reduce((best, i) => (squaredLength(i) > squaredLength(best) ? i : best))
  const v: AffineMap = { denominator: inputs.denominator, numerators: [...inputOf(longest), 0n] }
  const p = valuesAt(v, data)
  const top = p.numerators[longest]!
  const next = group.reduce(
    (most, i) => {
      const a = p.numerators[i]!
      return a < top && (most === undefined || a > most) ? a : most
    },
    undefined as bigint | undefined
  )
  const isLow = new Set([...groups.slice(0, at).flat(), ...group.filter((i) => p.numerators[i]! >= top)])
  const S = sumOver(r, [...isLow])
  const quarter = rational(top - next!, 4n * p.denominator)
  const kap = withSign(quarter, sign(multiply(cc, S)))
  const product = multiply(cc, kap)
  let squares = zero
  for (const [i, a] of p.numerators.entries()) {
    const term = add(rational(a, p.denominator), isLow.has(i) ? product : negate(product))
    squares = add(squares, multiply(term, term))
  }
  const free = divide(multiply(rational(2n), multiply(product, S)), squares)
  const limit = gapLimit(fitted, groups, p)
  const alpha = limit && compare(limit, free) < 0 ? limit : free
  const key = combineMaps([
    [one, map],
    [negate(alpha), v]
  ])
  const keys = valuesAt(key, data)
  let low: bigint | undefined
  let high: bigint | undefined
  for (const [i, k] of keys.numerators.entries())
    if (isLow.has(i)) low = low === undefined || k > low ? k : low
    else high = high === undefined || k < high ? k : high
  return { key, threshold: rational(low! + high!, 2n * keys.denominator), shift: multiply(kap, alpha) }
}

/** (least gap between distinct fitted values) / (4 max |p| + 1); undefined when there is one value only. */
function gapLimit(
  fitted: RationalVector,
  groups: readonly (readonly number[])[],
  p: RationalVector
): Rational | undefined {
  const values = groups.map(([i]) => fitted.numerators[i!]!)
  let gap: bigint | undefined
  for (let k = 1; k < values.length; k++) {
    const step = values[k]! - values[k - 1]!
    if (gap === undefined || step < gap) gap = step
  }
  if (gap === undefined) return undefined
  let most = 0n
  for (const a of p.numerators) if (absolute(a) > most) most = absolute(a)
  return divide(rational(gap, fitted.denominator), add(multiply(rational(4n), rational(most, p.denominator)), one))
}

const magnitude = (a: Rational): Rational => (sign(a) < 0 ? negate(a) : a)
const withSign = (a: Rational, s: -1 | 0 | 1): Rational => (s < 0 ? negate(a) : a)
