import { entry, rational, toNumber } from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dataset } from '../data/dataset.ts'
import { relu, twoSlope } from '../network/activation.ts'
import { empiricalRisk } from '../problem.ts'
import { randomStream } from '../random.ts'
import { asOneHiddenLayer, type OneHiddenLayer } from '../traits.ts'
import { cellGram } from './cell-gram.ts'
import { type CellState, preActivations, setSides } from './cell-state.ts'
import { mergeData } from './merged-data.ts'
import { nullSpaceBasis } from './null-space-basis.ts'
import { choleskySolve, semidefiniteCholesky } from './semidefinite-cholesky.ts'
import { snap } from './snap.ts'

const seeds = fc.integer({ min: 1, max: 1_000_000 })

describe('nullSpaceBasis', () => {
  test('is orthonormal, orthogonal to the rows, and solves for slopes', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 8 }), (seed, width, rank) => {
        const random = randomStream(seed)
        const rows = Array.from({ length: Math.min(rank, width) }, () =>
          Float64Array.from({ length: width }, () => 2 * random() - 1)
        )
        const basis = nullSpaceBasis(rows, width)
        if (basis === undefined) return
        const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((s, x, k) => s + x * b[k]!, 0)
        const column = (m: number) => basis.complement.subarray(m * width, (m + 1) * width)
        for (let m = 0; m < width - basis.rank; m++) {
          for (const row of rows) expect(Math.abs(dot(column(m), row))).toBeLessThan(1e-12)
          for (let l = 0; l <= m; l++) expect(dot(column(m), column(l))).toBeCloseTo(l === m ? 1 : 0, 10)
        }
        const slopes = rows.map(() => 2 * random() - 1)
        const vector = Array.from({ length: width }, (_, k) => rows.reduce((s, row, m) => s + slopes[m]! * row[k]!, 0))
        for (const [m, slope] of slopes.entries())
          expect(dot(basis.solve.subarray(m * width, (m + 1) * width), vector)).toBeCloseTo(slope, 5)
      })
    )
  })

  test('refuses dependent rows', () => {
    const row = Float64Array.of(1, 2, 3)
    expect(nullSpaceBasis([row, Float64Array.of(2, 4, 6)], 3)).toBeUndefined()
    expect(nullSpaceBasis([row, row, row, row], 3)).toBeUndefined()
  })
})

test('semidefiniteCholesky solves consistent systems of any rank', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (seed, n, rank) => {
      const random = randomStream(seed)
      const factor = Array.from({ length: rank }, () =>
        Float64Array.from({ length: n }, () => Math.round(8 * random() - 4))
      )
      const M = new Float64Array(n * n)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) M[i * n + j] = factor.reduce((s, f) => s + f[i]! * f[j]!, 0)
      const x = Array.from({ length: n }, () => random())
      const b = Float64Array.from({ length: n }, (_, i) => x.reduce((s, xj, j) => s + M[i * n + j]! * xj, 0))
      const skipped = new Uint8Array(n)
      const L = M.slice()
      semidefiniteCholesky(L, n, skipped)
      const solution = b.slice()
      choleskySolve(L, n, skipped, solution)
      for (let i = 0; i < n; i++) {
        let sum = 0
        for (let j = 0; j < n; j++) sum += M[i * n + j]! * solution[j]!
        expect(Math.abs(sum - b[i]!)).toBeLessThan(1e-6 * (1 + Math.abs(b[i]!)))
      }
    })
  )
})

/** A problem on a coarse grid (duplicates, parallel inputs) and a state with sides from random weights. */
function randomCell(
  seed: number,
  hiddenBias: boolean,
  outputBias: boolean
): { view: OneHiddenLayer; state: CellState } {
  const random = randomStream(seed)
  const cell = () => rational(BigInt(Math.round(6 * random() - 3)))
  const n = 6 + Math.floor(10 * random())
  const units = 1 + Math.floor(3 * random())
  const network = {
    inputs: [2],
    layers: [
      { kind: 'dense', outputs: units, bias: hiddenBias },
      { kind: 'activation', activation: random() < 0.5 ? relu : twoSlope(rational(1n), rational(-1n, 3n)) },
      { kind: 'dense', outputs: 1, bias: outputBias }
    ]
  } as const
  const data = dataset(
    Array.from({ length: n }, () => [cell(), cell()]),
    Array.from({ length: n }, () => [cell()])
  )
  const view = asOneHiddenLayer(empiricalRisk({ network, data }))
  if ('kind' in view) throw new Error(view.reason)
  const merged = mergeData(view)
  const state: CellState = {
    units,
    u: Float64Array.from({ length: units * view.width }, () => 2 * random() - 1),
    c: 0,
    kappa: Int8Array.from({ length: units }, () => (random() < 0.5 ? -1 : 1)),
    side: new Uint8Array(units * merged.samples),
    kinks: Array.from({ length: units }, () => [])
  }
  for (let j = 0; j < units; j++) setSides(merged, state, j)
  return { view, state }
}

