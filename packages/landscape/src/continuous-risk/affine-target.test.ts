import {
  add,
  divide,
  multiply,
  parseExact,
  type Rational,
  rational,
  subtract,
  toNumber,
  toText
} from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { affineRealizations, type NetworkDirection } from './affine-target.ts'
import type { HingeNetwork } from './network-risk.ts'
import { judgeParameters, type PointVerdict } from './point-verdict.ts'
import { type ContinuousRisk, riskFromExpression } from './risk.ts'

function affineRisk(alpha: Rational, beta: Rational, a: Rational, b: Rational): ContinuousRisk {
  const risk = riskFromExpression(`(${toText(alpha)})*x + (${toText(beta)})`, [a, b])
  if (risk.kind === 'invalid') throw new Error(risk.message)
  return risk
}

const network = (w: string[], b: string[], v: string[], c: string): HingeNetwork => ({
  units: w.map((_, j) => ({ w: parseExact(w[j]!)!, b: parseExact(b[j]!)!, v: parseExact(v[j]!)! })),
  c: parseExact(c)!
})
const unitTarget = affineRisk(rational(1n), rational(0n), rational(0n), rational(1n))

// Derived independently by exact computer algebra: target x on [0, 1].
const reference: readonly (readonly [string, HingeNetwork, string, string])[] = [
  ['zigzag of two', network(['1', '-1'], ['-1/3', '2/3'], ['2/3', '-2/3'], '1/2'), '1/972', 'saddle'],
  [
    'zigzag of six',
    network(
      ['1', '-1', '1', '-1', '1', '-1'],
      ['-1/7', '2/7', '-3/7', '4/7', '-5/7', '6/7'],
      ['2/7', '-2/7', '2/7', '-2/7', '2/7', '-2/7'],
      '1/2'
    ),
    '1/28812',
    'saddle'
  ],
  ['kink at b, v < 0', network(['1'], ['-1'], ['-1'], '1/2'), '1/12', 'local-minimum'],
  ['kink at a, v < 0', network(['-1'], ['0'], ['-1'], '1/2'), '1/12', 'saddle'],
  ['kink at b, v = 0', network(['1'], ['-1'], ['0'], '1/2'), '1/12', 'saddle'],
  ['constant unit, v = 0', network(['0'], ['1'], ['0'], '1/2'), '1/12', 'saddle'],
  ['dead constant unit', network(['0'], ['-1'], ['5'], '1/2'), '1/12', 'local-minimum'],
  ['w = b = 0', network(['0'], ['0'], ['1'], '1/2'), '1/12', 'saddle'],
  ['the target', network(['1'], ['1'], ['1'], '-1'), '0', 'global-minimum']
]

const critical = (verdict: PointVerdict) => {
  if (verdict.kind !== 'critical') throw new Error(`expected a critical point, got ${verdict.kind}`)
  return verdict
}

function moved({ units, c }: HingeNetwork, direction: NetworkDirection, t: Rational): HingeNetwork {
  const step = (x: Rational, dx: Rational) => add(x, multiply(dx, t))
  return {
    units: units.map((unit, j) => {
      const d = direction.units[j]!
      return { w: step(unit.w, d.w), b: step(unit.b, d.b), v: step(unit.v, d.v) }
    }),
    c: step(c, direction.c)
  }
}

const exactRisk = (risk: ContinuousRisk, at: HingeNetwork): Rational => {
  const verdict = judgeParameters(risk, at)
  return parseExact(verdict.risk!.exact!)!
}

const small = fc.tuple(fc.bigInt({ min: 1n, max: 9n }), fc.bigInt({ min: 1n, max: 5n })).map(([p, q]) => rational(p, q))

