import { integers, rational, refineRoot, toNumber, valueAt } from '@nadir/arithmetic'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExpression } from './expression.ts'
import type { PiecewisePolynomial } from './piecewise-polynomial.ts'
import { riskFromExpression, riskFromJson, riskFromKnots } from './risk.ts'

/** An expression as text, and what it means at a double. */
interface Sample {
  readonly text: string
  readonly value: (x: number) => number
}

const leaves: fc.Arbitrary<Sample> = fc.oneof(
  fc.constant<Sample>({ text: 'x', value: (x) => x }),
  fc.integer({ min: 0, max: 9 }).map((n): Sample => ({ text: `${n}`, value: () => n })),
  fc.integer({ min: 0, max: 99 }).map((n): Sample => ({ text: `${n / 8}`, value: () => n / 8 }))
)
const samples: fc.Arbitrary<Sample> = fc.letrec<{ any: Sample }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaves,
    fc
      .tuple(tie('any'), tie('any'))
      .map(([p, q]): Sample => ({ text: `${p.text} + ${q.text}`, value: (x) => p.value(x) + q.value(x) })),
    fc
      .tuple(tie('any'), tie('any'))
      .map(([p, q]): Sample => ({ text: `(${p.text})-(${q.text})`, value: (x) => p.value(x) - q.value(x) })),
    fc
      .tuple(tie('any'), leaves)
      .map(([p, q]): Sample => ({ text: `(${p.text}) * ${q.text}`, value: (x) => p.value(x) * q.value(x) })),
    tie('any').map((p): Sample => ({ text: `(${p.text})/4`, value: (x) => p.value(x) / 4 })),
    tie('any').map((p): Sample => ({ text: `-(${p.text})`, value: (x) => -p.value(x) })),
    tie('any').map((p): Sample => ({ text: `abs(${p.text})`, value: (x) => Math.abs(p.value(x)) })),
    tie('any').map((p): Sample => ({ text: `relu(${p.text})`, value: (x) => Math.max(p.value(x), 0) })),
    fc
      .tuple(tie('any'), tie('any'))
      .map(([p, q]): Sample => ({ text: `max(${p.text},${q.text})`, value: (x) => Math.max(p.value(x), q.value(x)) })),
    fc.tuple(tie('any'), tie('any'), leaves).map(
      ([p, q, r]): Sample => ({
        text: `min(${p.text},${q.text}, ${r.text})`,
        value: (x) => Math.min(p.value(x), q.value(x), r.value(x))
      })
    )
  )
})).any

const ends = ({ breakpoints }: PiecewisePolynomial): number[] =>
  breakpoints.map((t) => toNumber(refineRoot(integers, t, 80).lower))

function targetAt({ breakpoints, pieces }: PiecewisePolynomial, x: number): number {
  const k = ends({ breakpoints, pieces }).findIndex((t) => t >= x)
  const piece = pieces[Math.min(Math.max(k - 1, 0), pieces.length - 1)]!
  return toNumber(valueAt(piece, rational(BigInt(Math.round(x * 1000)), 1000n)))
}

const [a, b] = [rational(-2n), rational(3n)]

describe('expressions in x', () => {
  it('mean what they say, everywhere on the interval', () => {
    fc.assert(
      fc.property(samples, ({ text, value }) => {
        const f = parseExpression(text, a, b)
        if ('kind' in f) {
          expect(f.message).toMatch(/degree|pieces/)
          return
        }
        for (const x of [-2, -1.5, -0.777, -0.001, 0.333, 1, 1.618, 2.5, 3]) {
          const wanted = value(x)
          expect(Math.abs(targetAt(f, x) - wanted), `${text} at ${x}`).toBeLessThan(1e-9 * (1 + Math.abs(wanted)))
        }
      }),
      { numRuns: 150 }
    )
  })

  it('bind as usual', () => {
    const at = (text: string, x: number) => {
      const f = parseExpression(text, a, b)
      if ('kind' in f) throw new Error(f.message)
      return targetAt(f, x)
    }
    expect(at('-x^2', 2)).toBe(-4)
    expect(at('2^3^2 - 500', 1)).toBe(12)
    expect(at('1/3*x', 3)).toBe(1)
    expect(at('2 - 1 - x', 1)).toBe(0)
    expect(at('--x + +1', 2)).toBe(3)
    expect(at('x**2/4', 2)).toBe(1)
    expect(at('(x - 1)^0', 2)).toBe(1)
    expect(at('1.5e-1 * x', 2)).toBe(0.3)
  })

  it('breakpoints are where pieces cross, irrational ones too, and only where the function changes', () => {
    const pieces = (text: string) => {
      const f = parseExpression(text, a, b)
      if ('kind' in f) throw new Error(f.message)
      return ends(f)
    }
    expect(pieces('abs(x)')).toEqual([-2, 0, 3])
    expect(pieces('abs(x^2)')).toEqual([-2, 3])
    expect(pieces('abs(x) + x - abs(x)')).toEqual([-2, 3])
    expect(pieces('max(x, -x, 1)')).toEqual([-2, -1, 1, 3])
    const [, left, right] = pieces('abs(x^2 - 1/2)')
    expect(left).toBeCloseTo(-Math.SQRT1_2, 14)
    expect(right).toBeCloseTo(Math.SQRT1_2, 14)
  })

  it('are refused in one line that says where', () => {
    const refused: readonly (readonly [string, RegExp])[] = [
      ['sin(x)', /column 1: unknown name "sin": not a piecewise polynomial/],
      ['1 + exp(x)', /column 5: unknown name "exp"/],
      ['1/x', /column 2: division by something that depends on x/],
      ['x/(x - x)', /column 2: division by zero/],
      ['x^-1', /column 2: the exponent is -1; expected a whole number/],
      ['x^(1/2)', /column 2: the exponent is 1\/2/],
      ['2^x', /column 2: the exponent is something that depends on x/],
      ['x^101', /the degree is above 100/],
      ['3x', /column 2: expected an operator, found "x"/],
      ['abs(x', /column 6: expected "\)", found the end/],
      ['abs(x, 1)', /abs takes one argument, got 2/],
      ['', /column 1: expected a number, x or "\(", found the end/],
      ['x $ 2', /column 3: "\$" is not part of an expression/],
      ['y', /unknown name "y"/],
      ['('.repeat(300) + 'x', /nested/],
      ['((9^99)^99)^99 * x', /a coefficient has more than 3,000 digits/],
      ['1e999999 * x', /is not a number that can be read/]
    ]
    for (const [text, message] of refused) {
      const f = parseExpression(text, a, b)
      expect(f, text).toHaveProperty('message')
      if ('kind' in f) {
        expect(f.message).toMatch(message)
        expect(f.message).not.toMatch(/\n/)
      }
    }
  })
})

