import {
  bitLength,
  divide,
  one,
  parseExact,
  type Rational,
  rationalPolynomials,
  toText,
  valueAt,
  zero
} from '@nadir/arithmetic'
import { combine, larger, mapPieces, onePiece, type PiecewisePolynomial } from './piecewise-polynomial.ts'

const ring = rationalPolynomials

/** What is wrong with a text that a person wrote: one line for that person. */
export interface Invalid {
  readonly kind: 'invalid'
  readonly message: string
}

export const invalid = (message: string): Invalid => ({ kind: 'invalid', message })

const grammar = 'numbers, x, + - * / ^ ** ( ) abs min max relu'
const largestDegree = 100
const largestPieces = 200
const deepest = 200
const longestCoefficient = 10_000 // bits

/**
 * The function that an expression in x names on [a, b]: numbers, x, + - * /, powers ^ or **, parentheses, abs, min, max and
 * relu. Division is by constants and powers are whole numbers, so it is a continuous piecewise polynomial; its breakpoints
 * may be irrational. Invalid, with the column, when the text is anything else. Exact.
 */
export function parseExpression(text: string, a: Rational, b: Rational): PiecewisePolynomial | Invalid {
  const reader = expressionReader(text, a, b)
  try {
    return reader()
  } catch (problem) {
    if (problem instanceof SyntaxError) return invalid(problem.message)
    throw problem
  }
}

type Token = { readonly text: string; readonly column: number; readonly kind: 'number' | 'name' | 'sign' | 'end' }

const tokenForm = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|[-+*/^(),]))/y

function tokens(text: string): readonly Token[] {
  const list: Token[] = []
  tokenForm.lastIndex = 0
  for (;;) {
    const at = tokenForm.lastIndex
    const match = tokenForm.exec(text)
    if (!match) {
      const rest = text.slice(at)
      const column = at + rest.length - rest.trimStart().length + 1
      if (rest.trim() !== '')
        throw failure(column, `"${rest.trim()[0]}" is not part of an expression in x (${grammar})`)
      list.push({ kind: 'end', text: 'the end', column })
      return list
    }
    const token = match[1] ?? match[2] ?? match[3]!
    const kind = match[1] !== undefined ? 'number' : match[2] !== undefined ? 'name' : 'sign'
    list.push({ kind, text: token, column: tokenForm.lastIndex - token.length + 1 })
  }
}

const failure = (column: number, message: string) => new SyntaxError(`column ${column}: ${message}`)

