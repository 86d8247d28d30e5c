import {
  add,
  fromNumber,
  integers,
  type Polynomial,
  rational,
  rationalPolynomials,
  refineRoot,
  toNumber
} from '@nadir/arithmetic'
import { sideBySide } from './piecewise-polynomial.ts'
import type { ContinuousRisk } from './risk.ts'

/** Parameters of c + sum_j v_j max(w_j x + b_j, 0) as doubles: w_1..w_H, b_1..b_H, v_1..v_H, c. */
export type FlatParameters = Float64Array

export const widthOf = (parameters: FlatParameters): number => (parameters.length - 1) / 3

/**
 * A risk for doubles: its value and generalized gradient by Gauss quadrature between consecutive kinks and breakpoints, which
 * is exact for the polynomials there, so only rounding errors remain. Approximate.
 */
export interface FloatRisk {
  readonly a: number
  readonly b: number
  /** The target at a point of [a, b]. */
  readonly target: (x: number) => number
  readonly value: (parameters: FlatParameters) => number
  /** Writes the generalized gradient and returns the risk. */
  readonly gradient: (parameters: FlatParameters, into: Float64Array) => number
  /** The integral of (N - g)^2 * density for a function g that is affine between the given kinks. */
  readonly squaredDistance: (parameters: FlatParameters, g: (x: number) => number, kinks: readonly number[]) => number
}

interface FloatPiece {
  readonly lower: number
  readonly upper: number
  readonly target: readonly number[]
  readonly density: readonly number[]
}

/** The polynomial in t, where x = middle + half t: coefficients rounded once. */
function inLocalCoordinate(p: Polynomial, middle: number, half: number): readonly number[] {
  const ring = rationalPolynomials
  const line = ring.add(ring.constant(fromNumber(middle)), ring.scale(ring.x, fromNumber(half)))
  const { numerators, denominator } = ring.compose(p, line)
  return numerators.map((n) => toNumber(rational(n, denominator)))
}

function floatPieces({ target, density }: ContinuousRisk): readonly FloatPiece[] {
  const { breakpoints, pairs } = sideBySide(target, density)
  const ends = breakpoints.map((t) => {
    const { lower, upper } = refineRoot(integers, t, 80)
    return toNumber(
      add(
        { numerator: lower.numerator, denominator: lower.denominator * 2n },
        { numerator: upper.numerator, denominator: upper.denominator * 2n }
      )
    )
  })
  return pairs.map(([f, p], k) => {
    const [lower, upper] = [ends[k]!, ends[k + 1]!]
    const [middle, half] = [(lower + upper) / 2, (upper - lower) / 2]
    return { lower, upper, target: inLocalCoordinate(f, middle, half), density: inLocalCoordinate(p, middle, half) }
  })
}

function horner(coefficients: readonly number[], t: number): number {
  let value = 0
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * t + coefficients[i]!
  return value
}

/** Nodes and weights on [-1, 1] that integrate polynomials of degree up to 2n - 1. Newton on the Legendre polynomial. Approximate. */
export function gaussLegendre(n: number): { readonly nodes: readonly number[]; readonly weights: readonly number[] } {
  const nodes: number[] = []
  const weights: number[] = []
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    let slope = 1
    for (let iteration = 0; iteration < 100; iteration++) {
      let [before, value] = [1, x]
      for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k]
      slope = n === 1 ? 1 : (n * (x * value - before)) / (x * x - 1)
      const step = value / slope
      x -= step
      if (Math.abs(step) < 1e-16) break
    }
    nodes.push(x)
    weights.push(2 / ((1 - x * x) * slope * slope))
  }
  return { nodes, weights }
}

/** The risk prepared for doubles. */
export function floatRisk(risk: ContinuousRisk): FloatRisk {
  const pieces = floatPieces(risk)
  const degrees = pieces.map(({ target, density }) => 2 * Math.max(target.length - 1, 1) + density.length - 1)
  const { nodes, weights } = gaussLegendre(Math.floor(Math.max(...degrees) / 2) + 1)

  /** Calls visit(x, f(x), weight * density) at the nodes of every interval between kinks and breakpoints. */
  const integrate = (kinks: readonly number[], visit: (x: number, f: number, weight: number) => void) => {
    const sorted = [...kinks].sort((p, q) => p - q)
    for (const { lower, upper, target, density } of pieces) {
      const [middle, half] = [(lower + upper) / 2, (upper - lower) / 2]
      const ends = [lower, ...sorted.filter((q) => lower < q && q < upper), upper]
      for (let k = 1; k < ends.length; k++) {
        const [centre, radius] = [(ends[k - 1]! + ends[k]!) / 2, (ends[k]! - ends[k - 1]!) / 2]
        for (let i = 0; i < nodes.length; i++) {
          const x = centre + radius * nodes[i]!
          const t = (x - middle) / half
          visit(x, horner(target, t), weights[i]! * radius * horner(density, t))
        }
      }
    }
  }
  const kinksOf = (parameters: FlatParameters) => {
    const h = widthOf(parameters)
    return Array.from({ length: h }, (_, j) => -parameters[h + j]! / parameters[j]!)
  }
  const value = (parameters: FlatParameters) => {
    let sum = 0
    integrate(kinksOf(parameters), (x, f, weight) => {
      sum += (outputOf(parameters, x) - f) ** 2 * weight
    })
    return sum
  }
  return {
    a: pieces[0]!.lower,
    b: pieces.at(-1)!.upper,
    target: (x) => {
      const { lower, upper, target } = pieces.find((piece) => x <= piece.upper) ?? pieces.at(-1)!
      return horner(target, (2 * x - lower - upper) / (upper - lower))
    },
    value,
    gradient: (parameters, into) => {
      const h = widthOf(parameters)
      let sum = 0
      into.fill(0)
      integrate(kinksOf(parameters), (x, f, weight) => {
        const residual = outputOf(parameters, x) - f
        const pull = 2 * residual * weight
        sum += residual * residual * weight
        into[3 * h]! += pull
        for (let j = 0; j < h; j++) {
          const z = parameters[j]! * x + parameters[h + j]!
          if (z <= 0) continue
          const v = parameters[2 * h + j]!
          into[j]! += pull * v * x
          into[h + j]! += pull * v
          into[2 * h + j]! += pull * z
        }
      })
      return sum
    },
    squaredDistance: (parameters, g, kinks) => {
      let sum = 0
      integrate([...kinksOf(parameters), ...kinks], (x, _, weight) => {
        sum += (outputOf(parameters, x) - g(x)) ** 2 * weight
      })
      return sum
    }
  }
}

/** N(x). Approximate. */
export function outputOf(parameters: FlatParameters, x: number): number {
  const h = widthOf(parameters)
  let value = parameters[3 * h]!
  for (let j = 0; j < h; j++) {
    const z = parameters[j]! * x + parameters[h + j]!
    if (z > 0) value += parameters[2 * h + j]! * z
  }
  return value
}

/** How a unit is active on [a, b]. */
export type UnitState = 'dead' | 'right-kink' | 'left-kink' | 'active'

/** The state of unit j. Approximate only in that the parameters are. */
export function unitState(parameters: FlatParameters, j: number, a: number, b: number): UnitState {
  const h = widthOf(parameters)
  const [w, bias] = [parameters[j]!, parameters[h + j]!]
  const [left, right] = [w * a + bias > 0, w * b + bias > 0]
  return left ? (right ? 'active' : 'left-kink') : right ? 'right-kink' : 'dead'
}