describe('targets from outside', () => {
  const message = (risk: ReturnType<typeof riskFromJson>) => (risk.kind === 'invalid' ? risk.message : 'read')
  it('files are read, or refused in one line', () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [{ breakpoints: ['0', '1/3', '1'], pieces: ['3*x', '3/2 - 3*x/2'] }, /^read$/],
      [{ breakpoints: [0, 0.5, 1], pieces: ['x', 'x'], density: ['1', '2'] }, /^read$/],
      [{ breakpoints: ['0', '1'], pieces: ['x'], density: '1 + x' }, /^read$/],
      [
        { breakpoints: ['0', '1/3', '1'], pieces: ['3*x', '3/2 - 3*x'] },
        /not continuous at x = 1\/3: 1 from the left, 1\/2 from the right/
      ],
      [{ breakpoints: ['0', '1', '1/2'], pieces: ['x', 'x'] }, /breakpoints must ascend: 1\/2 comes after 1/],
      [{ breakpoints: ['0', '1', '1'], pieces: ['x', 'x'] }, /breakpoints must ascend: 1 comes after 1/],
      [{ breakpoints: ['1', '0'], pieces: ['x'] }, /the interval from 1 to 0 is empty/],
      [{ breakpoints: ['0', '1'], pieces: [] }, /"pieces" has 0 entries, but 2 breakpoints need 1$/],
      [{ breakpoints: ['0', 'q'], pieces: ['x'] }, /breakpoint 2 is "q"/],
      [{ breakpoints: ['0'], pieces: [] }, /"breakpoints" must be a list of at least two numbers/],
      [{ breakpoints: ['0', '1'], pieces: ['sqrt(x)'] }, /"pieces", entry 1, column 1: unknown name "sqrt"/],
      [{ breakpoints: ['0', '1'], pieces: ['abs(x - 1/2)'] }, /not one polynomial on its interval/],
      [{ breakpoints: ['0', '1'], pieces: [null] }, /"pieces", entry 1 is null/],
      [{ breakpoints: ['0', '1'], pieces: 'x' }, /"pieces" must be a list/],
      [{ breakpoints: ['0', '1'], pieces: ['x'], density: 'x - 1/2' }, /the density is negative/],
      [{ breakpoints: ['0', '1'], pieces: ['x'], density: 'max(0, x - 1/2)' }, /the density is zero on an interval/],
      [{ breakpoints: ['0', '1'], pieces: ['x'], weight: '1' }, /unknown field "weight"/],
      [['x'], /expected an object/],
      [null, /expected an object/]
    ]
    for (const [value, expected] of cases) expect(message(riskFromJson(value))).toMatch(expected)
  })

  it('expressions and knots too', () => {
    const at = (p: bigint, q = 1n) => rational(p, q)
    expect(message(riskFromExpression('abs(x)', [at(1n), at(-1n)]))).toMatch(/the interval from 1 to -1 is empty/)
    expect(message(riskFromExpression('abs(', [at(0n), at(1n)]))).toMatch(/target "abs\(", column 5/)
    expect(
      message(
        riskFromKnots([
          [at(0n), at(1n)],
          [at(1n), at(2n)],
          [at(3n), at(0n)]
        ])
      )
    ).toBe('read')
    expect(
      message(
        riskFromKnots([
          [at(0n), at(1n)],
          [at(0n), at(2n)]
        ])
      )
    ).toMatch(/knot 2: x = 0 does not lie to the right/)
    expect(message(riskFromKnots([[at(0n), at(1n)]]))).toMatch(/at least two knots/)
  })
})
