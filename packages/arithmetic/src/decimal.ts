import { type Rational, rational } from './rational.ts'

const decimalForm = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/
const fractionForm = /^([+-]?)(\d+)\/(\d+)$/

/** Largest power of ten that a text may ask for: above it a short text would name an absurdly long number. */
const largestExponent = 5000

/**
 * The exact value of a text, which never passes through a float; undefined for anything else than
 *
 *     [sign] digits/digits                                       a fraction; the denominator is not zero
 *     [sign] digits [. [digits]] [e [sign] digits]               a decimal, e or E; the power of ten is at most 5000
 *     [sign] . digits [e [sign] digits]
 *
 * with sign + or -, ASCII digits and no space inside; space around the text is ignored. Exact.
 */
export function parseExact(text: string): Rational | undefined {
  const s = text.trim()
  const fraction = fractionForm.exec(s)
  if (fraction) {
    const denominator = BigInt(fraction[3]!)
    const numerator = BigInt(fraction[2]!)
    return denominator === 0n ? undefined : rational(fraction[1] === '-' ? -numerator : numerator, denominator)
  }
  const decimal = decimalForm.exec(s)
  if (!decimal) return undefined
  const fractional = decimal[3] ?? ''
  const digits = decimal[2]! + fractional
  const written = Number(decimal[4] ?? '0')
  if (digits === '' || Math.abs(written) > largestExponent) return undefined
  const numerator = decimal[1] === '-' ? -BigInt(digits) : BigInt(digits)
  const exponent = written - fractional.length
  return exponent >= 0 ? rational(numerator * 10n ** BigInt(exponent)) : rational(numerator, 10n ** BigInt(-exponent))
}
