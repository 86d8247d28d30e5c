import type { Value } from './digests.ts'
import { add, divide, type Fraction, fraction, inner, isLess, multiply, negate, none, subtract } from './fraction.ts'

/*
 * The risk on an interval once more, in the plainest way: fractions where claims are exact, doubles and dense sampling
 * elsewhere. It shares nothing with the checkers, so it may be used against them.
 */

export type PiecesJson = {
  readonly breakpoints: readonly string[]
  readonly pieces: readonly (readonly string[])[]
}

export type RiskProblemJson = {
  readonly format: string
  readonly hidden: number
  readonly target: PiecesJson & { readonly interval?: readonly string[]; readonly scale?: string }
  readonly density: PiecesJson
}

export type ParametersJson = { readonly units: readonly (readonly string[])[]; readonly c: string }

export const isRisk = (problem: Value): boolean =>
  (problem as { readonly format?: unknown } | null)?.format === 'nadir-risk/1'

type Terms = readonly Fraction[]

const times = (f: Terms, g: Terms): Terms =>
  Array.from({ length: f.length + g.length }, (_, n) =>
    f.reduce(
      (total, entry, i) => (n - i >= 0 && n - i < g.length ? add(total, multiply(entry, g[n - i])) : total),
      none
    )
  )

const plus = (f: Terms, g: Terms): Terms =>
  Array.from({ length: Math.max(f.length, g.length) }, (_, i) => add(f[i] ?? none, g[i] ?? none))

const polynomialAt = (f: Terms, x: Fraction): Fraction =>
  f.reduceRight((value, entry) => add(multiply(value, x), entry), none)

const integral = (f: Terms, from: Fraction, to: Fraction): Fraction => {
  const grown = [none, ...f.map((entry, i) => divide(entry, fraction(i + 1)))]
  return subtract(polynomialAt(grown, to), polynomialAt(grown, from))
}

const ascending = (values: readonly Fraction[]): readonly Fraction[] =>
  [...values].sort((x, y) => (isLess(x, y) ? -1 : isLess(y, x) ? 1 : 0))

const pieceAt = ({ breakpoints, pieces }: PiecesJson, x: Fraction): Terms =>
  pieces[breakpoints.slice(1, -1).filter((t) => isLess(fraction(t), x)).length].map(fraction)

/** L(theta) for a target of pieces. */
export const riskAt = ({ target, density }: RiskProblemJson, { units, c }: ParametersJson): Fraction => {
  const [a, b] = [target.breakpoints[0], target.breakpoints.at(-1) as string].map(fraction)
  const numbers = units.map((unit) => unit.map(fraction))
  const kinks = numbers.flatMap(([w, bias]) => (w.n === 0n ? [] : [negate(divide(bias, w))]))
  const cuts = [...target.breakpoints, ...density.breakpoints].map(fraction)
  const ends = ascending([...cuts, ...kinks.filter((q) => isLess(a, q) && isLess(q, b))])
  return ends.slice(1).reduce((total, to, i) => {
    const from = ends[i]
    const middle = divide(add(from, to), fraction(2))
    const output = numbers.reduce<Terms>(
      (sum, [w, bias, v]) =>
        isLess(none, inner([w, bias], [middle, fraction(1)])) ? plus(sum, [multiply(v, bias), multiply(v, w)]) : sum,
      [fraction(c)]
    )
    const residual = plus(
      output,
      pieceAt(target, middle).map((entry) => negate(entry))
    )
    return add(total, integral(times(times(residual, residual), pieceAt(density, middle)), from, to))
  }, none)
}

const double = (x: string): number => {
  const { n, d } = fraction(x)
  return Number((n << 80n) / d) / 2 ** 80
}

type Float = {
  readonly a: number
  readonly b: number
  readonly f: (x: number) => number
  readonly p: (x: number) => number
  readonly cuts: readonly number[]
}

const floatPieces = ({ breakpoints, pieces }: PiecesJson) => {
  const ends = breakpoints.map(double)
  const terms = pieces.map((piece) => piece.map(double))
  return {
    ends,
    at: (x: number): number =>
      terms[ends.slice(1, -1).filter((t) => t < x).length].reduceRight((value, entry) => value * x + entry, 0)
  }
}

/** The target of the rule equal-risks on [0, 1]. */
const base = (x: number): number =>
  x <= 2 / 3
    ? (1 - 3 * x * x) / (Math.sqrt(1 - x) * (1 + 3 * x) ** 1.5)
    : -1 / 9 + 2 * (x - 2 / 3) - 24 * (x - 2 / 3) ** 2

export const floatProblem = ({ target, density }: RiskProblemJson): Float => {
  if (target.interval !== undefined) {
    const [a, b] = target.interval.map(double)
    const scale = double(target.scale ?? '1')
    return { a, b, f: (x) => scale * base((x - a) / (b - a)), p: () => 1, cuts: [a, a + (2 * (b - a)) / 3, b] }
  }
  const [f, p] = [floatPieces(target), floatPieces(density)]
  return {
    a: f.ends[0],
    b: f.ends.at(-1) as number,
    f: f.at,
    p: p.at,
    cuts: [...new Set([...f.ends, ...p.ends])].sort((x, y) => x - y)
  }
}

