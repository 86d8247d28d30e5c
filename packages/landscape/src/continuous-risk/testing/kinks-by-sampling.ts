import {
  addIntervals,
  type DoubleInterval,
  exactInterval,
  multiplyIntervals,
  nearly,
  type Polynomial,
  rational,
  rationalPolynomials,
  signOf,
  subtract,
  subtractIntervals,
  toNumber
} from '@nadir/arithmetic'
import type { PiecewisePolynomial } from '../piecewise-polynomial.ts'
import { addJets, constantJet, divideJets, type Jet, multiplyJets, subtractJets } from './jets.ts'

/*
 * The second method: for right kinks, the slope of the best risk E has the sign of V * g, where g(q) = c(q) - (mean of f on
 * [a, q]) and (c, V) solve the normal equations. Value and derivative of g and V are enclosed on small intervals of q by
 * interval arithmetic on doubles, from the integrals of f and x f alone. An interval on which g is not zero holds no
 * critical kink; one on which g' is not zero holds one if g changes sign, else none; all others are halved.
 */

/** What is known of one stretch of kinks. */
export interface SampledKink {
  readonly low: number
  readonly high: number
  /** Signs of E' on the left and on the right, where V has one sign; 0 where that could not be told. */
  readonly slopes: readonly [number, number]
}

export interface SampledKinks {
  readonly kinks: readonly SampledKink[]
  /** Tiny intervals in which neither g nor g' could be told from zero: any number of kinks may lie there. */
  readonly unresolved: readonly DoubleInterval[]
  /** False when there were so many of them that the search was given up. */
  readonly finished: boolean
}

const ring = rationalPolynomials

/** A polynomial with coefficients enclosed, in powers of x - origin. */
interface LocalPolynomial {
  readonly origin: number
  readonly coefficients: readonly DoubleInterval[]
}

/** The share of the interval, at both ends, in which no kinks are looked for: E' has forced zeros at a and b. */
export const margin = 1 / 500

/** Certified critical right kinks of E in the interval without its margins. */
export function kinksBySampling(f: PiecewisePolynomial): SampledKinks {
  const ends = f.breakpoints.map((t) => t.lower)
  const [a, b] = [ends[0]!, ends.at(-1)!]
  // Exact integrals of f and x f up to every breakpoint, so that rounding does not add up.
  const integrals = [ring.zero, ring.x].map((weight) => {
    let total = rational(0n)
    return f.pieces.map((piece, k) => {
      const g = ring.antiderivative(weight === ring.zero ? piece : ring.multiply(weight, piece))
      const value = (t: typeof a) => ring.compose(g, ring.constant(t))
      const before = total
      const over = ring.subtract(value(ends[k + 1]!), value(ends[k]!))
      total = rational(
        total.numerator * over.denominator + (over.numerators[0] ?? 0n) * total.denominator,
        total.denominator * over.denominator
      )
      return { antiderivative: ring.subtract(g, value(ends[k]!)), before, after: total }
    })
  }) as [PrefixIntegral[], PrefixIntegral[]]
  const length = toNumber(subtract(b, a))
  const [from, to] = [toNumber(a) + margin * length, toNumber(b) - margin * length]
  const kinks: SampledKink[] = []
  const unresolved: DoubleInterval[] = []
  for (const k of f.pieces.keys()) {
    const origin = toNumber(ends[k]!)
    const local = integrals.map(
      (list): LocalPolynomial => ({
        origin,
        coefficients: atOrigin(list[k]!.antiderivative, ends[k]!, list[k]!.before)
      })
    ) as [LocalPolynomial, LocalPolynomial]
    const totals = integrals.map((list) => nearly(toNumber(list.at(-1)!.after))) as [DoubleInterval, DoubleInterval]
    const jetsOf = (q: DoubleInterval) => jetsAt(q, local, totals, nearly(toNumber(a)), nearly(toNumber(b)))
    const g = (q: DoubleInterval) => jetsOf(q).g()
    const v = (q: DoubleInterval) => jetsOf(q).v()
    const [low, high] = [Math.max(from, origin), Math.min(to, toNumber(ends[k + 1]!))]
    const pending: DoubleInterval[] = low < high ? split(low, high, 8) : []
    for (let next = pending.shift(); next; next = pending.shift()) {
      const jet = g(next)
      if (signOf(jet.value) !== undefined || signOf(meanValue(g, next, jet)) !== undefined) continue
      if (signOf(jet.slope) !== undefined) {
        const [left, right] = [signOf(g(exactInterval(next.low)).value), signOf(g(exactInterval(next.high)).value)]
        if (left !== undefined && right !== undefined) {
          if (left === right) continue
          const signV = signOf(meanValue(v, next, v(next)))
          if (signV !== undefined || next.high - next.low < 1e-9 * length) {
            kinks.push({ low: next.low, high: next.high, slopes: [(signV ?? 0) * left, (signV ?? 0) * right] })
            continue
          }
        }
      }
      // Where g vanishes on a whole interval nothing can be told: give up early.
      if (unresolved.length > 20) return { kinks, unresolved, finished: false }
      if (next.high - next.low < 1e-9 * length) unresolved.push(next)
      else pending.unshift(...split(next.low, next.high, 2))
    }
  }
  return { kinks, unresolved, finished: true }
}

