import { symmetricEigenvalues } from '@nadir/kernels'
import { describe, expect, it } from 'vitest'
import { randomStream } from '../random.ts'
import { denseOperator } from './operator.ts'
import { densityCurve, exactDensityCurve, quadratureError, spectralRules } from './spectral-density.ts'

/** A symmetric matrix with a bulk at 0, a few outliers and a negative tail, as Hessians have. */
function bulkAndOutliers(size: number, seed: number): Float64Array {
  const random = randomStream(seed)
  const matrix = new Float64Array(size * size)
  for (let k = 0; k < size / 3; k++) {
    const v = Float64Array.from({ length: size }, () => random() - 0.5)
    const weight = k < 4 ? 3 - k / 2 : k % 5 === 0 ? -0.3 : 0.5
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) matrix[i * size + j] = matrix[i * size + j]! + weight * v[i]! * v[j]!
  }
  return matrix
}

describe('stochastic Lanczos quadrature', () => {
  const size = 150
  const matrix = bulkAndOutliers(size, 1)
  const operator = denseOperator(matrix, size)
  const values = symmetricEigenvalues(matrix, size)

  it('the moments that a rule promises are right', () => {
    for (const rule of spectralRules(operator, { steps: 12, probes: 3, seed: 9 }).rules) {
      expect(rule.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
      expect(rule.steps).toBe(12)
    }
    // Averaged over all sign vectors of a small matrix the first moments are those of the spectrum.
    const small = Float64Array.from([2, 1, 0, 1, -1, 1, 0, 1, 3])
    const { rules } = spectralRules(denseOperator(small, 3), { steps: 3, probes: 400 })
    const mean = rules.reduce((sum, r) => sum + r.nodes.reduce((s, x, k) => s + r.weights[k]! * x, 0), 0) / 400
    expect(Math.abs(mean - 4 / 3)).toBeLessThan(0.1)
  })

  it('the true smoothed density lies within the stated error nearly everywhere, over many seeds', () => {
    let covered = 0
    let total = 0
    for (let seed = 0; seed < 40; seed++) {
      const { rules } = spectralRules(operator, { steps: 60, probes: 1 + (seed % 4), seed: 100 * seed })
      const curve = densityCurve(rules, size, { points: 60, width: 0.15 })
      for (const [k, t] of curve.points.entries()) {
        const truth =
          values.reduce((sum, x) => sum + Math.exp(-0.5 * ((t - x) / 0.15) ** 2), 0) /
          (size * 0.15 * Math.sqrt(2 * Math.PI))
        total++
        if (Math.abs(curve.density[k]! - truth) <= curve.error[k]!) covered++
      }
    }
    expect(covered / total).toBeGreaterThan(0.95)
  })

  it('the bound of the quadrature error holds', () => {
    for (const steps of [4, 8, 16, 32]) {
      const full = spectralRules(operator, { steps: size, probes: 1, seed: 5 }).rules[0]!
      const short = spectralRules(operator, { steps, probes: 1, seed: 5 }).rules[0]!
      const range = values.at(-1)! - values[0]!
      for (const width of [0.1, 0.3, 1]) {
        const bound = quadratureError(steps, range, width)
        for (let t = -1; t < 4; t += 0.25) {
          const at = (r: typeof full) =>
            r.nodes.reduce((sum, x, k) => sum + r.weights[k]! * Math.exp(-0.5 * ((t - x) / width) ** 2), 0) /
            (width * Math.sqrt(2 * Math.PI))
          expect(Math.abs(at(short) - at(full))).toBeLessThanOrEqual(bound + 1e-12)
        }
      }
    }
    // A hundred steps resolve a hundredth of the range to 2 % of the peak.
    expect(quadratureError(100, 1, 0.01) * 0.01 * Math.sqrt(2 * Math.PI)).toBeLessThan(0.02)
  })

  it('stopped work keeps what it has and is resumed to the same answer', () => {
    const whole = spectralRules(operator, { steps: 20, probes: 3, seed: 7 })
    let products = 0
    const part = spectralRules(operator, { steps: 20, probes: 3, seed: 7, stop: () => products++ > 30 })
    expect(part.rules.map((r) => r.complete)).toEqual([true, false])
    expect(part.rules[1]!.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
    expect(spectralRules(operator, { steps: 20, probes: 3, seed: 7, previous: part })).toEqual(whole)
  })

  it('the curve of all eigenvalues integrates to 1', () => {
    const curve = exactDensityCurve(values)
    const step = curve.points[1]! - curve.points[0]!
    expect(curve.density.reduce((a, b) => a + b) * step).toBeCloseTo(1, 3)
  })
})
