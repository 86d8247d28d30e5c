import { readFileSync } from 'node:fs'
import { compare, overCommonDenominator, parseExact, type Rational, rational, sign, toText } from '@nadir/arithmetic'
import {
  asOneHiddenLayer,
  type Configuration,
  certificateOf,
  certificateText,
  dataset,
  decide,
  empiricalRisk,
  locate
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { oneSidedDerivative } from '../../packages/landscape/src/optimality/one-sided-derivative.ts'
import { moved, oneHiddenLayerNetwork, parameterTotal, smallCase } from './small-problems.ts'

const checked = (configuration: Configuration) => {
  const decision = decide(configuration)
  const certificate = certificateOf(configuration, decision)
  return { decision, outcome: certificate ? checkDocument(certificateText(certificate)) : undefined }
}

describe('reference points of one hidden layer', () => {
  interface Instance {
    id: string
    W1: string[][]
    b1: string[]
    W2: string[][]
    b2: string[]
    X: string[][]
    Y: string[][]
    s_plus: string
    s_minus: string
    loss: string
    verdict: string
  }
  const file = new URL('../reference/one-hidden-layer.json', import.meta.url)
  const { instances } = JSON.parse(readFileSync(file, 'utf8')).kinds.points as { instances: Instance[] }
  const kinds: Record<string, string[]> = {
    'local-min': ['local-minimum', 'global-minimum'],
    'not-local-min': ['saddle', 'not-stationary', 'not-a-local-minimum']
  }
  test.each(instances)('$id', (instance) => {
    const read = (text: string) => parseExact(text)!
    const columns = (matrix: string[][]) => matrix[0]!.map((_, i) => matrix.map((row) => read(row[i]!)))
    const vector = (values: string[]) => overCommonDenominator(values.map(read))
    const network = oneHiddenLayerNetwork(instance.X.length, instance.W1.length, instance.W2.length, [
      read(instance.s_plus),
      read(instance.s_minus)
    ])
    const view = asOneHiddenLayer(empiricalRisk({ network, data: dataset(columns(instance.X), columns(instance.Y)) }))
    if ('kind' in view) throw new Error(view.reason)
    const configuration = locate(view, {
      kind: 'exact',
      tensors: [vector(instance.W1.flat()), vector(instance.b1), vector(instance.W2.flat()), vector(instance.b2)]
    })
    const { decision, outcome } = checked(configuration)
    expect(toText(configuration.loss)).toBe(instance.loss)
    expect(kinds[instance.verdict]).toContain(decision.kind)
    expect(outcome).toMatchObject({ outcome: 'accepted', claim: decision.kind })
  })
})

describe('the decision', () => {
  test('is complete for one output and squared loss, and every certificate is accepted', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(smallCase(), ({ view, point }) => {
        const { decision, outcome } = checked(locate(view, point))
        seen.add(decision.kind)
        expect(decision.kind).not.toBe('undecided')
        expect(outcome?.outcome).toBe('accepted')
      }),
      { numRuns: 600 }
    )
    expect([...seen]).toEqual(expect.arrayContaining(['not-stationary', 'global-minimum', 'local-minimum']))
  })

  test.each(['absolute', 'hinge'] as const)('of the %s loss is accepted wherever one is made', (loss) => {
    let decided = 0
    fc.assert(
      fc.property(smallCase(loss), ({ view, point }) => {
        const { decision, outcome } = checked(locate(view, point))
        if (decision.kind === 'undecided') return
        decided++
        expect(outcome?.outcome).toBe('accepted')
      }),
      { numRuns: 400 }
    )
    expect(decided).toBeGreaterThan(300)
  })

  test('of several outputs is accepted wherever one is made', () => {
    fc.assert(
      fc.property(smallCase('squared', 2), ({ view, point }) => {
        const { decision, outcome } = checked(locate(view, point))
        if (decision.kind !== 'undecided') expect(outcome?.outcome).toBe('accepted')
      }),
      { numRuns: 300 }
    )
  })

  test('a local minimum is never beaten by a small exact perturbation', () => {
    let minima = 0
    const small = [rational(1n, 64n), rational(1n, 4096n), rational(1n, 1n << 40n)]
    fc.assert(
      fc.property(
        smallCase(),
        fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 16, maxLength: 16 }), {
          minLength: 12,
          maxLength: 12
        }),
        ({ view, point }, directions) => {
          const configuration = locate(view, point)
          if (decide(configuration).kind !== 'local-minimum') return
          minima++
          // The neighbourhood may be smaller than the larger steps: only the smallest one must hold, the others are tried for cells that allow it.
          for (const direction of directions)
            for (const t of small.slice(2)) {
              const there = locate(view, moved(point, direction.slice(0, parameterTotal(point)), t))
              expect(compare(there.loss, configuration.loss)).toBeGreaterThanOrEqual(0)
            }
        }
      ),
      { numRuns: 1500 }
    )
    expect(minima).toBeGreaterThan(20)
  })
})

describe('the one-sided derivative', () => {
  test.each(['squared', 'absolute', 'hinge'] as const)('is the limit of exact difference quotients (%s)', (loss) => {
    fc.assert(
      fc.property(
        smallCase(loss),
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 16, maxLength: 16 }),
        ({ view, point }, direction) => {
          const here = locate(view, point)
          const t = rational(1n, 1n << 60n)
          const step = moved(point, direction.slice(0, parameterTotal(point)), t)
          const quotient = difference(locate(view, step).loss, here.loss, t)
          const zero = moved(
            {
              kind: 'exact',
              tensors: point.tensors.map((v) => ({ denominator: 1n, numerators: v.numerators.map(() => 0n) }))
            },
            direction,
            rational(1n)
          )
          const slope = oneSidedDerivative(here, zero)
          const scaled =
            view.problem.reduction === 'mean'
              ? rational(slope.numerator, slope.denominator * BigInt(view.samples))
              : slope
          const error = rational(
            quotient.numerator * scaled.denominator - scaled.numerator * quotient.denominator,
            quotient.denominator * scaled.denominator
          )
          // The remainder is quadratic in t with small coefficients.
          const bound = rational(1n, 1n << 40n)
          expect(compare(sign(error) < 0 ? rational(-error.numerator, error.denominator) : error, bound)).toBe(-1)
        }
      ),
      { numRuns: 200 }
    )
  })
})

const difference = (a: Rational, b: Rational, t: Rational): Rational =>
  rational(
    (a.numerator * b.denominator - b.numerator * a.denominator) * t.denominator,
    a.denominator * b.denominator * t.numerator
  )
