import {
  add,
  divide,
  entry,
  multiply,
  negate,
  one,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  sign,
  subtract,
  zero
} from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'
import type { Activation } from '../network/activation.ts'
import type { Layer, Network } from '../network/network.ts'
import type { ExactPoint } from '../point.ts'
import { type AffineMap, concatenate, constantMap, extremes, valuesAt } from './affine-map.ts'

/** A two-slope activation, with the slope that carries: s on the side `side` of 0, s != 0. */
export interface Carrier {
  readonly positive: Rational
  readonly negative: Rational
  readonly slope: Rational
  readonly side: 1 | -1
}

/** The carrying side is the positive one unless its slope is 0. @throws RangeError for a smooth activation */
export function carrierOf(activation: Activation): Carrier {
  if (activation.kind !== 'two-slope') throw new RangeError(`carrierOf: ${activation.name} has no two slopes`)
  const { positive, negative } = activation
  return sign(positive) !== 0
    ? { positive, negative, slope: positive, side: 1 }
    : { positive, negative, slope: negative, side: -1 }
}

/** A network with one hidden layer as functions: outputs_o(x) = sum_u weights[o][u] h(units[u](x)) + constants[o]. */
export interface Shallow {
  readonly units: readonly AffineMap[]
  readonly weights: readonly (readonly Rational[])[]
  readonly constants: readonly Rational[]
}

/** The shift B > 0 that makes side * values + B at least 1 everywhere. */
export function shiftFor(values: RationalVector, side: 1 | -1): Rational {
  const { least, greatest } = extremes(values)
  const needed = side === 1 ? subtract(one, least) : add(one, greatest)
  return sign(subtract(needed, one)) > 0 ? needed : one
}

/** A unit that carries a map through the carrying side of the activation: its argument, and what to subtract from h / s. */
export function carryingUnit(
  map: AffineMap,
  data: Dataset,
  { side }: Carrier
): { readonly argument: AffineMap; readonly shift: Rational } {
  const shift = multiply(rational(BigInt(side)), shiftFor(valuesAt(map, data), side))
  const shifted = concatenate([
    { denominator: map.denominator, numerators: map.numerators.slice(0, -1) },
    overCommonDenominator([add(entry(map, map.numerators.length - 1), shift)])
  ])
  return { argument: shifted, shift }
}

/** The network of these hidden widths. */
export const denseNetwork = (
  inputs: number,
  hidden: readonly number[],
  outputs: number,
  activation: Activation
): Network => ({
  inputs: [inputs],
  layers: [
    ...hidden.flatMap((width): Layer[] => [
      { kind: 'dense', outputs: width, bias: true },
      { kind: 'activation', activation }
    ]),
    { kind: 'dense', outputs, bias: true }
  ]
})

/**
 * The point of a network of any depth that computes, on these data, what the shallow network computes: spare units have zero weights and the bias
 * `spare`; the outputs of the shallow network are formed in the second layer, shifted to the carrying side of the activation by at least 1 and handed
 * on by one unit each. Needs first-layer width of at least the units, other widths of at least the outputs. Exact.
 */
export function carriedPoint(
  shallow: Shallow,
  shape: { readonly hidden: readonly number[]; readonly spare: Rational },
  carrier: Carrier,
  data: Dataset
): ExactPoint {
  const { hidden, spare } = shape
  const m = shallow.weights.length
  if (shallow.units.length > hidden[0]! || hidden.slice(1).some((width) => width < m))
    throw new RangeError(`carriedPoint: ${shallow.units.length} units and ${m} outputs in widths ${hidden}`)
  const tensors: RationalVector[] = []
  const addLayer = (
    rows: readonly (readonly Rational[])[],
    biases: readonly Rational[],
    width: number,
    size: number
  ) => {
    const spares = new Array<Rational>(width - rows.length).fill(spare)
    const padded = rows.map((row) => [...row, ...new Array<Rational>(size - row.length).fill(zero)])
    const empty = Array.from({ length: width - rows.length }, () => new Array<Rational>(size).fill(zero))
    tensors.push(overCommonDenominator([...padded, ...empty].flat()), overCommonDenominator([...biases, ...spares]))
  }
  const d = data.inputCount
  addLayer(
    shallow.units.map((map) => map.numerators.slice(0, d).map((_, k) => entry(map, k))),
    shallow.units.map((map) => entry(map, d)),
    hidden[0]!,
    d
  )
  let weights = shallow.weights
  let constants = shallow.constants
  const inverse = divide(one, carrier.slope)
  if (hidden.length > 1) {
    const shifts = weights.map((row, o) => {
      const values = shallowValues(shallow.units, row, constants[o]!, carrier, data)
      return multiply(rational(BigInt(carrier.side)), shiftFor(values, carrier.side))
    })
    addLayer(
      weights,
      constants.map((c, o) => add(c, shifts[o]!)),
      hidden[1]!,
      hidden[0]!
    )
    weights = shifts.map((_, o) => shifts.map((_, k) => (k === o ? inverse : zero)))
    constants = shifts.map(negate)
    for (let l = 2; l < hidden.length; l++)
      addLayer(
        weights,
        constants.map(() => zero),
        hidden[l]!,
        hidden[l - 1]!
      )
  }
  addLayer(weights, constants, m, hidden.at(-1)!)
  return { kind: 'exact', tensors }
}

/** One output of a shallow network at all samples. */
function shallowValues(
  units: readonly AffineMap[],
  weights: readonly Rational[],
  constant: Rational,
  { positive, negative }: Carrier,
  data: Dataset
): RationalVector {
  const slopes = overCommonDenominator([positive, negative])
  const [p, q] = slopes.numerators as readonly [bigint, bigint]
  const terms: RationalVector[] = []
  for (const [u, w] of weights.entries()) {
    if (sign(w) === 0) continue
    const { denominator, numerators } = valuesAt(units[u]!, data)
    terms.push({
      denominator: denominator * slopes.denominator * w.denominator,
      numerators: numerators.map((z) => (z > 0n ? p : q) * z * w.numerator)
    })
  }
  terms.push(valuesAt(constantMap(constant, data.inputCount), data))
  return addVectors(terms)
}

function addVectors(vectors: readonly RationalVector[]): RationalVector {
  const { denominator, numerators } = concatenate(vectors)
  const length = numerators.length / vectors.length
  return {
    denominator,
    numerators: Array.from({ length }, (_, i) => vectors.reduce((sum, _, k) => sum + numerators[k * length + i]!, 0n))
  }
}
