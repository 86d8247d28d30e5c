import { type Fraction, isLess, multiply, none, one, over, subtract, sum } from './fraction.ts'

/*
 * The logistic loss and the cross-entropy of one sample in its outputs, to about 2^-64: plain, slow and shared with no checker.
 */

export type SmoothLoss = 'logistic' | 'cross-entropy'

const bits = 64n
const unit = 1n << bits

const rounded = ({ n, d }: Fraction): bigint => (n << bits) / d

/** e^x, both in units of 2^-bits: by the series at x / 2^16, with more bits on the way. */
const exponential = (x: bigint): bigint => {
  const more = 64n
  const whole = unit << more
  const y = x << (more - 16n)
  let term = whole
  let power = 0n
  for (let k = 1n; k < 20n; k += 1n) {
    power += term
    term = (term * y) / (whole * k)
  }
  for (let k = 0; k < 16; k += 1) power = (power * power) / whole
  return power >> more
}

/** The share of every output: the target for which the loss has no slope there. */
export const sharesOf = (loss: SmoothLoss, outputs: readonly Fraction[]): readonly Fraction[] => {
  const powers = outputs.map((f) => exponential(rounded(f)))
  const whole = powers.reduce((a, b) => a + b)
  return powers.map((power) => over((power << bits) / (loss === 'logistic' ? power + unit : whole), unit))
}

/** The second derivatives in the outputs that have these shares. */
export const curvatureOf = (loss: SmoothLoss, shares: readonly Fraction[]): readonly (readonly Fraction[])[] =>
  shares.map((p, o) =>
    shares.map((q, k) => {
      if (o === k) return multiply(p, subtract(one, p))
      return loss === 'cross-entropy' ? subtract(none, multiply(p, q)) : none
    })
  )

/** Targets with these slopes where the outputs have these shares; undefined where they are no probabilities. */
export const targetsWith = (
  loss: SmoothLoss,
  shares: readonly Fraction[],
  slopes: readonly Fraction[]
): readonly Fraction[] | undefined => {
  const targets = shares.map((share, o) => over(rounded(subtract(share, slopes[o])), unit))
  const all = loss === 'cross-entropy' ? targets.with(-1, subtract(one, sum(targets.slice(0, -1)))) : targets
  return all.every((target) => !isLess(target, none) && !isLess(one, target)) ? all : undefined
}

const toNumber = (a: Fraction): number => Number(rounded(a)) / Number(unit)

/** The loss of a sample, as near as doubles come. */
export const lossNear = (loss: SmoothLoss, outputs: readonly Fraction[], targets: readonly Fraction[]): Fraction => {
  const f = outputs.map(toNumber)
  const powers = f.map(Math.exp)
  const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b)
  const logarithm = loss === 'logistic' ? total(powers.map(Math.log1p)) : Math.log(total(powers))
  const value = logarithm - total(f.map((x, o) => x * toNumber(targets[o])))
  return over(BigInt(Math.round(value * 2 ** 50)), 1n << 50n)
}
