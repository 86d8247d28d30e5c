import { fromNumber, rational } from '@nadir/arithmetic'
import { absoluteValue, relu, twoSlope } from '@nadir/landscape'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseActivation } from '../activation-text.ts'
import { activate } from '../testing/plain-evaluation.ts'
import {
  activationsOf,
  applied,
  constantExpression,
  type Expression,
  productOf,
  scaledBy,
  sumOf,
  variable
} from './expression.ts'

const c = (x: number) => constantExpression(fromNumber(x))

/** An expression together with the same function in doubles. */
interface Both {
  readonly expression: Expression
  readonly at: (x: number) => number
}
const start: Both = { expression: variable, at: (x) => x }
const small = fc.integer({ min: -8, max: 8 }).map((n) => n / 4)
/** Positively homogeneous steps: what they compose to is always a two-slope function. */
const step: fc.Arbitrary<(b: Both) => Both> = fc.oneof(
  fc.tuple(small, small).map(([p, n]) => (b: Both): Both => {
    const a = twoSlope(fromNumber(p), fromNumber(n))
    return { expression: applied(a, b.expression), at: (x) => activate(a, b.at(x)) }
  }),
  small.map(
    (s) =>
      (b: Both): Both => ({ expression: scaledBy(fromNumber(s), b.expression), at: (x) => s * b.at(x) })
  ),
  small.map(
    (s) =>
      (b: Both): Both => ({
        expression: sumOf(b.expression, scaledBy(fromNumber(s), variable)),
        at: (x) => b.at(x) + s * x
      })
  )
)

test('sums, multiples and compositions of ramps are two-slope functions', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      const { expression, at } = steps.reduce((b, f) => f(b), start)
      const found = activationsOf(expression)
      expect(found?.approximately).toBe(false)
      // Quarters times powers of 2: the doubles are exact.
      for (const x of [-2, -1, 0, 1, 3])
        expect(found!.activations.reduce((t, a) => activate(a, t), x) + 0).toBe(at(x) + 0)
    }),
    { numRuns: 500 }
  )
})

test('an activation after an activation stays two', () => {
  expect(activationsOf(applied(relu, applied(absoluteValue, variable)))?.activations).toEqual([absoluteValue, relu])
  const tanh = parseActivation('tanh')
  expect(activationsOf(applied(relu, applied(tanh, variable)))?.activations).toEqual([tanh, relu])
})

test('spelled-out activations are recognised in every order', () => {
  const erf = (e: Expression) => applied('erf', e)
  const third = productOf(variable, productOf(variable, variable))
  const inner = scaledBy(fromNumber(Math.sqrt(2 / Math.PI)), sumOf(variable, scaledBy(fromNumber(0.044715), third)))
  const gate = sumOf(erf(scaledBy(fromNumber(Math.fround(Math.SQRT1_2)), variable)), c(1))
  const tanhGate = sumOf(c(1), applied(parseActivation('tanh'), inner))
  const cases: readonly (readonly [Expression, string])[] = [
    [productOf(variable, applied(parseActivation('sigmoid'), variable)), 'silu'],
    [productOf(applied(parseActivation('sigmoid'), variable), variable), 'silu'],
    [productOf(variable, variable), 'quadratic'],
    [productOf(productOf(variable, gate), c(0.5)), 'gelu'],
    [productOf(productOf(c(0.5), gate), variable), 'gelu'],
    [productOf(productOf(variable, tanhGate), c(0.5)), 'gelu-tanh'],
    [productOf(productOf(c(0.5), variable), tanhGate), 'gelu-tanh']
  ]
  for (const [e, name] of cases) expect(activationsOf(e)?.activations).toEqual([{ kind: 'smooth', name }])
})

test('what is no activation is not taken for one', () => {
  const sigmoid = applied(parseActivation('sigmoid'), variable)
  const erf = applied('erf', scaledBy(rational(7n, 10n), variable))
  for (const e of [
    sumOf(variable, c(1)),
    c(2),
    scaledBy(rational(2n), productOf(variable, variable)),
    scaledBy(rational(2n), sigmoid),
    productOf(sigmoid, sigmoid),
    productOf(scaledBy(rational(2n), variable), sigmoid),
    productOf(productOf(variable, sumOf(erf, c(1))), c(0.5)),
    applied('erf', variable),
    applied(relu, sumOf(variable, c(1))),
    productOf(applied(relu, variable), variable)
  ])
    expect(activationsOf(e)).toBeUndefined()
})
