import {
  add,
  compare,
  multiply,
  negate,
  one,
  type Rational,
  rational,
  sign,
  toNumber,
  toText,
  zero
} from '@nadir/arithmetic'
import { type Activation, activationName, twoSlope } from '@nadir/landscape'
import { isIdentity } from '../activation-text.ts'

/**
 * A function of one number x: a sum of terms, each a rational coefficient times a product of factors, sorted and like
 * terms collected, so that equal texts are equal functions. Exact. Exporters spell many activations out (SiLU as
 * x * sigmoid(x), GELU with erf); in this form the spellings coincide.
 */
export type Expression = readonly Term[]
interface Term {
  readonly coefficient: Rational
  readonly factors: readonly Factor[]
  readonly text: string
}
interface Factor {
  readonly of: Activation | 'erf' | 'x'
  readonly argument: Expression
  readonly text: string
}

const termText = (factors: readonly Factor[]): string => factors.map((f) => f.text).join('*')
export const expressionText = (e: Expression): string => e.map((t) => `${toText(t.coefficient)}*${t.text}`).join('+')

/** Longest text of an expression that may still be an activation: hostile graphs could double it at every node. */
export const longestExpression = 1000

const single = (coefficient: Rational, factors: readonly Factor[]): Expression => [
  { coefficient, factors, text: termText(factors) }
]
export const variable: Expression = single(one, [{ of: 'x', argument: [], text: 'x' }])
export const isVariable = (e: Expression): boolean => expressionText(e) === '1*x'

function collect(terms: readonly Term[]): Expression {
  const byText = new Map<string, Term>()
  for (const t of terms) {
    const before = byText.get(t.text)
    byText.set(t.text, before ? { ...t, coefficient: add(before.coefficient, t.coefficient) } : t)
  }
  return [...byText.values()].filter((t) => sign(t.coefficient) !== 0).sort((a, b) => (a.text < b.text ? -1 : 1))
}

export const constantExpression = (c: Rational): Expression => collect(single(c, []))
export const sumOf = (a: Expression, b: Expression): Expression => collect([...a, ...b])
export const productOf = (a: Expression, b: Expression): Expression =>
  collect(
    a.flatMap((s) =>
      b.map((t): Term => {
        const factors = [...s.factors, ...t.factors].sort((f, g) => (f.text < g.text ? -1 : 1))
        return { coefficient: multiply(s.coefficient, t.coefficient), factors, text: termText(factors) }
      })
    )
  )
export const scaledBy = (c: Rational, e: Expression): Expression => productOf(constantExpression(c), e)

/** The activation (or the error function) of an expression. */
export function applied(of: Activation | 'erf', argument: Expression): Expression {
  if (of !== 'erf' && isIdentity(of)) return argument
  const text = `${of === 'erf' ? of : activationName(of)}(${expressionText(argument)})`
  return single(one, [{ of, argument, text }])
}

/** Slopes for x > 0 and x < 0 of an expression made of x, two-slope functions, sums and multiples; else undefined. */
function slopes(e: Expression): { positive: Rational; negative: Rational } | undefined {
  let positive = zero
  let negative = zero
  for (const { coefficient, factors } of e) {
    if (factors.length !== 1) return undefined
    const [{ of, argument }] = factors
    let here = { positive: one, negative: one }
    if (of !== 'x') {
      if (of === 'erf' || of.kind !== 'two-slope') return undefined
      const inner = slopes(argument)
      if (!inner) return undefined
      const at = (v: Rational): Rational => multiply(sign(v) < 0 ? of.negative : of.positive, v)
      here = { positive: at(inner.positive), negative: negate(at(negate(inner.negative))) }
    }
    positive = add(positive, multiply(coefficient, here.positive))
    negative = add(negative, multiply(coefficient, here.negative))
  }
  return { positive, negative }
}

const half = rational(1n, 2n)
// Exporters write the constants of GELU as float32 or float64.
const near = (a: Rational, b: number): boolean => Math.abs(toNumber(a) - b) <= 1e-6

/** 1/2 x + 1/2 x g(argument), the form of both GELUs: g and its argument. */
function gate(e: Expression): Factor | undefined {
  if (e.length !== 2 || e.some((t) => compare(t.coefficient, half) !== 0)) return undefined
  const plain = e.find((t) => t.text === 'x')
  const gated = e.find((t) => t.factors.length === 2 && t.factors.some((f) => f.of === 'x'))
  return plain && gated?.factors.find((f) => f.of !== 'x')
}

function isGelu(e: Expression): 'gelu' | 'gelu-tanh' | undefined {
  const g = gate(e)
  const [first, second] = g?.argument ?? []
  if (!g || first?.text !== 'x') return undefined
  if (g.of === 'erf' && !second && near(first.coefficient, Math.SQRT1_2)) return 'gelu'
  const c = Math.sqrt(2 / Math.PI)
  const isCubic = second?.text === 'x*x*x' && near(second.coefficient, 0.044715 * c) && g.argument.length === 2
  return g.text.startsWith('tanh(') && isCubic && near(first.coefficient, c) ? 'gelu-tanh' : undefined
}

/** The activation and its argument when the expression is just that. */
function application(e: Expression): { readonly of: Activation; readonly argument: Expression } | undefined {
  if (e.length !== 1 || e[0].factors.length !== 1 || compare(e[0].coefficient, one) !== 0) return undefined
  const [{ of, argument }] = e[0].factors
  return of === 'x' || of === 'erf' ? undefined : { of, argument }
}

/**
 * The activations that an expression is, one after another; none for x itself; undefined when it is no activation.
 * `approximately` is true when constants of the expression were taken for the irrational ones of GELU.
 */
export function activationsOf(
  e: Expression
): { readonly activations: readonly Activation[]; readonly approximately: boolean } | undefined {
  const exactly = (...activations: readonly Activation[]) => ({ activations, approximately: false })
  if (isVariable(e)) return exactly()
  const s = slopes(e)
  const outer = application(e)
  // An activation of an activation stays two; ramps of multiples of x are one.
  if (outer && (!s || isVariable(outer.argument) || application(outer.argument))) {
    const inner = activationsOf(outer.argument)
    if (inner) return { ...inner, activations: [...inner.activations, outer.of] }
  }
  if (s) {
    const ramp = twoSlope(s.positive, s.negative)
    return isIdentity(ramp) ? exactly() : exactly(ramp)
  }
  const text = expressionText(e)
  if (text === '1*x*x') return exactly({ kind: 'smooth', name: 'quadratic' })
  if (text === '1*sigmoid(1*x)*x') return exactly({ kind: 'smooth', name: 'silu' })
  const gelu = isGelu(e)
  return gelu && { activations: [{ kind: 'smooth', name: gelu }], approximately: true }
}
