import { type KrylovState, lanczos, randomSigns, ritzValues, type Tridiagonal, type Watch } from './lanczos.ts'
import type { SymmetricOperator } from './operator.ts'

/** A discrete measure with the moments of the spectrum seen from one random start: nodes ascending, weights with sum 1. */
export interface QuadratureRule {
  readonly nodes: Float64Array
  readonly weights: Float64Array
  /** Steps that were done; polynomials of degree below twice as much are integrated exactly. */
  readonly steps: number
  /** False when the work was stopped before the wanted number of steps. */
  readonly complete: boolean
  /** The rule is exact for every function: the start lies in an invariant subspace of this dimension. */
  readonly exhausted: boolean
}

/** Rules that are complete, and where the run of the next one stands. */
export interface UnfinishedRules {
  readonly rules: readonly QuadratureRule[]
  readonly run: KrylovState | undefined
}

/**
 * Stochastic Lanczos quadrature (Golub and Meurant; Lin, Saad and Yang 2016): one rule for each probe of random signs. Stopped work is
 * resumed, to the same numbers, by giving back what it left. Approximate.
 */
export function spectralRules(
  operator: SymmetricOperator,
  options: { steps: number; probes: number; seed?: number; previous?: UnfinishedRules | undefined } & Watch
): UnfinishedRules {
  const { steps, probes, seed = 0 } = options
  const wanted = Math.min(steps, operator.size)
  const rules = (options.previous?.rules ?? []).filter((r) => r.complete).slice(0, probes)
  let run = options.previous?.run
  while (rules.length < probes && !options.stop?.()) {
    const k = rules.length
    const answer = lanczos(operator, run ?? randomSigns(operator.size, seed + k), wanted, {
      stop: options.stop,
      progress: (done) => options.progress?.(k * wanted + done, probes * wanted)
    })
    if (answer.alpha.length === 0) break
    const rule = quadratureRule(answer, wanted)
    rules.push(rule)
    if (!rule.complete) return { rules, run: answer.state() }
    run = undefined
  }
  return { rules, run }
}

/** The rule of a Krylov space, complete when it has as many steps as wanted or nothing is left. */
export function quadratureRule(t: Tridiagonal, wanted: number): QuadratureRule {
  const { values, first } = ritzValues(t)
  return {
    nodes: values,
    weights: first.map((x) => x * x),
    steps: values.length,
    complete: t.exhausted || values.length >= wanted,
    exhausted: t.exhausted
  }
}

/** A density of eigenvalues on a grid, each eigenvalue widened to a Gaussian; its integral is 1. */
export interface DensityCurve {
  readonly points: Float64Array
  readonly density: Float64Array
  /** 2.5 standard deviations over the probes plus a bound of the quadrature error; 0 where all eigenvalues are known. */
  readonly error: Float64Array
  /** Standard deviation of the Gaussian. */
  readonly width: number
}

export interface CurveOptions {
  readonly points?: number
  /** Standard deviation of the Gaussian; default: 1/100 of the range. */
  readonly width?: number
}

/**
 * The smoothed density of an operator of this size with error estimates. For random signs v the variance of v^T g(A) v is at most
 * 2 |g(A)|_F^2 = 2 tr g(A)^2; the rules estimate that trace too, and an eigenvalue near a node puts a floor under it. Approximate.
 */
export function densityCurve(rules: readonly QuadratureRule[], size: number, options: CurveOptions = {}): DensityCurve {
  const low = Math.min(...rules.map((r) => r.nodes[0]!))
  const high = Math.max(...rules.map((r) => r.nodes.at(-1)!))
  const { points, width } = grid(low, high, options)
  const quadrature = Math.max(...rules.map((r) => (r.exhausted ? 0 : quadratureError(r.steps, high - low, width))))
  const error = new Float64Array(points.length)
  const density = points.map((t, at) => {
    let sum = 0
    let squares = 0
    let largest = 0
    for (const { nodes, weights } of rules)
      for (const [k, x] of nodes.entries()) {
        const g = gaussianAt(t - x, width)
        sum += weights[k]! * g
        squares += weights[k]! * g * g
        largest = Math.max(largest, g)
      }
    const variance = (2 * Math.max(squares / rules.length, (largest * largest) / size)) / (size * rules.length)
    error[at] = 2.5 * Math.sqrt(variance) + quadrature
    return sum / rules.length
  })
  return { points, density, error, width }
}

/** The smoothed density of all eigenvalues. */
export function exactDensityCurve(values: Float64Array, options: CurveOptions = {}): DensityCurve {
  const { points, width } = grid(values[0] ?? 0, values.at(-1) ?? 0, options)
  const density = points.map((t) => values.reduce((sum, x) => sum + gaussianAt(t - x, width), 0) / values.length)
  return { points, density, error: new Float64Array(points.length), width }
}

function grid(low: number, high: number, options: CurveOptions) {
  const range = high - low || Math.abs(high) || 1
  const width = options.width ?? range / 100
  const count = options.points ?? 400
  const from = low - 4 * width
  const step = (range + 8 * width) / (count - 1)
  return { points: Float64Array.from({ length: count }, (_, k) => from + k * step), width }
}

const gaussianAt = (t: number, width: number): number =>
  Math.exp(-0.5 * (t / width) ** 2) / (width * Math.sqrt(2 * Math.PI))

/**
 * A bound of the error of Gauss quadrature with `steps` nodes on an interval of length `range` for a Gaussian of this width and integral 1:
 * on the ellipse rho its modulus is at most M(rho), and the error is at most 4 M rho^(-2 steps) / (1 - 1/rho) (Chebyshev coefficients,
 * Trefethen 2008); the best rho is searched on a grid.
 */
export function quadratureError(steps: number, range: number, width: number): number {
  if (range === 0) return 0
  const w = (2 * width) / range
  let best = Number.POSITIVE_INFINITY
  for (let log = 1e-3; log < 3; log *= 1.05) {
    const height = Math.sinh(log)
    const exponent = (height * height) / (2 * w * w) - 2 * steps * log
    best = Math.min(best, exponent - Math.log(1 - Math.exp(-log)))
  }
  return (4 * Math.exp(best)) / (width * Math.sqrt(2 * Math.PI))
}
