import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { absolute } from '../integer.ts'
import { primeBelow } from '../modular/prime-field.ts'
import { divide, multiply, type Rational, rational, sign, subtract } from '../rational.ts'
import { overCommonDenominator, type RationalVector } from '../rational-vector.ts'
import { bareissSolve } from './bareiss.ts'
import { dixonSolve } from './dixon.ts'
import { type IntegerMatrix, integerMatrix, timesVector } from './integer-matrix.ts'
import { toLimbMatrix } from './limb-matrix.ts'
import { solveExactly } from './solve.ts'
import type { SquareSolution } from './square-solution.ts'

/** The obvious twin: Gauss-Jordan elimination on rationals; undefined when singular. */
function rationalSolve(matrix: IntegerMatrix, rhs: IntegerMatrix): RationalVector | undefined {
  const n = matrix.rows
  const rows: Rational[][] = Array.from({ length: n }, (_, i) =>
    [...matrix.entries.slice(i * n, (i + 1) * n), ...rhs.entries.slice(i * rhs.columns, (i + 1) * rhs.columns)].map(
      (x) => rational(x)
    )
  )
  for (let k = 0; k < n; k++) {
    const found = rows.findIndex((row, i) => i >= k && sign(row[k]!) !== 0)
    if (found < 0) return undefined
    ;[rows[k], rows[found]] = [rows[found]!, rows[k]!]
    rows[k] = rows[k]!.map((x) => divide(x, rows[k]![k]!))
    for (let i = 0; i < n; i++) {
      const factor = rows[i]![k]!
      if (i !== k && sign(factor) !== 0) {
        rows[i] = rows[i]!.map((x, j) => subtract(x, multiply(factor, rows[k]![j]!)))
      }
    }
  }
  return overCommonDenominator(rows.flatMap((row) => row.slice(n)))
}

/** Lifting with the first prime that does not divide the determinant; undefined after several failures. */
function lifted(matrix: IntegerMatrix, rhs: IntegerMatrix): RationalVector | undefined {
  for (let prime = primeBelow(2 ** 22), tries = 0; tries < 5; prime = primeBelow(prime), tries++) {
    const x = dixonSolve(matrix, rhs, prime)
    if (x) return x
  }
  return undefined
}

function agree(matrix: IntegerMatrix, rhs: IntegerMatrix): 'solved' | 'singular' {
  const twin = rationalSolve(matrix, rhs)
  const answers: SquareSolution[] = [
    bareissSolve(matrix, rhs),
    solveExactly(matrix, rhs),
    solveExactly(toLimbMatrix(matrix), rhs)
  ]
  for (const answer of answers) {
    if (answer.kind === 'solved') {
      expect({ denominator: answer.denominator, numerators: answer.numerators }).toEqual(twin)
    } else {
      expect(twin).toBeUndefined()
      expect(answer.nullVector.some((v) => v !== 0n)).toBe(true)
      expect(timesVector(matrix, answer.nullVector).every((v) => v === 0n)).toBe(true)
    }
  }
  expect(lifted(matrix, rhs)).toEqual(twin)
  return twin ? 'solved' : 'singular'
}

const entryOf = (bits: number) => fc.bigInt({ min: -(1n << BigInt(bits)), max: 1n << BigInt(bits) })

const system = (sizes: [number, number], bits: number) =>
  fc.tuple(fc.integer({ min: sizes[0], max: sizes[1] }), fc.integer({ min: 0, max: 3 })).chain(([n, k]) =>
    fc.tuple(
      fc.array(entryOf(bits), { minLength: n * n, maxLength: n * n }).map((entries) => integerMatrix(n, n, entries)),
      fc.array(entryOf(bits), { minLength: n * k, maxLength: n * k }).map((entries) => integerMatrix(n, k, entries))
    )
  )

describe('exact solutions of square systems', () => {
  for (const bits of [1, 10, 21, 22, 44, 53, 200]) {
    it(`agree between lifting, fraction-free and rational elimination: entries of ${bits} bits`, () => {
      fc.assert(
        fc.property(system([1, 6], bits), ([a, b]) => {
          agree(a, b)
        }),
        { numRuns: 60 }
      )
    })
  }

  it('agree beyond the size at which lifting takes over', () => {
    fc.assert(
      fc.property(system([20, 22], 20), ([a, b]) => {
        agree(a, b)
      }),
      { numRuns: 3 }
    )
  })

  it('agree on products of thin factors, which are singular', () => {
    const thin = fc
      .integer({ min: 2, max: 20 })
      .chain((n) =>
        fc
          .integer({ min: 0, max: n - 1 })
          .chain((r) =>
            fc.tuple(
              fc.constant(n),
              fc.constant(r),
              fc.array(entryOf(12), { minLength: n * r, maxLength: n * r }),
              fc.array(entryOf(12), { minLength: n * r, maxLength: n * r })
            )
          )
      )
    fc.assert(
      fc.property(thin, ([n, r, left, right]) => {
        const entries: bigint[] = []
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let sum = 0n
            for (let k = 0; k < r; k++) sum += left[i * r + k]! * right[j * r + k]!
            entries.push(sum)
          }
        }
        const rhs = integerMatrix(
          n,
          1,
          Array.from({ length: n }, (_, i) => BigInt(i))
        )
        expect(agree(integerMatrix(n, n, entries), rhs)).toBe('singular')
      }),
      { numRuns: 25 }
    )
  })

  it('agree on scaled Hilbert matrices', () => {
    for (const n of [3, 12, 17]) {
      // The least common multiple of 1, ..., 34 clears every denominator.
      const scale = 144403552893600n * 5n
      const entries = Array.from({ length: n * n }, (_, at) => scale / BigInt(1 + Math.floor(at / n) + (at % n)))
      expect(agree(integerMatrix(n, n, entries), integerMatrix(n, 1, new Array<bigint>(n).fill(scale)))).toBe('solved')
    }
  })

  it('pass to the next prime when one divides the determinant', () => {
    const prime = primeBelow(2 ** 22)
    const n = 20
    const entries = Array.from({ length: n * n }, (_, at) =>
      Math.floor(at / n) === at % n ? BigInt(at === 0 ? prime : 1) : 0n
    )
    const matrix = integerMatrix(n, n, entries)
    const rhs = integerMatrix(n, 1, new Array<bigint>(n).fill(1n))
    expect(dixonSolve(matrix, rhs, prime)).toBeUndefined()
    const answer = solveExactly(matrix, rhs)
    expect(answer).toMatchObject({ kind: 'solved', denominator: BigInt(prime) })
  })

  it('divide rows of huge size without losing a digit', () => {
    const n = 12
    const huge = 7n ** 40n
    const entries = Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n]
      return i === j ? huge + BigInt(i) : BigInt(((i * 7 + j * 3) % 11) - 5)
    })
    const rhs = integerMatrix(
      n,
      1,
      Array.from({ length: n }, (_, i) => BigInt(i) - absolute(huge))
    )
    expect(agree(integerMatrix(n, n, entries), rhs)).toBe('solved')
  })

  it('refuse shapes that are no square system', () => {
    const a = integerMatrix(2, 3, [1n, 2n, 3n, 4n, 5n, 6n])
    expect(() => solveExactly(a, integerMatrix(2, 1, [1n, 2n]))).toThrow('2 x 3')
    expect(() => solveExactly(integerMatrix(1, 1, [1n]), integerMatrix(2, 1, [1n, 2n]))).toThrow('2 right-hand rows')
    expect(() => integerMatrix(2, 2, [1n])).toThrow('1 entries for 2 x 2')
  })
})
