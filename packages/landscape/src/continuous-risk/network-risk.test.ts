import { type Rational, rational, toNumber, valueAt } from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { floatRisk, gaussLegendre, outputOf } from './float-risk.ts'
import { networkOf } from './heading.ts'
import { type RiskAndGradient, withRiskAndGradient } from './network-risk.ts'
import type { PiecewisePolynomial } from './piecewise-polynomial.ts'
import { type ContinuousRisk, riskFromExpression } from './risk.ts'
import { randomTargets, riskOf } from './testing/random-risks.ts'

const dyadics = fc.integer({ min: -64, max: 64 }).map((n) => n / 16)
const networks = fc
  .integer({ min: 1, max: 4 })
  .chain((width) => fc.array(dyadics, { minLength: 3 * width + 1, maxLength: 3 * width + 1 }))
  .map((list) => Float64Array.from(list))

/** Exact risk and gradient, in the order of the doubles. */
function exactly(risk: ContinuousRisk, parameters: Float64Array): { value: Rational; gradient: readonly Rational[] } {
  const asRationals = <T>({ pieces, risk: value, units, c }: RiskAndGradient<T>) => {
    const all = [value, ...units.map((u) => u.w), ...units.map((u) => u.b), ...units.map((u) => u.v), c]
    const [first, ...gradient] = all.map((constant) => pieces.rationalOf(constant)!)
    return { value: first!, gradient }
  }
  return withRiskAndGradient(risk, networkOf(parameters), asRationals)!
}

/** The obvious twin: the midpoint rule on many small intervals. */
function riskByMidpoints({ breakpoints, pieces }: PiecewisePolynomial, parameters: Float64Array): number {
  let sum = 0
  for (const [k, piece] of pieces.entries()) {
    const [low, high] = [toNumber(breakpoints[k]!.lower), toNumber(breakpoints[k + 1]!.lower)]
    const f = piece.numerators.map((n) => toNumber(rational(n, piece.denominator)))
    const n = 20000
    for (let i = 0; i < n; i++) {
      const x = low + ((high - low) * (i + 0.5)) / n
      const residual = outputOf(parameters, x) - f.reduceRight((s, c) => s * x + c, 0)
      sum += (residual * residual * (high - low)) / n
    }
  }
  return sum
}

describe('risk and generalized gradient of a network', () => {
  it('exact and double computations agree, whatever the kinks do', () => {
    fc.assert(
      fc.property(randomTargets(3, 4), networks, (target, parameters) => {
        const risk = riskOf(target)
        const exact = exactly(risk, parameters)
        const gradient = new Float64Array(parameters.length)
        const floats = floatRisk(risk)
        const value = floats.gradient(parameters, gradient)
        for (const [k, t] of target.breakpoints.entries()) {
          const wanted = toNumber(valueAt(target.pieces[Math.min(k, target.pieces.length - 1)]!, t.lower))
          expect(Math.abs(floats.target(toNumber(t.lower)) - wanted)).toBeLessThan(1e-9 * (1 + Math.abs(wanted)))
        }
        const scale = 1 + Math.max(...gradient.map(Math.abs), value)
        expect(Math.abs(value - toNumber(exact.value))).toBeLessThan(1e-11 * scale)
        for (const [i, g] of exact.gradient.entries())
          expect(Math.abs(gradient[i]! - toNumber(g))).toBeLessThan(1e-10 * scale)
      }),
      { numRuns: 60 }
    )
  })

  it('is the integral, and its slopes, where no unit has w = b = 0', () => {
    fc.assert(
      fc.property(randomTargets(2, 3), networks, fc.nat(), (target, parameters, which) => {
        const width = (parameters.length - 1) / 3
        for (let j = 0; j < width; j++) fc.pre(parameters[j] !== 0 || parameters[width + j] !== 0)
        const risk = riskOf(target)
        const { value, gradient } = exactly(risk, parameters)
        expect(Math.abs(riskByMidpoints(target, parameters) / toNumber(value) - 1)).toBeLessThan(1e-4)
        const i = which % parameters.length
        const h = 1e-6
        const at = (t: number) => floatRisk(risk).value(parameters.map((x, k) => (k === i ? x + t : x)))
        const slope = (at(h) - at(-h)) / (2 * h)
        const scale = 1 + Math.max(...gradient.map((g) => Math.abs(toNumber(g))))
        // The gradient is continuous but not smooth at kinks: a central difference is good to the step.
        expect(Math.abs(slope - toNumber(gradient[i]!))).toBeLessThan(1e-4 * scale)
      }),
      { numRuns: 25 }
    )
  })

  it('uses the left derivative at zero', () => {
    const risk = riskFromExpression('x', [rational(0n), rational(1n)])
    if (risk.kind === 'invalid') throw new Error(risk.message)
    // w = b = 0: no unit is active anywhere, so only c has a slope.
    const { gradient } = exactly(risk, Float64Array.of(0, 0, 3, 1))
    expect(gradient.map(toNumber)).toEqual([0, 0, 0, 1])
  })

  it('quadrature is exact for the degrees it promises', () => {
    for (const n of [1, 2, 5, 8]) {
      const { nodes, weights } = gaussLegendre(n)
      for (let degree = 0; degree < 2 * n; degree++) {
        const sum = nodes.reduce((s, x, i) => s + weights[i]! * x ** degree, 0)
        expect(sum).toBeCloseTo(degree % 2 === 0 ? 2 / (degree + 1) : 0, 13)
      }
    }
  })
})
