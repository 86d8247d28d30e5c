import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { absolute, integerSquareRoot } from '../integer.ts'
import { integerMatrix } from '../matrix/integer-matrix.ts'
import { toLimbMatrix } from '../matrix/limb-matrix.ts'
import { invertModulo, pivotsModulo, residuesModulo } from './elimination.ts'
import { centredResidue, inverseModulo, primeBelow } from './prime-field.ts'
import { rationalReconstruction } from './reconstruction.ts'

const largest = primeBelow(2 ** 22)
const primes = fc.constantFrom(5, 101, 65521, largest, primeBelow(largest))

/** The twin in BigInt. */
function centredBig(x: bigint, prime: number): number {
  const p = BigInt(prime)
  const residue = ((x % p) + p) % p
  return Number(residue > p / 2n ? residue - p : residue)
}

describe('prime fields', () => {
  it('primeBelow names the primes', () => {
    const sieve = new Uint8Array(3000)
    let last = 0
    for (let n = 2; n < 3000; n++) {
      if (last > 0) expect(primeBelow(n)).toBe(last)
      if (sieve[n] !== 0) continue
      last = n
      for (let k = n * n; k < 3000; k += n) sieve[k] = 1
    }
    // The largest prime below 2^22 (OEIS A014234).
    expect(largest).toBe(4194301)
    expect(() => primeBelow(2)).toThrow('no prime below 2')
  })

  it('centredResidue is the residue least in magnitude up to the end of its range', () => {
    const check = (x: number, prime: number): void => {
      expect(centredResidue(x, prime, 1 / prime) + 0).toBe(centredBig(BigInt(x), prime))
    }
    const top = 2 ** 53 - 2 ** 22
    fc.assert(
      fc.property(fc.maxSafeInteger(), primes, (x, p) => check(Math.max(-top, Math.min(top, x)), p)),
      {
        numRuns: 2000
      }
    )
    // Odd multiples of p/2, rounded either way, are the worst.
    for (let k = 1; k < 2 ** 31; k = 2 * k + 1) {
      for (const d of [-1, 0, 1]) {
        const x = Math.min(top, ((largest - 1) / 2) * k + (k - 1) / 2 + d)
        check(x, largest)
        check(-x, largest)
      }
    }
  })

  it('inverseModulo inverts', () => {
    fc.assert(
      fc.property(primes, fc.integer(), (p, a) => {
        fc.pre(a % p !== 0)
        const inverse = inverseModulo(a, p)
        expect(Math.abs(inverse)).toBeLessThanOrEqual((p - 1) / 2)
        expect(centredBig(BigInt(a) * BigInt(inverse), p)).toBe(1)
      })
    )
    expect(() => inverseModulo(10, 5)).toThrow('10 has no inverse modulo 5')
  })
})

const residueMatrix = (rows: number, columns: number, prime: number, seed: number, zeros: number): Float64Array => {
  let state = BigInt(seed)
  return Float64Array.from({ length: rows * columns }, () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n)
    return Number(state >> 40n) % 100 < zeros ? 0 : centredBig(state >> 20n, prime)
  })
}