// Gauss's rule with five nodes is exact for polynomials up to degree 9; targets of another kind get sixteen parts of every interval.
const nodes = [0, 0.538469310105683, -0.538469310105683, 0.906179845938664, -0.906179845938664]
const weights = [0.568888888888889, 0.478628670499366, 0.478628670499366, 0.236926885056189, 0.236926885056189]

const floatIntegral = (g: (x: number) => number, ends: readonly number[], parts = 1): number => {
  let total = 0
  for (let k = 1; k < ends.length; k += 1) {
    for (let part = 0; part < parts; part += 1) {
      const half = (ends[k] - ends[k - 1]) / (2 * parts)
      const middle = ends[k - 1] + (2 * part + 1) * half
      for (const [i, node] of nodes.entries()) total += weights[i] * half * g(middle + half * node)
    }
  }
  return total
}

/** L(theta) in doubles, for any target. */
export const floatRiskAt = (
  problem: RiskProblemJson,
  { units, c }: ParametersJson,
  moved: readonly number[] = []
): number => {
  const { a, b, f, p, cuts } = floatProblem(problem)
  const numbers = [...units.flat(), c].map((entry, i) => double(entry) + (moved[i] ?? 0))
  const kinks = units.map((_, j) => -numbers[3 * j + 1] / numbers[3 * j])
  const ends = [...cuts, ...kinks.filter((q) => a < q && q < b)].sort((x, y) => x - y)
  const output = (x: number): number =>
    units.reduce(
      (sum, _, j) => sum + numbers[3 * j + 2] * Math.max(numbers[3 * j] * x + numbers[3 * j + 1], 0),
      numbers[3 * units.length]
    )
  const parts = problem.target.interval === undefined ? 1 : 16
  return floatIntegral((x) => (output(x) - f(x)) ** 2 * p(x), ends, parts)
}

/** The best constant and its risk. */
export const constantFor = (problem: RiskProblemJson): { readonly c: number; readonly risk: number } => {
  const { f, p, cuts } = floatProblem(problem)
  const over = (g: (x: number) => number): number => floatIntegral((x) => g(x) * p(x), cuts)
  const c = over(f) / over(() => 1)
  return { c, risk: over((x) => (f(x) - c) ** 2) }
}

/** The best c + slope max(x - q, 0), or to the left c + slope min(x - q, 0), with its risk and the value of the kink equation. */
export type Best = {
  readonly c: number
  readonly slope: number
  readonly risk: number
  readonly v: number
  readonly kink: number
}

export const bestFor = (problem: RiskProblemJson, orientation: 'right' | 'left'): ((q: number) => Best) => {
  const { a, b, f, p, cuts } = floatProblem(problem)
  const over = (g: (x: number) => number): number => floatIntegral((x) => g(x) * p(x), cuts)
  const [mass, integral, square] = [over(() => 1), over(f), over((x) => f(x) ** 2)]
  return (q) => {
    const right = orientation === 'right'
    const ends = right ? [q, ...cuts.filter((t) => t > q)] : [...cuts.filter((t) => t < q), q]
    const beyond = (g: (x: number) => number): number =>
      floatIntegral((x) => g(x) * p(x), ends.length > 1 ? ends : [a, b])
    const away = (x: number): number => (right ? x - q : q - x)
    const [m0, m1, m2] = [beyond(() => 1), beyond(away), beyond((x) => away(x) ** 2)]
    const [f0, f1] = [beyond(f), beyond((x) => away(x) * f(x))]
    const determinant = mass * m2 - m1 * m1
    const c = (integral * m2 - f1 * m1) / determinant
    const v = (mass * f1 - integral * m1) / determinant
    return { c, slope: right ? v : -v, v, risk: square - c * integral - v * f1, kink: c * m0 + v * m1 - f0 }
  }
}

/** Kinks inside the interval at which the kink equation changes its sign and V is not zero, by sampling and bisection. */
export const kinksBySampling = (problem: RiskProblemJson, orientation: 'right' | 'left'): readonly number[] => {
  const { a, b, cuts } = floatProblem(problem)
  const at = bestFor(problem, orientation)
  const count = 200
  const samples = Array.from({ length: count }, (_, i) => a + ((b - a) * (i + 0.5)) / count)
  const kinks: number[] = []
  for (let i = 1; i < count; i += 1) {
    let [from, to] = [samples[i - 1], samples[i]]
    const sign = Math.sign(at(from).kink)
    if (sign * at(to).kink >= 0) continue
    for (let turn = 0; turn < 60; turn += 1) {
      const middle = (from + to) / 2
      if (sign * at(middle).kink > 0) from = middle
      else to = middle
    }
    const near = cuts.find((t) => Math.abs(t - from) < 1e-9)
    const q = near ?? from
    if (Math.abs(at(q).v) > 1e-6 * Math.max(1, Math.abs(at(samples[i]).v))) kinks.push(q)
  }
  return kinks
}
