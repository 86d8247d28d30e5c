import { overCommonDenominator, type Rational, rational } from '@nadir/arithmetic'
import {
  asOneHiddenLayer,
  dataset,
  type ExactPoint,
  empiricalRisk,
  type LossKind,
  type Network,
  type OneHiddenLayer,
  twoSlope
} from '@nadir/landscape'
import fc from 'fast-check'

/** A small one-hidden-layer problem and a point on it, full of ties, duplicates, zero units and missing biases. */
export interface SmallCase {
  readonly view: OneHiddenLayer
  readonly point: ExactPoint
}

const slopePairs: readonly (readonly [Rational, Rational])[] = [
  [rational(1n), rational(0n)],
  [rational(1n), rational(0n)],
  [rational(1n), rational(1n, 2n)],
  [rational(1n), rational(-1n)],
  [rational(1n), rational(3n)],
  [rational(0n), rational(1n)],
  [rational(2n), rational(-1n, 3n)]
]

export const oneHiddenLayerNetwork = (
  inputs: number,
  units: number,
  outputs: number,
  slopes: readonly [Rational, Rational] = slopePairs[0]!,
  biases = { hidden: true, output: true }
): Network => ({
  inputs: [inputs],
  layers: [
    { kind: 'dense', outputs: units, bias: biases.hidden },
    { kind: 'activation', activation: twoSlope(...slopes) },
    { kind: 'dense', outputs, bias: biases.output }
  ]
})

/** Integer data and parameters in a small range: half of all cases have samples on kinks. */
export const smallCase = (loss: LossKind = 'squared', mostOutputs = 1): fc.Arbitrary<SmallCase> =>
  fc
    .record({
      inputs: fc.integer({ min: 1, max: 2 }),
      units: fc.integer({ min: 1, max: 3 }),
      outputs: fc.integer({ min: 1, max: mostOutputs }),
      samples: fc.integer({ min: 1, max: 6 }),
      slopes: fc.constantFrom(...slopePairs),
      hidden: fc.boolean(),
      output: fc.boolean(),
      reduction: fc.constantFrom('sum' as const, 'mean' as const)
    })
    .chain((shape) => {
      const { inputs, units, outputs, samples } = shape
      const list = (length: number, max: number) =>
        fc.array(fc.integer({ min: -max, max }), { minLength: length, maxLength: length })
      return fc.record({
        shape: fc.constant(shape),
        X: list(samples * inputs, 2),
        Y:
          loss === 'hinge'
            ? fc.array(fc.constantFrom(-1, 1), { minLength: samples, maxLength: samples })
            : list(samples * outputs, 3),
        w: list(units * inputs, 2),
        b: list(units, 2),
        v: list(outputs * units, 2),
        c: list(outputs, 2)
      })
    })
    .map(({ shape, X, Y, w, b, v, c }) => {
      const { inputs, units, outputs, samples } = shape
      const network = oneHiddenLayerNetwork(inputs, units, outputs, shape.slopes, {
        hidden: shape.hidden,
        output: shape.output
      })
      const rows = (values: readonly number[], width: number) =>
        Array.from({ length: samples }, (_, i) =>
          values.slice(i * width, (i + 1) * width).map((a) => rational(BigInt(a)))
        )
      const problem = empiricalRisk({
        network,
        data: dataset(rows(X, inputs), rows(Y, outputs)),
        loss,
        reduction: shape.reduction
      })
      const view = asOneHiddenLayer(problem)
      if ('kind' in view) throw new Error(view.reason)
      const tensor = (values: readonly number[]) => overCommonDenominator(values.map((a) => rational(BigInt(a))))
      const tensors = [tensor(w), ...(shape.hidden ? [tensor(b)] : []), tensor(v), ...(shape.output ? [tensor(c)] : [])]
      return { view, point: { kind: 'exact' as const, tensors } }
    })

/** The point plus t times a direction of integers. */
export const moved = (point: ExactPoint, direction: readonly number[], t: Rational): ExactPoint => {
  let at = 0
  return {
    kind: 'exact',
    tensors: point.tensors.map((tensor) => ({
      denominator: tensor.denominator * t.denominator,
      numerators: tensor.numerators.map(
        (a) => a * t.denominator + BigInt(direction[at++]!) * t.numerator * tensor.denominator
      )
    }))
  }
}

export const parameterTotal = (point: ExactPoint): number =>
  point.tensors.reduce((sum, t) => sum + t.numerators.length, 0)