describe('elimination modulo a prime', () => {
  it('residues are those of the integers', () => {
    fc.assert(
      fc.property(primes, fc.array(fc.bigInt(), { minLength: 1, maxLength: 8 }), (p, entries) => {
        const expected = entries.map((e) => centredBig(e, p))
        const matrix = integerMatrix(1, entries.length, entries)
        expect([...residuesModulo(matrix, p)].map((r) => r + 0)).toEqual(expected)
        expect([...residuesModulo(toLimbMatrix(matrix), p)].map((r) => r + 0)).toEqual(expected)
      })
    )
  })

  it('the inverse times the matrix is the identity, in every size around the blocks', () => {
    for (const [n, prime, zeros] of [
      [1, largest, 0],
      [2, 5, 40],
      [7, 101, 30],
      [31, largest, 0],
      [32, largest, 80],
      [33, 65521, 50],
      [67, largest, 90],
      [100, largest, 0],
      [97, 101, 0]
    ] as const) {
      let inverted = 0
      for (let seed = 1; seed <= 6; seed++) {
        const a = residueMatrix(n, n, prime, seed, zeros)
        const inverse = invertModulo(a, n, prime)
        expect(inverse !== undefined).toBe(pivotsModulo(a, n, n, prime).rank === n)
        if (!inverse) continue
        inverted++
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let sum = 0
            for (let k = 0; k < n; k++) sum += inverse[i * n + k]! * a[k * n + j]!
            if (centredResidue(sum, prime, 1 / prime) !== Number(i === j))
              throw new Error(`n ${n}, seed ${seed}: (${i}, ${j})`)
          }
        }
      }
      expect(inverted, `n ${n}`).toBeGreaterThan(0)
    }
  })

  it('pivots are the leftmost independent columns with a non-zero minor', () => {
    // Column 2 = column 0 + column 1, column 0 is not zero, row 1 repeats row 0.
    const a = Float64Array.from([1, 2, 3, 4, 1, 2, 3, 4, 0, 1, 1, 0])
    expect(pivotsModulo(a, 3, 4, 101)).toEqual({ rank: 2, pivotRows: [0, 2], pivotColumns: [0, 1] })
    expect(pivotsModulo(new Float64Array(6), 2, 3, 101)).toEqual({ rank: 0, pivotRows: [], pivotColumns: [] })
    expect(invertModulo(Float64Array.from([1, 2, 2, 4]), 2, 101)).toBeUndefined()
  })
})

describe('rational reconstruction', () => {
  /** The twin: Euclid's algorithm, one quotient at a time. */
  function naive(a: bigint, m: bigint) {
    const bound = integerSquareRoot(m / 2n)
    let [r0, r1, t0, t1] = [m, a, 0n, 1n]
    while (r1 > bound) {
      const q = r0 / r1
      ;[r0, r1, t0, t1] = [r1, r0 - q * r1, t1, t0 - q * t1]
    }
    if (t1 === 0n || absolute(t1) > bound) return undefined
    return t1 < 0n ? { numerator: -r1, denominator: -t1 } : { numerator: r1, denominator: t1 }
  }

  const modulus = fc.oneof(
    fc.integer({ min: 1, max: 120 }).map((k) => BigInt(largest) ** BigInt(k)),
    fc.bigInt({ min: 2n, max: 1n << 400n })
  )

  it('takes the steps of Euclid', () => {
    fc.assert(
      fc.property(modulus, fc.bigInt({ min: 0n, max: 1n << 2700n }), (m, a) => {
        expect(rationalReconstruction(a % m, m)).toEqual(naive(a % m, m))
      }),
      { numRuns: 400 }
    )
  })

  it('takes the steps of Euclid when quotients are large or all one', () => {
    // Continued fractions of ones (Fibonacci) and of huge terms: a / m with the given quotients.
    for (const quotients of [
      new Array<bigint>(900).fill(1n),
      Array.from({ length: 60 }, (_, k) => (k % 3 === 0 ? 1n << BigInt(20 + 2 * k) : 1n)),
      Array.from({ length: 200 }, (_, k) => 2n ** 24n - BigInt(k % 3))
    ]) {
      let [a, m] = [0n, 1n]
      for (const q of quotients) [a, m] = [m, q * m + a]
      expect(rationalReconstruction(a, m)).toEqual(naive(a, m))
    }
  })

  it('finds the fraction it was made from', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(1n << 300n), max: 1n << 300n }),
        fc.bigInt({ min: 1n, max: 1n << 300n }),
        (n, d) => {
          const p = BigInt(largest)
          fc.pre(d % p !== 0n)
          const digits = 28n
          const m = p ** digits
          // The inverse of d modulo m by Euler's theorem.
          let inverse = 1n
          let power = d % m
          for (let e = p ** (digits - 1n) * (p - 1n) - 1n; e > 0n; e >>= 1n) {
            if (e & 1n) inverse = (inverse * power) % m
            power = (power * power) % m
          }
          const found = rationalReconstruction((((n * inverse) % m) + m) % m, m)!
          expect(found.numerator * d).toBe(n * found.denominator)
        }
      ),
      { numRuns: 40 }
    )
  })
})
