import type { Claim } from './claim.ts'
import { magnitude } from './integers.ts'
import { isSmooth, type Problem } from './problem.ts'
import type { Rational } from './rational.ts'

const longest = 60
const longestPart = 30

const abbreviate = (integer: bigint): string => {
  const digits = magnitude(integer).toString()
  return digits.length <= longestPart ? `${integer}` : `${digits.slice(0, 12)}...(${digits.length} digits)`
}

/** A decimal with six significant digits, rounded towards zero. */
const approximate = ({ numerator, denominator }: Rational): string => {
  if (numerator === 0n) return '0'
  if (numerator < 0n) return `-${approximate({ numerator: -numerator, denominator })}`
  let exponent = numerator.toString().length - denominator.toString().length
  const scaled = (power: number): bigint =>
    power >= 0 ? (numerator * 10n ** BigInt(power)) / denominator : numerator / (denominator * 10n ** BigInt(-power))
  if (scaled(5 - exponent) < 100000n) exponent -= 1
  const digits = scaled(5 - exponent).toString()
  return `${digits.slice(0, 1)}.${digits.slice(1)}e${exponent}`
}

/** The exact loss as a text; abbreviated, with an approximate decimal, where it is longer than about sixty digits. */
export const lossText = (loss: Rational): string => {
  const { numerator, denominator } = loss
  if (numerator < 0n) return `-${lossText({ numerator: -numerator, denominator })}`
  const text = denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`
  if (text.length <= longest) return text
  const short = denominator === 1n ? abbreviate(numerator) : `${abbreviate(numerator)}/${abbreviate(denominator)}`
  return `${short} (about ${approximate(loss)})`
}

const indexText = (index: number | undefined): string =>
  index === undefined ? '' : `; ${index} of the eigenvalues of its Hessian are negative, the others positive`

const movedWords = {
  'critical-for-moved-targets': 'critical',
  'local-minimum-for-moved-targets': 'a local minimum',
  'saddle-for-moved-targets': 'a saddle'
} as const

/** The claim as one English sentence. */
export const statementOf = (claim: Claim, { network }: Problem): string => {
  const loss = lossText(claim.loss)
  switch (claim.kind) {
    case 'value':
      return `The loss at the point is exactly ${loss}.`
    case 'value-between':
      return `The loss at the point lies between ${lossText(claim.lower)} and ${loss}.`
    case 'no-minimum':
      return `The loss, between ${lossText(claim.lower)} and ${loss} at the point, has no global minimum: it comes as near to 0 as one likes and is never 0; the point is not a local minimum.`
    case 'not-stationary':
      if ('lower' in claim) {
        return `The point, with loss between ${lossText(claim.lower)} and ${loss}, is not stationary: the loss falls at first order along some direction.`
      }
      return `The point, with loss exactly ${loss}, is not stationary: the loss falls at first order along some direction.`
    case 'not-a-local-minimum':
      return `The point, with loss exactly ${loss}, is not a local minimum: there is smaller loss in every neighbourhood.`
    case 'saddle':
      return `The point, with loss exactly ${loss}, is a saddle: stationary, neither a local minimum nor a local maximum.`
    case 'local-minimum-nearby':
    case 'saddle-nearby':
      return `The network has a ${claim.kind === 'saddle-nearby' ? 'saddle' : 'local minimum'} within ${lossText(claim.radius)} of the point in every parameter, its loss between ${lossText(claim.lower)} and ${loss}${indexText(claim.index)}.`
    case 'critical-for-moved-targets':
    case 'local-minimum-for-moved-targets':
    case 'saddle-for-moved-targets':
      return `The point is ${movedWords[claim.kind]} for other targets, none farther than ${lossText(claim.change)} from those of the problem: a statement about changed data. For the problem's own targets only its loss is proved, between ${lossText(claim.lower)} and ${loss}.`
    case 'local-minimum':
      return `The point, with loss exactly ${loss}, is a local minimum.`
    case 'spurious': {
      const better = `${network.layers.some(isSmooth) ? 'at most' : 'exactly'} ${lossText(claim.betterLoss)}`
      return `The point, with loss exactly ${loss}, is a spurious local minimum: other parameters have loss ${better}.`
    }
    case 'lower-bound':
      return `The point has loss exactly ${loss}; no parameters of the network have a loss below ${lossText(claim.bound)}.`
    case 'lower-bound-in-box':
      return `The point has loss exactly ${loss}; no parameters of the box have a loss below ${lossText(claim.bound)}.`
    case 'global-minimum':
      return `The point, with loss exactly ${loss}, is a global minimum over all parameters of the network.`
  }
}
