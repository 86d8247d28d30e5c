import { equal, type Rational } from '@nadir/arithmetic'
import { type Activation, absoluteValue, leakyRelu, relu, type SmoothName, twoSlope } from '@nadir/landscape'
import { InputError } from './errors.ts'
import { exactNumber } from './exact-number.ts'
import { withSuggestion } from './suggestion.ts'

// A record, so that the compiler asks for every smooth activation.
const smooth: Record<SmoothName, true> = {
  tanh: true,
  sigmoid: true,
  softplus: true,
  gelu: true,
  'gelu-tanh': true,
  silu: true,
  elu: true,
  selu: true,
  arctan: true,
  sine: true,
  quadratic: true
}
const isSmooth = (name: string): name is SmoothName => Object.hasOwn(smooth, name)

/** The names that `parseActivation` understands. */
export const activationNames: readonly string[] = [
  'relu',
  'leaky-relu',
  'abs',
  'two-slope',
  ...Object.keys(smooth),
  'identity'
]

/** Is this the function t -> t, which a network leaves out? */
export const isIdentity = (a: Activation): boolean =>
  a.kind === 'two-slope' && equal(a.positive, a.negative) && equal(a.positive, { numerator: 1n, denominator: 1n })

/**
 * The activation that `relu`, `leaky-relu:1/100`, `abs`, `two-slope:a,b`, `tanh`, ... names, slopes exact; `identity` is
 * two-slope with both slopes 1. Inverse of `activationName`. @throws InputError naming the text, after `where`
 */
export function parseActivation(text: string, where = ''): Activation {
  const prefix = where === '' ? '' : `${where}: `
  const [, name, rest] = /^([^:]*)(?::(.*))?$/s.exec(text.trim().toLowerCase())!
  const slopes = rest?.split(',').map((cell): Rational => {
    const slope = exactNumber(cell)
    if (slope === undefined) throw new InputError(`${prefix}"${cell}" in activation "${text}" is not a number`)
    return slope
  })
  if (name === 'leaky-relu' && slopes === undefined) return leakyRelu()
  if (name === 'leaky-relu' && slopes?.length === 1) return leakyRelu(slopes[0])
  if (name === 'two-slope' && slopes?.length === 2) return twoSlope(slopes[0], slopes[1])
  if (name === 'leaky-relu' || name === 'two-slope')
    throw new InputError(`${prefix}activation "${text}": write leaky-relu:SLOPE or two-slope:POSITIVE,NEGATIVE`)
  if (!activationNames.includes(name))
    throw new InputError(prefix + withSuggestion(`unknown activation "${text}"`, 'activations', name, activationNames))
  if (slopes !== undefined) throw new InputError(`${prefix}activation "${name}" takes no slopes, got "${text}"`)
  if (name === 'relu') return relu
  if (name === 'abs') return absoluteValue
  if (isSmooth(name)) return { kind: 'smooth', name }
  return parseActivation('two-slope:1,1')
}
