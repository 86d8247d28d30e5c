import {
  add,
  commonField,
  compare,
  divide,
  multiply,
  type Polynomial,
  padCoordinates,
  parseExact,
  type Rational,
  rational,
  rationalPolynomials,
  rationalRoot,
  realRoots,
  subtract,
  toNumber
} from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldNumbers } from './breakpoint-numbers.ts'
import { type CriticalList, criticalList, type RealizationRecord } from './critical-list.ts'
import { floatRisk } from './float-risk.ts'
import type { PiecewisePolynomial } from './piecewise-polynomial.ts'
import { quotientDigits } from './quotient.ts'
import { type ContinuousRisk, riskFromExpression, riskFromJson } from './risk.ts'
import { riskCurve } from './risk-curve.ts'
import { type RiskPieces, rationalPieces } from './risk-pieces.ts'
import { mirrorImage, randomTargets, riskOf } from './testing/random-risks.ts'
import { referenceLists } from './testing/reference-answers.ts'
import { enumerateWidthOne } from './width-one.ts'

const ring = rationalPolynomials

function listOf(risk: ContinuousRisk, digits = 20): CriticalList {
  const list = criticalList(risk, digits)
  if (list.kind === 'undecided') throw new Error(list.reason)
  return list
}

function written(target: string, a: bigint, b: bigint, density?: string): ContinuousRisk {
  const risk = riskFromExpression(target, [rational(a), rational(b)], density)
  if (risk.kind === 'invalid') throw new Error(risk.message)
  return risk
}

/** Equal up to a few units of the 18th significant place; both texts are decimals or fractions. */
function expectNear(found: string, wanted: Rational) {
  const difference = subtract(parseExact(found)!, wanted)
  const size = rational(wanted.numerator < 0n ? -wanted.numerator : wanted.numerator, wanted.denominator * 10n ** 17n)
  const tolerance = add(size, rational(1n, 10n ** 30n))
  const error = { ...difference, numerator: difference.numerator < 0n ? -difference.numerator : difference.numerator }
  expect(compare(error, tolerance), `${found} is not ${toNumber(wanted)}`).toBeLessThanOrEqual(0)
}

/** Constant and line first, then right and left kinks, each by position: the order of the list. */
const coefficientOf = (r: RealizationRecord): Rational => {
  const slope = parseExact(r.slope)!
  return r.form === 'left-kink' ? { ...slope, numerator: -slope.numerator } : slope
}

describe('the critical list of reference targets', () => {
  for (const reference of referenceLists) {
    it(`is complete for the ${reference.name}`, () => {
      const risk = riskFromJson({ breakpoints: reference.breakpoints, pieces: reference.pieces })
      if (risk.kind === 'invalid') throw new Error(risk.message)
      const list = listOf(risk)
      expect(list.realizations.length).toBe(reference.critical.length)
      for (const [form, kink, c, coefficient, value, type, global] of reference.critical) {
        const r = list.realizations.find(
          (x) => x.form === form && (kink === null || Math.abs(Number(x.kink) - toNumber(parseExact(kink)!)) < 1e-9)
        )!
        expect(r, `${form} ${kink}`).toBeDefined()
        if (kink !== null) expectNear(r.kink!, parseExact(kink)!)
        expectNear(r.c, parseExact(c)!)
        expectNear(r.risk, parseExact(value)!)
        const slope = coefficientOf(r)
        expect(Math.abs(toNumber(subtract(slope, parseExact(coefficient)!)))).toBeLessThan(1e-17)
        expect([r.type, r.global]).toEqual([type, global])
      }
      for (const side of ['right', 'left'] as const) {
        expect(list.flatKinks[side].length).toBe(reference.flatKinks[side].length)
        for (const [i, q] of reference.flatKinks[side].entries()) expectNear(list.flatKinks[side][i]!, parseExact(q)!)
      }
    })
  }

  it('gives as many digits as asked for', () => {
    const [, kink] = listOf(written('abs(x)', -1n, 1n), 50).realizations
    expect(kink!.kink).toBe('0.41421356237309504880168872420969807856967187537695')
  })
})

/** f composed with x -> (x - shift) / stretch, times factor, plus constant. */
function transformed(f: PiecewisePolynomial, stretch: Rational, shift: Rational, factor: Rational, constant: Rational) {
  const inner = ring.scale(ring.subtract(ring.x, ring.constant(shift)), divide(rational(1n), stretch))
  return {
    breakpoints: f.breakpoints.map((t) => rationalRoot(add(multiply(t.lower, stretch), shift))),
    pieces: f.pieces.map((p) => ring.add(ring.scale(ring.compose(p, inner), factor), ring.constant(constant)))
  }
}

