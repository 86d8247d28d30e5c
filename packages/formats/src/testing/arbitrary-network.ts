import { fromNumber, overCommonDenominator, type Rational, rational } from '@nadir/arithmetic'
import {
  type Activation,
  type Layer,
  type Network,
  type Point,
  parameterCount,
  parameterShapes,
  tensorSize,
  twoSlope
} from '@nadir/landscape'
import fc from 'fast-check'
import { activationNames, isIdentity, parseActivation } from '../activation-text.ts'

/** Every finite double, -0 and subnormals among them. */
export const doubles = fc.double({ noNaN: true, noDefaultInfinity: true })

/** Fractions with numerators and denominators of up to some sixty digits. */
export const fractions: fc.Arbitrary<Rational> = fc
  .tuple(fc.bigInt(-(10n ** 60n), 10n ** 60n), fc.oneof(fc.constant(1n), fc.bigInt(1n, 10n ** 60n)))
  .map(([p, q]) => rational(p, q))

const named = activationNames.filter((name) => name !== 'two-slope' && name !== 'leaky-relu' && name !== 'identity')

/** Every named activation, and two-slope functions with the given slopes. */
export const activations = (slopes: fc.Arbitrary<Rational>): fc.Arbitrary<Activation> =>
  fc.oneof(
    fc.constantFrom(...named).map((name) => parseActivation(name)),
    fc.tuple(slopes, slopes).map(([p, n]) => twoSlope(p, n))
  )

/** Dense networks with any activations between, and convolutional ones; every parameter tensor at most a few dozen entries. */
export function networks(slopes: fc.Arbitrary<Rational>): fc.Arbitrary<Network> {
  const activation = activations(slopes)
    .filter((a) => !isIdentity(a))
    .map((a): Layer[] => [{ kind: 'activation', activation: a }])
  const between = fc.oneof({ weight: 4, arbitrary: activation }, { weight: 1, arbitrary: fc.constant<Layer[]>([]) })
  const dense = fc
    .record({ outputs: fc.integer({ min: 1, max: 5 }), bias: fc.boolean() })
    .map((r): Layer[] => [{ kind: 'dense', ...r }])
  const denseNetwork = fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.array(fc.tuple(dense, between), { minLength: 1, maxLength: 4 }))
    .map(([inputs, parts]): Network => ({ inputs: [inputs], layers: parts.flat(2) }))
  const two = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }))
  const edge = fc.integer({ min: 0, max: 2 })
  const convolutional = fc
    .record({
      channels: fc.integer({ min: 1, max: 2 }),
      outputs: fc.integer({ min: 1, max: 3 }),
      size: two(3),
      stride: two(2),
      padding: fc.tuple(edge, edge, edge, edge),
      bias: fc.boolean(),
      middle: between,
      pool: fc.constantFrom<Layer[]>(
        [],
        [{ kind: 'average-pool', size: [2, 2], stride: [2, 2] }],
        [{ kind: 'max-pool', size: [2, 1], stride: [1, 1] }]
      ),
      last: dense
    })
    .map(
      ({ channels, outputs, size, stride, padding, bias, middle, pool, last }): Network => ({
        inputs: [channels, 6, 7],
        layers: [
          { kind: 'conv', outputs, size, stride, padding, bias },
          ...middle,
          ...pool,
          { kind: 'flatten' },
          ...last
        ]
      })
    )
  return fc.oneof(denseNetwork, convolutional)
}

/** A network with any doubles as its parameters. */
export const floatModels = (
  slopes: fc.Arbitrary<Rational>,
  numbers: fc.Arbitrary<number> = doubles
): fc.Arbitrary<{ network: Network; parameters: Point }> =>
  networks(slopes).chain((network) => {
    const n = parameterCount(network)
    return fc
      .array(numbers, { minLength: n, maxLength: n })
      .map((values) => ({ network, parameters: { kind: 'float', values: Float64Array.from(values) } }))
  })

// One tensor has one denominator: large different ones would make it very long.
const parameterFractions = fc
  .tuple(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.bigInt(1n, 60n))
  .map(([p, q]) => rational(p, q))

/** A network with fractions as its parameters. */
export const exactModels = (slopes: fc.Arbitrary<Rational>): fc.Arbitrary<{ network: Network; parameters: Point }> =>
  networks(slopes).chain((network) =>
    fc
      .tuple(
        ...parameterShapes(network).map((t) =>
          fc.array(parameterFractions, { minLength: tensorSize(t), maxLength: tensorSize(t) })
        )
      )
      .map((tensors) => ({ network, parameters: { kind: 'exact', tensors: tensors.map(overCommonDenominator) } }))
  )

/** Slopes that a double holds. */
export const doubleSlopes: fc.Arbitrary<Rational> = fc
  .oneof(fc.constantFrom(0, 1, -1, 0.5, 0.01), doubles)
  .map((x) => fromNumber(x))
