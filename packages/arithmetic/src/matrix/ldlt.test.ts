import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { add, multiply, rational, zero } from '../rational.ts'
import { type IntegerMatrix, integerMatrix } from './integer-matrix.ts'
import { definiteness, type Inertia, inertiaOf, ldlt, quadraticForm } from './ldlt.ts'

/**
 * A twin by another road: the characteristic polynomial (Faddeev and LeVerrier) has real roots only, so Descartes' rule
 * counts the positive ones exactly.
 */
function inertiaBySigns(a: IntegerMatrix): Inertia {
  const n = a.rows
  let m = new Array<bigint>(n * n).fill(0n)
  const coefficients = [1n]
  for (let k = 1; k <= n; k++) {
    // M <- A M + c I, c_k = -trace(A M) / k
    const c = coefficients[k - 1]!
    m = m.map((v, at) => (Math.floor(at / n) === at % n ? v + c : v))
    const next = product(a.entries, m, n)
    let trace = 0n
    for (let i = 0; i < n; i++) trace += next[i * n + i]!
    coefficients.push(-trace / BigInt(k))
    m = next
  }
  let zeroRoots = 0
  while (zeroRoots < n && coefficients[n - zeroRoots] === 0n) zeroRoots++
  const signs = coefficients.filter((c) => c !== 0n).map((c) => c > 0n)
  const positive = signs.filter((s, i) => i > 0 && s !== signs[i - 1]).length
  return { positive, negative: n - zeroRoots - positive, zero: zeroRoots }
}

function product(a: readonly bigint[], b: readonly bigint[], n: number): bigint[] {
  return Array.from({ length: n * n }, (_, at) => {
    let sum = 0n
    for (let k = 0; k < n; k++) sum += a[Math.floor(at / n) * n + k]! * b[k * n + (at % n)]!
    return sum
  })
}

/** Matrices B^T D B: of any inertia, often singular, often with zeros on the diagonal. */
const symmetric = fc
  .record({
    n: fc.integer({ min: 1, max: 7 }),
    r: fc.integer({ min: 0, max: 7 }),
    bits: fc.constantFrom(1, 3, 60),
    signs: fc.constantFrom([1n], [-1n], [1n, -1n], [1n, 1n, 1n, -1n]),
    clear: fc.boolean()
  })
  .chain(({ n, r, bits, signs, clear }) => {
    const bound = 1n << BigInt(bits)
    return fc.array(fc.bigInt({ min: -bound, max: bound }), { minLength: n * r, maxLength: n * r }).map((b) => {
      const entries = Array.from({ length: n * n }, (_, at) => {
        const [i, j] = [Math.floor(at / n), at % n]
        if (clear && i === j) return 0n
        let sum = 0n
        for (let k = 0; k < r; k++) sum += signs[k % signs.length]! * b[k * n + i]! * b[k * n + j]!
        return sum
      })
      return integerMatrix(n, n, entries)
    })
  })

describe('symmetric elimination', () => {
  it('has the inertia that the signs of the characteristic polynomial tell', () => {
    fc.assert(
      fc.property(symmetric, (a) => {
        expect(inertiaOf(a)).toEqual(inertiaBySigns(a))
      }),
      { numRuns: 250 }
    )
  })

  it('writes the matrix as the sum of its squares', () => {
    fc.assert(
      fc.property(symmetric, (a) => {
        const terms = ldlt(a)
        const n = a.rows
        for (let at = 0; at < n * n; at++) {
          let sum = zero
          for (const [k, { form, pivot }] of terms.entries()) {
            const weight = rational(1n, pivot * (terms[k - 1]?.pivot ?? 1n))
            sum = add(sum, multiply(rational(form[Math.floor(at / n)]! * form[at % n]!), weight))
          }
          expect(sum).toEqual(rational(a.entries[at]!))
        }
        for (const [k, { form }] of terms.entries()) {
          for (let l = 0; l <= k; l++) {
            const value = terms[l]!.direction.reduce((sum, d, i) => sum + d * form[i]!, 0n)
            expect(value).toBe(l === k ? terms[k]!.pivot : 0n)
          }
        }
      }),
      { numRuns: 80 }
    )
  })

  it('decides definiteness, with a falling direction where it fails', () => {
    const seen = { 'positive-definite': 0, 'positive-semidefinite': 0, 'not-positive-semidefinite': 0 }
    fc.assert(
      fc.property(symmetric, (a) => {
        const { negative, zero: nullity, positive } = inertiaBySigns(a)
        const answer = definiteness(a)
        seen[answer.kind]++
        if (answer.kind === 'not-positive-semidefinite') {
          expect(negative).toBeGreaterThan(0)
          expect(quadraticForm(a, answer.direction) < 0n).toBe(true)
        } else {
          expect(negative).toBe(0)
          expect(answer.kind === 'positive-definite').toBe(nullity === 0)
          if (answer.kind === 'positive-semidefinite') expect(answer.rank).toBe(positive)
        }
      }),
      { numRuns: 250 }
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5)
  })

  it('sees that a zero on the diagonal beside a non-zero entry refutes semidefiniteness', () => {
    for (const a of [7n, -7n]) {
      for (const corner of [0n, 1n, 10n ** 30n]) {
        const matrix = integerMatrix(2, 2, [0n, a, a, corner])
        expect(definiteness(matrix).kind).toBe('not-positive-semidefinite')
        expect(inertiaOf(matrix)).toEqual({ positive: 1, negative: 1, zero: 0 })
      }
    }
  })

  it('tells a tie from a near miss in the thirtieth digit', () => {
    const t = 10n ** 30n
    expect(definiteness(integerMatrix(2, 2, [t, t, t, t]))).toEqual({ kind: 'positive-semidefinite', rank: 1 })
    expect(definiteness(integerMatrix(2, 2, [t, t, t, t + 1n])).kind).toBe('positive-definite')
    expect(definiteness(integerMatrix(2, 2, [t, t, t, t - 1n]))).toMatchObject({ direction: [-1n, 1n] })
  })

  it('refuses matrices that are not symmetric', () => {
    expect(() => inertiaOf(integerMatrix(2, 2, [1n, 2n, 3n, 4n]))).toThrow('entry (1, 0) differs')
    expect(() => definiteness(integerMatrix(1, 2, [1n, 2n]))).toThrow('1 x 2')
    expect(definiteness(integerMatrix(0, 0, []))).toEqual({ kind: 'positive-definite' })
  })
})
