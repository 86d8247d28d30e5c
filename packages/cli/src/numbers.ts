import { type Rational, toNumber, toText } from '@nadir/arithmetic'

/** NUMBER of the JSON interface: exact, with its nearest double beside it. */
export interface JsonNumber {
  readonly exact?: string
  readonly approx: number
}

export const exactNumberJson = (value: Rational): JsonNumber => ({ exact: toText(value), approx: toNumber(value) })

/** A number for a person: seven digits; `exactly` with the fraction when that is short. */
export function readable(value: Rational): string {
  const text = toText(value)
  if (text.length <= 18) return text.includes('/') ? `${toNumber(value).toPrecision(7)} (exactly ${text})` : text
  return toNumber(value).toPrecision(8)
}

export const short = (x: number): string =>
  x === 0 ? '0' : Math.abs(x) < 1e-3 || Math.abs(x) >= 1e6 ? x.toExponential(2) : x.toPrecision(4)