interface PrefixIntegral {
  readonly antiderivative: Polynomial
  readonly before: ReturnType<typeof rational>
  readonly after: ReturnType<typeof rational>
}

function split(low: number, high: number, parts: number): DoubleInterval[] {
  const ends = Array.from({ length: parts + 1 }, (_, i) => (i === parts ? high : low + ((high - low) * i) / parts))
  return ends.slice(1).map((end, i) => ({ low: ends[i]!, high: end }))
}

/** Coefficients in powers of x - origin, with the integral up to the origin added. */
function atOrigin(p: Polynomial, origin: ReturnType<typeof rational>, before: ReturnType<typeof rational>) {
  const shifted = ring.add(ring.compose(p, ring.add(ring.x, ring.constant(origin))), ring.constant(before))
  return shifted.numerators.map((n) => nearly(toNumber(rational(n, shifted.denominator))))
}

/** g and V with derivatives for kinks in q. */
function jetsAt(
  q: DoubleInterval,
  [zeroth, first]: readonly [LocalPolynomial, LocalPolynomial],
  totals: readonly [DoubleInterval, DoubleInterval],
  a: DoubleInterval,
  b: DoubleInterval
): { g: () => Jet; v: () => Jet } {
  const kink: Jet = { value: q, slope: exactInterval(1) }
  const integral = ({ origin, coefficients }: LocalPolynomial): Jet => {
    // The breakpoint is only nearly the double: x - origin is enclosed.
    const x: Jet = { value: subtractIntervals(q, nearly(origin)), slope: exactInterval(1) }
    let value = constantJet(exactInterval(0))
    for (const c of [...coefficients].reverse()) value = addJets(multiplyJets(value, x), constantJet(c))
    return value
  }
  const [total, moment] = totals.map(constantJet) as [Jet, Jet]
  const before = integral(zeroth)
  const l = subtractJets(constantJet(b), kink)
  const beyond = subtractJets(subtractJets(moment, integral(first)), multiplyJets(kink, subtractJets(total, before)))
  const length = constantJet(subtractIntervals(b, a))
  // Solved by hand, with I and F the integrals of f over [a, b] and of (x - q) f over [q, b], L = b - a, l = b - q:
  // c = (4 I l - 6 F) / (l (4 L - 3 l)),  V = (12 L F - 6 I l^2) / (l^3 (4 L - 3 l)).
  const number = (x: number) => constantJet(exactInterval(x))
  const rest = subtractJets(multiplyJets(number(4), length), multiplyJets(number(3), l))
  const c = () =>
    divideJets(
      subtractJets(multiplyJets(number(4), multiplyJets(total, l)), multiplyJets(number(6), beyond)),
      multiplyJets(l, rest)
    )
  const v = () =>
    divideJets(
      subtractJets(
        multiplyJets(number(12), multiplyJets(length, beyond)),
        multiplyJets(number(6), multiplyJets(total, multiplyJets(l, l)))
      ),
      multiplyJets(rest, multiplyJets(l, multiplyJets(l, l)))
    )
  const mean = () => divideJets(before, subtractJets(kink, constantJet(a)))
  return { g: () => subtractJets(c(), mean()), v }
}

/** The tighter of the plain enclosure and value(middle) + slope * (q - middle). */
function meanValue(f: (q: DoubleInterval) => Jet, q: DoubleInterval, jet: Jet): DoubleInterval {
  const middle = (q.low + q.high) / 2
  const centred = addIntervals(
    f(exactInterval(middle)).value,
    multiplyIntervals(jet.slope, subtractIntervals(q, exactInterval(middle)))
  )
  return { low: Math.max(centred.low, jet.value.low), high: Math.min(centred.high, jet.value.high) }
}
