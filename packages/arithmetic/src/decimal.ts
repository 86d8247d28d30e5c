import { type Rational, rational } from './rational.ts'

const decimalForm = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/
const fractionForm = /^([+-]?\d+)\/(\d+)$/

/** Largest power of ten that a cell may ask for: above it a short text would name an absurdly long number. */
const largestExponent = 5000

/**
 * The exact value of a decimal (`0.801`, `-1.5e-3`), an integer or a fraction (`p/q`); undefined when the text is none
 * of these. Never passes through a float.
 */
export function parseExact(text: string): Rational | undefined {
  const s = text.trim()
  const fraction = fractionForm.exec(s)
  if (fraction) {
    const q = BigInt(fraction[2]!)
    return q === 0n ? undefined : rational(BigInt(fraction[1]!.replace('+', '')), q)
  }
  const m = decimalForm.exec(s)
  if (!m) return undefined
  const whole = m[2]!
  const digits = m[3] ?? ''
  if (whole.length + digits.length === 0) return undefined
  const exponent = Number(m[4] ?? '0') - digits.length
  if (Math.abs(exponent) > largestExponent) return undefined
  const magnitude = BigInt(whole + digits)
  const signed = m[1] === '-' ? -magnitude : magnitude
  return exponent >= 0 ? rational(signed * 10n ** BigInt(exponent)) : rational(signed, 10n ** BigInt(-exponent))
}
