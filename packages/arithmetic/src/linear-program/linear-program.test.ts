import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bareissSolve } from '../matrix/bareiss.ts'
import { type IntegerMatrix, integerMatrix, timesVector } from '../matrix/integer-matrix.ts'
import { submatrix } from '../matrix/limb-matrix.ts'
import { compare, type Rational, rational } from '../rational.ts'
import { type BoxProgram, liesInPolytope, provesEmpty, provesMinimum, provesUnbounded } from './box-program.ts'
import { feasibleInBox } from './feasible-in-box.ts'
import { minimizeInBox } from './minimize-in-box.ts'

/** The obvious twin for finite bounds: the least cost over all basic solutions that lie in the polytope. */
function leastOverVertices(program: BoxProgram, cost: readonly bigint[]): Rational | undefined {
  const { matrix, b, lower, upper } = program
  const n = matrix.columns
  let least: Rational | undefined
  for (let code = 0; code < 3 ** n; code++) {
    const state = Array.from({ length: n }, (_, j) => Math.floor(code / 3 ** j) % 3)
    const basis = state.flatMap((s, j) => (s === 2 ? [j] : []))
    if (basis.length > matrix.rows) continue
    const fixed = state.map((s, j) => (s === 0 ? lower[j]! : s === 1 ? upper[j]! : 0n))
    const rest = timesVector(matrix, fixed).map((v, i) => b[i]! - v)
    for (const rows of subsets(matrix.rows, basis.length)) {
      const answer = bareissSolve(
        submatrix(matrix, rows, basis),
        integerMatrix(
          rows.length,
          1,
          rows.map((i) => rest[i]!)
        )
      )
      if (answer.kind === 'singular') continue
      const numerators = fixed.map((v) => v * answer.denominator)
      for (const [k, j] of basis.entries()) numerators[j] = answer.numerators[k]!
      const point = { denominator: answer.denominator, numerators }
      if (!liesInPolytope(program, point)) continue
      const value = rational(
        numerators.reduce((sum, v, j) => sum + v * cost[j]!, 0n),
        answer.denominator
      )
      if (!least || compare(value, least) < 0) least = value
    }
  }
  return least
}

function subsets(n: number, size: number): number[][] {
  if (size === 0) return [[]]
  if (n < size) return []
  return [...subsets(n - 1, size), ...subsets(n - 1, size - 1).map((s) => [...s, n - 1])]
}

const vector = (length: number, bits: number) =>
  fc.array(fc.bigInt({ min: -(1n << BigInt(bits)), max: 1n << BigInt(bits) }), { minLength: length, maxLength: length })

/** Programs whose right-hand side is A m for an m near the box: feasible and infeasible ones, many degenerate. */
const programs = (largest: { rows: number; columns: number }, bits: readonly number[], finite: boolean) =>
  fc
    .record({
      m: fc.integer({ min: 1, max: largest.rows }),
      n: fc.integer({ min: 1, max: largest.columns }),
      size: fc.constantFrom(...bits)
    })
    .chain(({ m, n, size }) =>
      fc.record({
        matrix: vector(m * n, size).map((entries) => integerMatrix(m, n, entries)),
        lower: vector(n, 2),
        widths: fc.array(fc.bigInt({ min: 0n, max: 4n }), { minLength: n, maxLength: n }),
        absent: fc.array(fc.constantFrom(0, 0, 1, 2, 3), { minLength: n, maxLength: n }),
        shares: fc.array(fc.constantFrom(0n, 1n, 3n, 5n, 12n), { minLength: n, maxLength: n }),
        cost: vector(n, size)
      })
    )
    .map(({ matrix, lower, widths, absent, shares, cost }) => {
      const m = lower.map((l, j) => l + (widths[j]! * shares[j]!) / 5n)
      const open = (j: number, side: number) => !finite && (absent[j]! & side) !== 0
      const program: BoxProgram = {
        matrix,
        b: timesVector(matrix, m),
        lower: lower.map((l, j) => (open(j, 1) ? undefined : l)),
        upper: lower.map((l, j) => (open(j, 2) ? undefined : l + widths[j]!))
      }
      return { program, cost }
    })

const feasible = (p: BoxProgram) => feasibleInBox(p.matrix, p.b, p.lower, p.upper)