describe('the critical list', () => {
  it('moves with the target when the axes are stretched, shifted and mirrored', () => {
    const positive = fc
      .tuple(fc.bigInt({ min: 1n, max: 9n }), fc.bigInt({ min: 1n, max: 9n }))
      .map(([p, q]) => rational(p, q))
    fc.assert(
      fc.property(randomTargets(3, 4), positive, positive, fc.boolean(), (f, stretch, factor, negative) => {
        const signed = negative ? { ...factor, numerator: -factor.numerator } : factor
        const [shift, constant] = [rational(-3n, 7n), rational(5n, 2n)]
        const before = listOf(riskOf(f)).realizations
        const after = listOf(riskOf(transformed(f, stretch, shift, signed, constant))).realizations
        expect(after.length).toBe(before.length)
        for (const [i, r] of before.entries()) {
          const s = after[i]!
          expect([s.form, s.type, s.global]).toEqual([r.form, r.type, r.global])
          const value = (text: string) => parseExact(text)!
          if (r.kink !== null) expectNear(s.kink!, add(multiply(value(r.kink), stretch), shift))
          expectNear(s.risk, multiply(value(r.risk), multiply(stretch, multiply(signed, signed))))
          expect(toNumber(value(s.c))).toBeCloseTo(toNumber(add(multiply(value(r.c), signed), constant)), 9)
          expectNear(s.slope, divide(multiply(value(r.slope), signed), stretch))
        }
        const mirrored = listOf(riskOf(mirrorImage(f))).realizations
        const swap = { 'right-kink': 'left-kink', 'left-kink': 'right-kink', constant: 'constant', affine: 'affine' }
        const key = (form: string, value: string, type: string) => `${form} ${Number(value).toPrecision(12)} ${type}`
        expect(mirrored.map((r) => key(r.form, r.risk, r.type)).sort()).toEqual(
          before.map((r) => key(swap[r.form], r.risk, r.type)).sort()
        )
      }),
      { numRuns: 12 }
    )
  })

  it('is no longer than the degrees of the pieces allow, and its functions are critical', () => {
    fc.assert(
      fc.property(randomTargets(4, 5), (f) => {
        const list = listOf(riskOf(f)).realizations
        const bound = f.pieces.reduce((n, p) => n + 2 * (Math.max(p.numerators.length - 1, 0) + 3), 2)
        expect(list.length).toBeLessThanOrEqual(bound)
        const floats = floatRisk(riskOf(f))
        const gradient = new Float64Array(4)
        for (const r of list) {
          if (r.kink === null) continue
          const [w, slope] = [r.form === 'right-kink' ? 1 : -1, toNumber(coefficientOf(r))]
          const value = floats.gradient(Float64Array.of(w, -w * Number(r.kink), slope, Number(r.c)), gradient)
          const scale = (1 + Math.abs(slope)) * (1 + value) * (1 + Math.abs(floats.a) + Math.abs(floats.b)) ** 2
          expect(Math.hypot(...gradient)).toBeLessThan(1e-9 * scale)
          expect(Math.abs(value - Number(r.risk))).toBeLessThan(1e-9 * scale)
        }
      }),
      { numRuns: 25 }
    )
  })

  it('holds the least risk of any kink', () => {
    fc.assert(
      fc.property(randomTargets(4, 4), (f) => {
        const list = listOf(riskOf(f)).realizations
        const least = Number(list.find((r) => r.global)!.risk)
        for (const side of ['right', 'left'] as const) {
          const curve = riskCurve(riskOf(f), side, 25)
          if ('kind' in curve) throw new Error(curve.reason)
          for (const { risk } of curve) expect(risk).toBeGreaterThanOrEqual(least - 1e-12 * (1 + Math.abs(least)))
        }
        expect(Math.min(...list.map((r) => Number(r.risk)))).toBe(least)
      }),
      { numRuns: 12 }
    )
  })

  it('weighs by the density', () => {
    fc.assert(
      fc.property(randomTargets(3, 3), (f) => {
        const [a, b] = [f.breakpoints[0]!, f.breakpoints.at(-1)!]
        const plain = listOf(riskOf(f)).realizations
        const triple: PiecewisePolynomial = { breakpoints: [a, b], pieces: [ring.constant(rational(3n))] }
        for (const [i, r] of listOf(riskOf(f, triple)).realizations.entries()) {
          expect([r.form, r.kink, r.type, r.global]).toEqual([
            plain[i]!.form,
            plain[i]!.kink,
            plain[i]!.type,
            plain[i]!.global
          ])
          expectNear(r.risk, multiply(parseExact(plain[i]!.risk)!, rational(3n)))
        }
      }),
      { numRuns: 15 }
    )
    // A density of 2 on half of the interval equals a target with that half stretched to twice its length.
    const weighted = listOf(written('x^2', 0n, 1n, '1 + x')).realizations
    const floats = floatRisk(written('x^2', 0n, 1n, '1 + x'))
    for (const r of weighted.filter((x) => x.kink !== null)) {
      const w = r.form === 'right-kink' ? 1 : -1
      const parameters = Float64Array.of(w, -w * Number(r.kink), toNumber(coefficientOf(r)), Number(r.c))
      expect(Math.hypot(...gradientOf(floats, parameters))).toBeLessThan(1e-12)
    }
    expect(weighted.map((r) => r.form)).toEqual(['constant', 'affine', 'right-kink'])
  })
})