/** A zigzag with n kinks, each carried by one or two units of any size, and some dead units. */
const zigzags = fc
  .record({
    half: fc.integer({ min: 1, max: 4 }),
    alpha: small,
    negative: fc.boolean(),
    beta: small,
    a: small,
    length: small,
    sizes: fc.array(small, { minLength: 8, maxLength: 8 }),
    double: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    dead: fc.nat(2)
  })
  .map(({ half, negative, beta, a, length, sizes, double, dead, ...rest }) => {
    const n = 2 * half
    const alpha = negative ? { ...rest.alpha, numerator: -rest.alpha.numerator } : rest.alpha
    const b = add(a, length)
    const total = divide(multiply(rational(2n), alpha), rational(BigInt(n + 1)))
    const units = Array.from({ length: n }, (_, i) => {
      const q = add(a, multiply(length, rational(BigInt(i + 1), BigInt(n + 1))))
      const w = multiply(sizes[i]!, rational(i % 2 === 0 ? 1n : -1n))
      const unit = (w: Rational, share: Rational) => ({
        w,
        b: multiply(rational(-1n), multiply(w, q)),
        v: divide(multiply(total, share), w)
      })
      return double[i]
        ? [unit(w, rational(5n, 3n)), unit(multiply(w, rational(2n)), rational(-2n, 3n))]
        : [unit(w, rational(1n))]
    }).flat()
    const asleep = { w: rational(1n), b: multiply(rational(-1n), add(b, rational(1n))), v: rational(7n) }
    // c makes the mean right: take any value of the zigzag, for instance N(a) = alpha a + beta + alpha h / (2 (n + 1)).
    const hinges = units.reduce((s, { w, b: bias, v }) => {
      const z = add(multiply(w, a), bias)
      return z.numerator > 0n ? add(s, multiply(v, z)) : s
    }, rational(0n))
    const h = divide(length, rational(BigInt(n + 1)))
    const start = add(add(multiply(alpha, a), beta), divide(multiply(alpha, h), rational(2n * BigInt(n + 1))))
    return {
      n,
      alpha,
      length,
      risk: affineRisk(alpha, beta, a, b),
      target: { alpha, beta, a, b },
      at: { units: [...units, ...Array.from({ length: dead }, () => asleep)], c: subtract(start, hinges) }
    }
  })

describe('affine targets', () => {
  for (const [name, at, value, type] of reference) {
    it(`${name} is a ${type}`, () => {
      const verdict = critical(judgeParameters(unitTarget, at))
      expect([verdict.risk.exact, verdict.type]).toEqual([value, type])
    })
  }

  it('every zigzag is critical, with the risk of the list, and a saddle along the given direction', () => {
    fc.assert(
      fc.property(zigzags, ({ n, risk, target, at }) => {
        const verdict = critical(judgeParameters(risk, at))
        expect(verdict.type).toBe('saddle')
        const listed = affineRealizations(target, n).find((r) => r.kind === 'zigzag' && r.kinks === n)!
        expect(verdict.risk.exact).toBe(toText(listed.risk))
        const { direction, curvature } = verdict.descent!
        // The risk itself, at small steps both ways: half its second difference tends to the curvature.
        const t = rational(1n, 10n ** 6n)
        const there = exactRisk(risk, moved(at, direction, t))
        const back = exactRisk(risk, moved(at, direction, rational(-1n, 10n ** 6n)))
        const second = subtract(add(there, back), multiply(rational(2n), listed.risk))
        const quotient = toNumber(divide(second, multiply(rational(2n), multiply(t, t)))) / toNumber(curvature)
        expect(Math.abs(quotient - 1)).toBeLessThan(1e-3)
        expect(curvature.numerator < 0n).toBe(true)
      }),
      { numRuns: 40 }
    )
  })

  it('nothing else is critical: shifted zigzags are not', () => {
    fc.assert(
      fc.property(zigzags, fc.nat(), small, ({ risk, at }, which, by) => {
        const units = at.units.filter((unit) => toText(unit.v) !== '7')
        const j = which % units.length
        const shifted = {
          ...at,
          units: units.map((u, i) => (i === j ? { ...u, b: add(u.b, multiply(by, rational(1n, 1000n))) } : u))
        }
        expect(judgeParameters(risk, shifted).kind).toBe('not-critical')
      }),
      { numRuns: 20 }
    )
  })

  it('lists one zigzag for each even number of kinks', () => {
    const target = { alpha: rational(2n), beta: rational(1n), a: rational(0n), b: rational(3n) }
    const list = affineRealizations(target, 5)
    expect(list.map((r) => [r.kind, toText(r.risk), r.type])).toEqual([
      ['target', '0', 'global-minimum'],
      ['constant', '9', 'local-minimum'],
      ['zigzag', '1/9', 'saddle'],
      ['zigzag', '9/625', 'saddle']
    ])
    expect(affineRealizations({ ...target, alpha: rational(0n) }, 4).length).toBe(1)
  })
})