describe('feasibility and minimum in a box', () => {
  it('agree with the enumeration of all vertices', () => {
    const seen = { optimal: 0, infeasible: 0, unbounded: 0 }
    fc.assert(
      fc.property(programs({ rows: 3, columns: 5 }, [1, 2, 5], true), ({ program, cost }) => {
        const least = leastOverVertices(program, cost)
        const answer = minimizeInBox(program, cost)
        seen[answer.kind]++
        expect(answer.kind === 'optimal' ? answer.value : undefined).toEqual(least)
        expect(feasible(program).kind).toBe(least ? 'feasible' : 'infeasible')
      }),
      { numRuns: 120 }
    )
    expect(seen.optimal).toBeGreaterThan(10)
    expect(seen.infeasible).toBeGreaterThan(10)
  })

  it('give answers that prove themselves, bounds absent or not, entries short or long', () => {
    const seen = { optimal: 0, infeasible: 0, unbounded: 0 }
    fc.assert(
      fc.property(programs({ rows: 6, columns: 14 }, [1, 3, 40, 300], false), ({ program, cost }) => {
        const answer = minimizeInBox(program, cost)
        seen[answer.kind]++
        if (answer.kind === 'optimal') expect(provesMinimum(program, cost, answer.point, answer.multipliers)).toBe(true)
        if (answer.kind === 'unbounded') expect(provesUnbounded(program, cost, answer.ray)).toBe(true)
        if (answer.kind === 'infeasible') expect(provesEmpty(program, answer.certificate)).toBe(true)
        const point = feasible(program)
        expect(point.kind).toBe(answer.kind === 'infeasible' ? 'infeasible' : 'feasible')
        if (point.kind === 'feasible') expect(liesInPolytope(program, point)).toBe(true)
        else expect(provesEmpty(program, point.certificate)).toBe(true)
      }),
      { numRuns: 200 }
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10)
  })

  it('decide by one unit in the hundredth digit', () => {
    // m1 + m2 = b with 0 <= m <= 10^99: feasible up to 2 * 10^99 and not one more; doubles cannot tell.
    const top = 10n ** 99n
    const matrix = integerMatrix(1, 2, [1n, 1n])
    expect(feasibleInBox(matrix, [2n * top], [0n, 0n], [top, top])).toMatchObject({ kind: 'feasible' })
    expect(feasibleInBox(matrix, [2n * top + 1n], [0n, 0n], [top, top])).toEqual({
      kind: 'infeasible',
      certificate: [1n]
    })
  })

  it('survive numbers beyond the range of doubles', () => {
    const huge = 10n ** 400n
    const matrix = integerMatrix(2, 3, [huge, 1n, 0n, 1n, huge, huge])
    expect(feasibleInBox(matrix, [huge, 1n], [huge, undefined, 0n], [undefined, undefined, undefined]).kind).toBe(
      'feasible'
    )
    expect(feasibleInBox(matrix, [huge, 1n], [huge, -1n, 0n], [undefined, undefined, undefined]).kind).toBe(
      'infeasible'
    )
  })

  it('end on a program that cycles without care', () => {
    // Beale's example (1955) with slacks; scaled by 100. The minimum is -1/20 at x = (1/25, 0, 1, 0).
    const rows = [
      [25n, -6000n, -4n, 900n, 100n, 0n, 0n],
      [50n, -9000n, -2n, 300n, 0n, 100n, 0n],
      [0n, 0n, 100n, 0n, 0n, 0n, 100n]
    ]
    const program: BoxProgram = {
      matrix: integerMatrix(3, 7, rows.flat()),
      b: [0n, 0n, 100n],
      lower: new Array(7).fill(0n),
      upper: new Array(7).fill(undefined)
    }
    const answer = minimizeInBox(program, [-75n, 15000n, -2n, 600n, 0n, 0n, 0n])
    expect(answer).toMatchObject({ kind: 'optimal', value: rational(-5n) })
  })

  it('refuse empty boxes and wrong sizes', () => {
    const matrix: IntegerMatrix = integerMatrix(1, 1, [1n])
    expect(() => feasibleInBox(matrix, [1n], [2n], [1n])).toThrow('2 <= m[0] <= 1')
    expect(() => feasibleInBox(matrix, [], [0n], [1n])).toThrow('0 right-hand sides')
    expect(() => minimizeInBox({ matrix, b: [1n], lower: [0n], upper: [2n] }, [])).toThrow('0 costs')
  })
})

describe('the proofs', () => {
  const program: BoxProgram = {
    matrix: integerMatrix(1, 2, [1n, 1n]),
    b: [5n],
    lower: [0n, 0n],
    upper: [2n, 2n]
  }
  it('of emptiness are refused with the wrong sign, without strictness and across an absent bound', () => {
    expect(provesEmpty(program, [1n])).toBe(true)
    expect(provesEmpty(program, [-1n])).toBe(false)
    expect(provesEmpty({ ...program, b: [4n] }, [1n])).toBe(false)
    expect(provesEmpty({ ...program, upper: [2n, undefined] }, [1n])).toBe(false)
  })
  it('of a minimum are refused off the polytope, and with multipliers of the wrong side', () => {
    const p = { ...program, b: [3n] }
    const at = (...numerators: bigint[]) => ({ denominator: 1n, numerators })
    expect(provesMinimum(p, [1n, 0n], at(1n, 2n), at(1n))).toBe(true)
    expect(provesMinimum(p, [1n, 0n], at(2n, 1n), at(0n))).toBe(false)
    expect(provesMinimum(p, [1n, 0n], at(2n, 1n), at(1n))).toBe(false)
    expect(provesMinimum(p, [1n, 0n], at(1n, 1n), at(1n))).toBe(false)
    expect(provesMinimum(p, [1n, 0n], at(0n, 3n), at(1n))).toBe(false)
  })
  it('of unboundedness are refused against a bound, off the null space and uphill', () => {
    const p = { ...program, lower: [undefined, undefined], upper: [undefined, undefined] }
    expect(provesUnbounded(p, [1n, 0n], [-1n, 1n])).toBe(true)
    expect(provesUnbounded(p, [1n, 0n], [1n, -1n])).toBe(false)
    expect(provesUnbounded(p, [1n, 0n], [-1n, 0n])).toBe(false)
    expect(provesUnbounded({ ...p, upper: [undefined, 9n] }, [1n, 0n], [-1n, 1n])).toBe(false)
  })
})