function gradientOf(floats: ReturnType<typeof floatRisk>, parameters: Float64Array): Float64Array {
  const into = new Float64Array(parameters.length)
  floats.gradient(parameters, into)
  return into
}

/** The same pieces with their rational numbers written in a larger field. */
function inField(pieces: RiskPieces<bigint>): RiskPieces<readonly bigint[]> {
  const { field } = commonField(realRoots([-2n, 0n, 1n]), 4)!
  const numbers = fieldNumbers(field)
  const constant = (p: Polynomial) => ({
    numerators: p.numerators.map((n) => padCoordinates(field, [n])),
    denominator: p.denominator
  })
  return {
    ...numbers,
    a: pieces.a,
    b: pieces.b,
    endRoots: pieces.endRoots,
    ends: pieces.ends.map(constant),
    target: pieces.target.map(constant),
    density: pieces.density.map(constant)
  }
}

describe('irrational breakpoints', () => {
  it('the computation over a number field finds what the computation over the integers finds', () => {
    fc.assert(
      fc.property(randomTargets(2, 3), (f) => {
        const digitsOf = <T>(pieces: RiskPieces<T>) =>
          enumerateWidthOne(pieces).realizations.map((r) => [
            r.form,
            r.type,
            r.global,
            quotientDigits(pieces, r.risk, 15)
          ])
        const plain = rationalPieces(riskOf(f))!
        expect(digitsOf(inField(plain))).toEqual(digitsOf(plain))
      }),
      { numRuns: 10 }
    )
  })

  it('kinks are the turning points of the best risk', () => {
    for (const [target, a, b] of [
      ['abs(x^2 - 1/2)', -1n, 1n],
      ['max(x^2, 1/3)', -1n, 1n],
      ['abs(x) + 3*abs(x^2 - 1/2)', -1n, 1n],
      ['abs(x^3 - x + 1/7)', -2n, 2n]
    ] as const) {
      const risk = written(target, a, b)
      const { realizations: list, flatKinks } = listOf(risk)
      for (const side of ['right', 'left'] as const) {
        const curve = riskCurve(risk, side, 400)
        if ('kind' in curve) throw new Error(curve.reason)
        const turns = curve.flatMap(({ risk: e, kink }, i) => {
          const [before, after] = [curve[i - 1], curve[i + 1]]
          if (!before || !after || (before.risk - e) * (after.risk - e) <= 0) return []
          // Where V = 0 the best function is the constant one, with the largest risk of all.
          if (flatKinks[side].some((q) => Math.abs(Number(q) - kink) < 0.02)) return []
          return [{ kink, type: before.risk > e ? 'local-minimum' : 'saddle' }]
        })
        const kinks = list.filter((r) => r.form === `${side}-kink`)
        expect(turns.map(({ type }) => type)).toEqual(kinks.map(({ type }) => type))
        for (const [i, { kink }] of turns.entries()) {
          expect(Math.abs(Number(kinks[i]!.kink) - kink)).toBeLessThan(0.02)
        }
      }
    }
  })

  it('give as many digits as asked for', () => {
    const risk = written('abs(x^2 - 1/2)', 0n, 1n)
    const [short, long] = [listOf(risk, 20), listOf(risk, 300)]
    for (const [i, r] of short.realizations.entries()) {
      const s = long.realizations[i]!
      expectNear(r.risk, parseExact(s.risk)!)
      expect(s.risk.length).toBeGreaterThan(295)
    }
  })

  it('ties are exact, and a field of too large a degree is declined', () => {
    const tied = listOf(written('abs(x^2 - 1/2)', -1n, 1n)).realizations.filter((r) => r.global)
    expect(tied.map((r) => r.form)).toEqual(['right-kink', 'left-kink'])
    const large = written('abs(x^2-2) + abs(x^2-3) + abs(x^2-5) + abs(x^2-7)', -3n, 3n)
    expect(criticalList(large).kind).toBe('undecided')
  })
})