/** Recursive descent; every rule returns the function that its part of the text names. */
function expressionReader(text: string, a: Rational, b: Rational): () => PiecewisePolynomial {
  let at = 0
  let depth = 0
  let list: readonly Token[] = []
  const peek = () => list[at]!
  const take = () => list[at++]!
  const takes = (...texts: readonly string[]) => peek().kind === 'sign' && texts.includes(peek().text)
  const negated = (f: PiecewisePolynomial) => mapPieces(f, (p) => ring.subtract(ring.zero, p))
  const constant = (c: Rational) => onePiece(ring.constant(c), a, b)

  const bounded = (f: PiecewisePolynomial, column: number) => {
    if (f.pieces.some((p) => p.numerators.length > largestDegree + 1)) {
      throw failure(column, `the degree is above ${largestDegree}`)
    }
    if (f.pieces.some((p) => [p.denominator, ...p.numerators].some((n) => bitLength(n) > longestCoefficient))) {
      throw failure(column, 'a coefficient has more than 3,000 digits')
    }
    if (f.pieces.length > largestPieces) throw failure(column, `more than ${largestPieces} pieces`)
    return f
  }
  const constantOf = (f: PiecewisePolynomial): Rational | undefined =>
    f.pieces.length === 1 && f.pieces[0]!.numerators.length <= 1 ? valueAt(f.pieces[0]!, zero) : undefined

  const sum = (): PiecewisePolynomial => {
    if (++depth > deepest) throw failure(peek().column, `more than ${deepest} nested parentheses`)
    let value = product()
    while (takes('+', '-')) {
      const { text: sign, column } = take()
      value = bounded(combine(value, product(), sign === '+' ? ring.add : ring.subtract), column)
    }
    depth--
    return value
  }
  const product = (): PiecewisePolynomial => {
    let value = signed()
    while (takes('*', '/')) {
      const { text: sign, column } = take()
      const factor = signed()
      if (sign === '*') value = bounded(combine(value, factor, ring.multiply), column)
      else {
        const divisor = constantOf(factor)
        if (!divisor) throw failure(column, 'division by something that depends on x: not a piecewise polynomial')
        if (divisor.numerator === 0n) throw failure(column, 'division by zero')
        value = mapPieces(value, (p) => ring.scale(p, divide(one, divisor)))
      }
    }
    return value
  }
  const signed = (): PiecewisePolynomial => {
    let negative = false
    while (takes('+', '-')) if (take().text === '-') negative = !negative
    return negative ? negated(power()) : power()
  }
  const power = (): PiecewisePolynomial => {
    const base = primary()
    if (!takes('^', '**')) return base
    const { column } = take()
    // Powers bind to the right, 2^3^2 is 2^9, and a sign may stand in front of the exponent.
    const exponent = constantOf(signed())
    if (exponent?.denominator !== 1n || exponent.numerator < 0n) {
      const shown = exponent ? `${toText(exponent)}` : 'something that depends on x'
      throw failure(column, `the exponent is ${shown}; expected a whole number, so that this is a polynomial`)
    }
    const degrees = base.pieces.map((p) => Math.max(p.numerators.length - 1, 1))
    if (exponent.numerator * BigInt(Math.max(...degrees)) > BigInt(largestDegree)) {
      throw failure(column, `the degree is above ${largestDegree}`)
    }
    return bounded(
      mapPieces(base, (p) => ring.power(p, Number(exponent.numerator))),
      column
    )
  }
  const primary = (): PiecewisePolynomial => {
    const token = take()
    if (token.kind === 'number') {
      const value = parseExact(token.text)
      if (!value) throw failure(token.column, `"${token.text}" is not a number that can be read`)
      return constant(value)
    }
    if (token.text === 'x') return onePiece(ring.x, a, b)
    if (token.kind === 'name') return call(token)
    if (token.text === '(') {
      const value = sum()
      expect(')')
      return value
    }
    throw failure(token.column, `expected a number, x or "(", found ${shown(token)}`)
  }
  const call = (name: Token): PiecewisePolynomial => {
    if (!['abs', 'min', 'max', 'relu'].includes(name.text)) {
      throw failure(name.column, `unknown name "${name.text}": not a piecewise polynomial in x (${grammar})`)
    }
    expect('(')
    const list = [sum()]
    while (takes(',')) {
      take()
      list.push(sum())
    }
    expect(')')
    const [first] = list as [PiecewisePolynomial]
    if (name.text === 'max') return bounded(list.reduce(larger), name.column)
    if (name.text === 'min') return bounded(negated(list.map(negated).reduce(larger)), name.column)
    if (list.length > 1) throw failure(name.column, `${name.text} takes one argument, got ${list.length}`)
    return bounded(larger(first, name.text === 'abs' ? negated(first) : constant(zero)), name.column)
  }
  const expect = (text: string) => {
    const token = take()
    if (token.kind === 'end' || token.text !== text)
      throw failure(token.column, `expected "${text}", found ${shown(token)}`)
  }
  const shown = (token: Token) => (token.kind === 'end' ? 'the end' : `"${token.text}"`)

  return () => {
    list = tokens(text)
    const value = sum()
    const rest = take()
    if (rest.kind !== 'end') throw failure(rest.column, `expected an operator, found ${shown(rest)}`)
    return value
  }
}
