import { divide, type Rational, sign, toNumber, toText } from '@nadir/arithmetic'

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** 10 to the power k as people write it. */
export const powerOfTen = (k: number): string =>
  `10${k < 0 ? '⁻' : ''}${[...String(Math.abs(k))].map((d) => superscripts[Number(d)]!).join('')}`

/** A double for a person: `digits` significant digits without trailing zeros, a power of ten when it is far from 1. */
export function number(x: number, digits = 4): string {
  if (Number.isNaN(x)) return 'not a number'
  if (!Number.isFinite(x)) return x > 0 ? 'infinite' : '-infinite'
  if (x === 0) return '0'
  const [mantissa, exponent] = x.toExponential(digits - 1).split('e') as [string, string]
  const k = Number(exponent)
  if (k >= -4 && k < 6) return trim(x.toPrecision(Math.max(digits, k + 1)))
  return `${trim(mantissa)}\u00a0×\u00a0${powerOfTen(k)}`
}

const trim = (decimal: string): string => (decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal)

/** The exact text of a rational, or how long it is when nobody would read it. */
export function exactly(value: Rational): string {
  const text = toText(value)
  if (text.length <= 30) return `exactly ${text}`
  return `an exact fraction of ${text.replace(/\D/g, '').length} digits`
}

/** `12 %` of `part` in `whole`, never rounded to 0 or 100 when it is not. The sign is dropped. */
export function percent(part: Rational, whole: Rational): string {
  if (sign(part) === 0) return '0\u00a0%'
  if (sign(whole) === 0) return 'from zero'
  const share = Math.abs(100 * toNumber(divide(part, whole)))
  if (share < 0.01) return 'less than 0.01\u00a0%'
  if (share >= 99.95 && part.numerator * whole.denominator !== whole.numerator * part.denominator && share < 100.05)
    return 'almost 100\u00a0%'
  return `${number(share, share < 10 ? 2 : 3)}\u00a0%`
}

/** `1 sample`, `2 samples`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** The text cut after `length` characters, for places that cannot wrap. */
export const cut = (text: string, length: number): string => {
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}

/** The names in a row, the rest only counted. */
export const nameList = (names: readonly string[], most = 12): string =>
  names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`

/** One word of a POSIX shell command, quoted when it needs it: a pasted command never runs what a file is called. */
export const shellWord = (text: string): string =>
  /^[\w./,@%+=:-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`