test('cellGram stays what it is when rebuilt, after any side changes', () => {
  fc.assert(
    fc.property(
      seeds,
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(2), fc.nat(40)), { maxLength: 40 }),
      (seed, bias, changes) => {
        const { view, state } = randomCell(seed, true, bias)
        const data = mergeData(view)
        const slopes = {
          positive: toNumber(rational(view.slopes.positive, view.slopes.denominator)),
          negative: toNumber(rational(view.slopes.negative, view.slopes.denominator))
        }
        const gram = cellGram(data, state, slopes, bias)
        gram.rebuild()
        for (const [j, i] of changes) gram.flip(j % state.units, i % data.samples)
        const kept = gram.matrix.slice()
        gram.rebuild()
        for (const [k, value] of gram.matrix.entries()) expect(kept[k]).toBeCloseTo(value, 8)
      }
    )
  )
})

test('preActivations agree with plain sums', () => {
  fc.assert(
    fc.property(seeds, fc.boolean(), (seed, bias) => {
      const { view, state } = randomCell(seed, bias, true)
      const data = mergeData(view)
      const z = new Float64Array(state.units * data.samples)
      preActivations(data, state.u, state.units, z)
      for (let j = 0; j < state.units; j++)
        for (let i = 0; i < data.samples; i++) {
          let sum = 0
          for (let k = 0; k < data.width; k++) sum += state.u[j * data.width + k]! * data.x[i * data.width + k]!
          expect(z[j * data.samples + i]).toBeCloseTo(sum, 10)
        }
    })
  )
})

test('snap solves the normal equations of its cell exactly, kinks included', () => {
  fc.assert(
    fc.property(seeds, fc.boolean(), fc.boolean(), fc.boolean(), (seed, hiddenBias, outputBias, withKink) => {
      const { view, state } = randomCell(seed, hiddenBias, outputBias)
      const data = mergeData(view)
      // A kink on the first class that is not the zero vector.
      const k = data.classes.findIndex((members) =>
        data.x.subarray(members[0]! * data.width, (members[0]! + 1) * data.width).some((x) => x !== 0)
      )
      if (withKink && k >= 0) state.kinks[0] = [k]
      const { u, c } = snap(view, data, state)
      const { width, extended, scale, samples: n, slopes } = view
      const at = (j: number, b: number) => entry(u, j * width + b)
      const zAt = (j: number, i: number) => {
        let z = rational(0n)
        for (let b = 0; b < width; b++) {
          const a = at(j, b)
          z = rational(
            z.numerator * a.denominator * scale + a.numerator * extended[i * width + b]! * z.denominator,
            z.denominator * a.denominator * scale
          )
        }
        return z
      }
      const y = view.problem.data.targets
      const residual = Array.from({ length: n }, (_, i) => {
        let f = entry(c, 0)
        for (let j = 0; j < view.units; j++) {
          const z = zAt(j, i)
          const s =
            (state.side[j * data.samples + data.mergedOf[i]!] ? slopes.positive : slopes.negative) *
            BigInt(state.kappa[j]!)
          f = rational(
            f.numerator * z.denominator * slopes.denominator + s * z.numerator * f.denominator,
            f.denominator * z.denominator * slopes.denominator
          )
        }
        return rational(f.numerator * y.denominator - y.numerators[i]! * f.denominator, f.denominator * y.denominator)
      })
      // The gradient of each unit lies in the span of its kinks; without kinks it is 0.
      for (let j = 0; j < view.units; j++) {
        const gradient = Array.from({ length: width }, (_, b) => {
          let g = rational(0n)
          for (const [i, r] of residual.entries()) {
            const s = state.side[j * data.samples + data.mergedOf[i]!] ? slopes.positive : slopes.negative
            g = rational(
              g.numerator * r.denominator + r.numerator * s * extended[i * width + b]! * g.denominator,
              g.denominator * r.denominator
            )
          }
          return g
        })
        const kink = state.kinks[j]![0]
        if (kink === undefined) expect(gradient.every((g) => g.numerator === 0n)).toBe(true)
        else {
          const i = data.mergedOf.indexOf(data.classes[kink]![0]!)
          expect(zAt(j, i).numerator).toBe(0n)
          const vector = Array.from({ length: width }, (_, b) => extended[i * width + b]!)
          for (let a = 0; a < width; a++)
            for (let b = 0; b < width; b++) {
              const [p, q] = [gradient[a]!, gradient[b]!]
              expect(p.numerator * q.denominator * vector[b]! - q.numerator * p.denominator * vector[a]!).toBe(0n)
            }
        }
      }
      if (outputBias) {
        const total = residual.reduce(
          (s, r) => rational(s.numerator * r.denominator + r.numerator * s.denominator, s.denominator * r.denominator),
          rational(0n)
        )
        expect(total.numerator).toBe(0n)
      }
    }),
    { numRuns: 150 }
  )
})
