import { bitLength } from '../integer.ts'
import type { Rational } from '../rational.ts'
import { type Enclosure, encloseRationals } from './enclosure.ts'

/**
 * A decimal with `digits` significant digits that differs from the number by less than one unit of its last digit (by hardly
 * more than half a unit). The number is not zero; `enclose(bits)` encloses it, ever closer as bits grows. Plain notation
 * up to 20 places away from the point, otherwise with an exponent.
 */
export function decimalDigits(enclose: (bits: number) => Enclosure, digits: number): string {
  let bits = 64
  let value = enclose(bits)
  while (value.low <= 0n && value.high >= 0n) value = enclose((bits *= 2))
  const places = bitLength(value.low > 0n ? value.low : -value.high) - value.bits - 1
  let exponent = Math.floor(places * Math.log10(2)) - 1 // at most the true one, which is found below
  bits = Math.max(bits, Math.ceil((digits - exponent) * Math.log2(10)) + 16)
  for (value = enclose(bits); !narrowerThan(value, exponent - digits - 2); value = enclose(bits)) bits *= 2
  for (;;) {
    const mantissa = roundedMiddle(value, digits - 1 - exponent)
    if (mantissa.toString().replace('-', '').length <= digits) return placed(mantissa, exponent, digits)
    exponent++
  }
}

/** Is the enclosure narrower than 10^exponent? */
const narrowerThan = (value: Enclosure, exponent: number): boolean =>
  exponent >= 0
    ? value.high - value.low < (10n ** BigInt(exponent)) << BigInt(value.bits)
    : (value.high - value.low) * 10n ** BigInt(-exponent) < 1n << BigInt(value.bits)

/** 10^places times the middle of the enclosure, rounded to the nearest integer. */
function roundedMiddle(value: Enclosure, places: number): bigint {
  const twice = value.low + value.high
  const up = places > 0 ? 10n ** BigInt(places) : 1n
  const down = places < 0 ? 10n ** BigInt(-places) : 1n
  const denominator = down << BigInt(value.bits + 1)
  const numerator = (twice < 0n ? -twice : twice) * up
  const nearest = (2n * numerator + denominator) / (2n * denominator)
  return twice < 0n ? -nearest : nearest
}

/** Writes mantissa * 10^(exponent - digits + 1); the mantissa has `digits` digits. */
function placed(mantissa: bigint, exponent: number, digits: number): string {
  const sign = mantissa < 0n ? '-' : ''
  const text = mantissa.toString().replace('-', '')
  if (exponent < -20 || exponent >= Math.max(digits, 20)) {
    return `${sign}${text[0]}${digits > 1 ? `.${text.slice(1)}` : ''}e${exponent}`
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${text}`
  const whole = text.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const rest = text.slice(exponent + 1)
  return `${sign}${whole}${rest ? `.${rest}` : ''}`
}

/** A rational as a decimal: all its digits when there are at most `digits` of them, otherwise rounded like `decimalDigits`. */
export function rationalDigits(value: Rational, digits: number): string {
  if (value.numerator === 0n) return '0'
  const text = decimalDigits((bits) => encloseRationals(value, value, bits), digits)
  const [mantissa, exponent] = text.split('e')
  const short = mantissa!.includes('.') ? mantissa!.replace(/\.?0+$/, '') : mantissa!
  const candidate = exponent === undefined ? short : `${short}e${exponent}`
  return namesExactly(candidate, value) ? candidate : text
}

function namesExactly(text: string, value: Rational): boolean {
  const [mantissa, exponent = '0'] = text.split('e')
  const [whole, fraction = ''] = mantissa!.split('.')
  const power = Number(exponent) - fraction.length
  const left = BigInt(whole + fraction) * value.denominator * (power > 0 ? 10n ** BigInt(power) : 1n)
  return left === value.numerator * (power < 0 ? 10n ** BigInt(-power) : 1n)
}
