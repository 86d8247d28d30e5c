import { parseExact, type Rational } from '@nadir/arithmetic'
import { longestNumber } from './limits.ts'

// Nothing that is measured or trained lies outside the range of doubles, and a short text must not name a long number.
const largestExponent = 400

/**
 * The exact value of a decimal, an integer or a fraction `p/q`; undefined when the text is none of these, is longer than
 * 100,000 characters or has an exponent beyond 400. Exact: never through a float.
 */
export function exactNumber(text: string): Rational | undefined {
  if (text.length > longestNumber) return undefined
  const exponent = /e([+-]?\d+)\s*$/i.exec(text)
  return exponent && Math.abs(Number(exponent[1])) > largestExponent ? undefined : parseExact(text)
}
