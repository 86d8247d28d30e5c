import { add, compare, parseExact, type Rational, rational, toNumber, toText } from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gaussLegendre } from './float-risk.ts'
import {
  baseGap,
  type FamilyTarget,
  familyParameters,
  hingeNetworkRecord,
  infiniteFamily,
  infiniteFamilyRecord
} from './infinite-family.ts'
import type { HingeNetwork } from './network-risk.ts'

/** The base target from its definition. */
const base = (x: number) =>
  x <= 2 / 3
    ? (1 - 3 * x * x) / (Math.sqrt(1 - x) * (1 + 3 * x) ** 1.5)
    : -1 / 9 + 2 * (x - 2 / 3) - 24 * (x - 2 / 3) ** 2

const { nodes, weights } = gaussLegendre(40)

/** The risk by quadrature between all kinks and the point where the target changes form. */
function riskByQuadrature(
  { a, b, lambda }: FamilyTarget,
  { units, c }: HingeNetwork,
  shift?: readonly number[]
): number {
  const [from, to, scale] = [toNumber(a), toNumber(b), toNumber(lambda)]
  const parameters = [...units.flatMap(({ w, b, v }) => [toNumber(w), toNumber(b), toNumber(v)]), toNumber(c)].map(
    (x, i) => x + (shift?.[i] ?? 0)
  )
  const hinges = units.map((_, j) => parameters.slice(3 * j, 3 * j + 3) as [number, number, number])
  const inside = [from + ((to - from) * 2) / 3, ...hinges.map(([w, bias]) => -bias / w)].filter(
    (x) => from < x && x < to
  )
  const ends = [from, ...inside.sort((x, y) => x - y), to]
  let sum = 0
  for (let k = 1; k < ends.length; k++) {
    const [middle, half] = [(ends[k - 1]! + ends[k]!) / 2, (ends[k]! - ends[k - 1]!) / 2]
    for (const [i, node] of nodes.entries()) {
      const x = middle + half * node
      let output = parameters.at(-1)!
      for (const [w, bias, v] of hinges) output += v * Math.max(w * x + bias, 0)
      sum += weights[i]! * half * (output - scale * base((x - from) / (to - from))) ** 2
    }
  }
  return sum
}

const positive = fc
  .tuple(fc.bigInt({ min: 1n, max: 5000n }), fc.bigInt({ min: 1n, max: 9n }))
  .map(([p, q]) => rational(p, q))
const families = fc
  .tuple(positive, positive, positive, fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 4 }))
  .map(([start, length, delta, width, members]) => {
    const a: Rational = { numerator: -start.numerator, denominator: start.denominator }
    return infiniteFamily(a, add(a, length), delta, width, familyParameters(members))
  })

describe('infinitely many local minima', () => {
  it('reproduces the reference family', () => {
    expect(toText(baseGap())).toBe('4393693319699/67112121850200')
    const family = infiniteFamily(rational(0n), rational(1n), rational(1n), 3, [rational(2n, 3n), rational(1n, 2n)])
    const record = infiniteFamilyRecord(family)
    expect(record.lambda).toBe('4')
    expect(record.gap.exact).toBe('8787386639398/8389015231275')
    // Derived independently: r = 2/3 and 1/2, lambda = 4, risks to 20 digits.
    expect(record.minima.map(({ parameters }) => parameters)).toEqual([
      { w: ['1', '1', '1'], b: ['-5/21', '-2', '-2'], v: ['-147/16', '1', '1'], c: '8/3' },
      { w: ['1', '1', '1'], b: ['-3/7', '-2', '-2'], v: ['-49/4', '1', '1'], c: '2' }
    ])
    expect(record.minima[0]!.risk).toBe('1.1239735485296350207')
    expect(record.better.parameters).toEqual({
      w: ['1', '1', '1'],
      b: ['-15/211', '-5/6', '-2'],
      v: ['-248/45', '-172/5', '1'],
      c: '20/7'
    })
    expect(record.better.risk).toBe('0.076486281294997548872')
  })

  it('keeps its promises for any interval, excess and width', () => {
    fc.assert(
      fc.property(families, (family) => {
        const { target, members, better, gap, delta, width } = family
        expect(compare(gap, delta)).toBe(1)
        const record = infiniteFamilyRecord(family)
        const [risk, lower] = [Number(record.minima[0]!.risk), Number(record.better.risk)]
        for (const { network } of members) {
          expect(network.units.length).toBe(width)
          expect(Math.abs(riskByQuadrature(target, network) / risk - 1)).toBeLessThan(1e-3)
        }
        expect(better.units.length).toBe(width)
        expect(Math.abs(riskByQuadrature(target, better) - lower)).toBeLessThan(1e-3 * risk)
        const texts = members.map(({ network }) => JSON.stringify(hingeNetworkRecord(network)))
        expect(new Set(texts).size).toBe(members.length)
      }),
      { numRuns: 40 }
    )
  })

  it('no small change of the parameters lowers the risk of a member', () => {
    const family = infiniteFamily(rational(-1n), rational(2n), rational(10n), 3, familyParameters(3))
    const shifts = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 10, maxLength: 10 })
    fc.assert(
      fc.property(
        fc.constantFrom(...family.members),
        shifts,
        fc.constantFrom(1e-2, 1e-3),
        ({ network }, shift, size) => {
          const at = riskByQuadrature(family.target, network)
          const nearby = riskByQuadrature(
            family.target,
            network,
            shift.map((s) => s * size)
          )
          // Quadrature next to the square root at the right end of the first piece is good to about 1e-9.
          expect(nearby).toBeGreaterThan(at * (1 - 1e-8))
        }
      ),
      { numRuns: 200 }
    )
  })

  it('refuses what the theorem does not cover', () => {
    const [zero, one] = [rational(0n), rational(1n)]
    const half = rational(1n, 2n)
    expect(() => infiniteFamily(one, zero, one, 2, [half])).toThrow(RangeError)
    expect(() => infiniteFamily(zero, one, zero, 2, [half])).toThrow(RangeError)
    expect(() => infiniteFamily(zero, one, one, 1, [half])).toThrow(RangeError)
    expect(() => infiniteFamily(zero, one, one, 2, [rational(1n, 3n)])).toThrow(RangeError)
    expect(parseExact('1/2')).toEqual(half)
  })
})
