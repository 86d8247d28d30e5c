import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { primeBelow } from '../modular/prime-field.ts'
import { divide, multiply, type Rational, rational, sign, subtract } from '../rational.ts'
import { type IntegerMatrix, integerMatrix, timesVector, transpose } from './integer-matrix.ts'
import { solveLinear } from './linear-system.ts'
import { nullSpace, rankOf } from './null-space.ts'

/** The obvious twin: rank by Gaussian elimination on rationals. */
function rationalRank(a: IntegerMatrix): number {
  const rows: Rational[][] = Array.from({ length: a.rows }, (_, i) =>
    a.entries.slice(i * a.columns, (i + 1) * a.columns).map((x) => rational(x))
  )
  let rank = 0
  for (let j = 0; j < a.columns; j++) {
    const found = rows.findIndex((row, i) => i >= rank && sign(row[j]!) !== 0)
    if (found < 0) continue
    ;[rows[rank], rows[found]] = [rows[found]!, rows[rank]!]
    const pivotRow = rows[rank]!
    for (let i = rank + 1; i < a.rows; i++) {
      const factor = divide(rows[i]![j]!, pivotRow[j]!)
      if (sign(factor) !== 0) rows[i] = rows[i]!.map((x, k) => subtract(x, multiply(factor, pivotRow[k]!)))
    }
    rank++
  }
  return rank
}

const dot = (x: readonly bigint[], y: readonly bigint[]): bigint => x.reduce((sum, v, i) => sum + v * y[i]!, 0n)

/** Matrices of any shape, many of them rank deficient; small entries make coincidences, large ones many limbs. */
const matrices = fc
  .record({
    rows: fc.integer({ min: 1, max: 7 }),
    columns: fc.integer({ min: 1, max: 7 }),
    inner: fc.integer({ min: 0, max: 7 }),
    bits: fc.constantFrom(1, 4, 30, 120)
  })
  .chain(({ rows, columns, inner, bits }) => {
    const bound = 1n << BigInt(bits)
    const factor = (m: number, n: number) =>
      fc
        .array(fc.bigInt({ min: -bound, max: bound }), { minLength: m * n, maxLength: m * n })
        .map((entries) => integerMatrix(m, n, entries))
    return fc.tuple(factor(rows, inner), factor(inner, columns)).map(([left, right]) => {
      const entries: bigint[] = []
      const rightColumns = transpose(right)
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          entries.push(
            dot(left.entries.slice(i * inner, (i + 1) * inner), rightColumns.entries.slice(j * inner, (j + 1) * inner))
          )
        }
      }
      return integerMatrix(rows, columns, entries)
    })
  })

describe('null space and rank', () => {
  it('have the rational rank, a basis of null vectors and a non-zero minor', () => {
    fc.assert(
      fc.property(matrices, (a) => {
        const rank = rationalRank(a)
        const space = nullSpace(a)
        expect(space.rank).toBe(rank)
        expect(rankOf(a)).toBe(rank)
        expect(space.basis.length).toBe(a.columns - rank)
        for (const v of space.basis) expect(timesVector(a, v).every((x) => x === 0n)).toBe(true)
        if (space.basis.length > 0) {
          expect(rationalRank(integerMatrix(space.basis.length, a.columns, space.basis.flat()))).toBe(a.columns - rank)
        }
        const minor = space.pivotRows.flatMap((i) => space.pivotColumns.map((j) => a.entries[i * a.columns + j]!))
        expect(rationalRank(integerMatrix(rank, rank, minor))).toBe(rank)
      }),
      { numRuns: 150 }
    )
  })

  it('are not deceived by a prime that lowers the rank', () => {
    const p = BigInt(primeBelow(2 ** 22))
    expect(rankOf(integerMatrix(2, 2, [1n, 2n, 3n, 6n + p]))).toBe(2)
    expect(nullSpace(integerMatrix(2, 2, [p, 2n * p, 3n * p, 6n * p])).basis).toEqual([[-2n, 1n]])
  })

  it('handle matrices without rows or columns', () => {
    expect(nullSpace(integerMatrix(0, 2, [])).basis).toEqual([
      [1n, 0n],
      [0n, 1n]
    ])
    expect(rankOf(integerMatrix(3, 0, []))).toBe(0)
  })
})

describe('linear systems of any shape', () => {
  it('are solved or refuted by a combination of the equations', () => {
    const seen = { solved: 0, inconsistent: 0 }
    const cases = matrices.chain((a) =>
      fc.tuple(
        fc.constant(a),
        fc.array(fc.bigInt({ min: -9n, max: 9n }), { minLength: a.columns, maxLength: a.columns }),
        fc.array(fc.constantFrom(0n, 0n, 0n, 1n), { minLength: a.rows, maxLength: a.rows })
      )
    )
    fc.assert(
      fc.property(cases, ([a, x, disturbance]) => {
        const b = timesVector(a, x).map((v, i) => v + disturbance[i]!)
        const answer = solveLinear(a, b)
        seen[answer.kind]++
        if (answer.kind === 'solved') {
          expect(timesVector(a, answer.numerators)).toEqual(b.map((v) => v * answer.denominator))
        } else {
          expect(timesVector(transpose(a), answer.certificate).every((v) => v === 0n)).toBe(true)
          expect(dot(answer.certificate, b) > 0n).toBe(true)
        }
      }),
      { numRuns: 200 }
    )
    expect(Math.min(seen.solved, seen.inconsistent)).toBeGreaterThan(10)
  })

  it('are not deceived by a prime that lowers the rank', () => {
    const p = BigInt(primeBelow(2 ** 22))
    expect(solveLinear(integerMatrix(1, 1, [p]), [1n])).toMatchObject({ denominator: p, numerators: [1n] })
    const a = integerMatrix(2, 2, [1n, 2n, 3n, 6n + p])
    expect(solveLinear(a, [1n, 4n])).toMatchObject({ denominator: p, numerators: [p - 2n, 1n] })
  })
})
