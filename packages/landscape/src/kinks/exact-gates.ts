import {
  add,
  divide,
  entry,
  integerMatrix,
  multiply,
  one,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  rational,
  sign,
  solveLinear,
  subtract,
  zero
} from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { parametersByLayer } from '../network/evaluate-exact.ts'
import { parameterCount } from '../network/network.ts'
import type { Kink } from './kink-network.ts'

/** What back-propagation gives: for every parameter, and at the value of every kink. */
interface Backward {
  readonly gradient: readonly Rational[]
  readonly values: readonly Rational[]
}

/** Back-propagation of errors, units on kinks taken with their negative slope; a multiplier is added at the argument of each kink. Without the factor of the reduction. Exact. */
function backward(
  { problem, point, values }: ExactEvaluation,
  kinks: readonly Kink[],
  multipliers: readonly Rational[],
  errors: readonly (readonly Rational[])[]
): Backward {
  const { layers } = problem.network
  const parameters = parametersByLayer(problem.network, point)
  const gradient = new Array<Rational>(parameterCount(problem.network)).fill(zero)
  const atKinks = kinks.map(() => zero)
  const starts: number[] = []
  let count = 0
  for (const tensors of parameters) {
    starts.push(count)
    for (const { numerators } of tensors) count += numerators.length
  }
  for (const [sample, error] of errors.entries()) {
    const own = new Map(
      kinks.flatMap(({ layer, unit, sample: i }, a) => (i === sample ? [[`${layer},${unit}`, a] as const] : []))
    )
    let deltas = error
    let hidden = layers.filter(({ kind }) => kind === 'activation').length
    for (let l = layers.length - 1; l >= 0; l--) {
      const layer = layers[l]!
      const { rows, denominator } = values[l]!
      const row = rows[sample]!
      if (layer.kind === 'dense') {
        const [weight, bias] = parameters[l]!
        const width = row.length
        const below = row.map(() => zero)
        for (const [u, delta] of deltas.entries()) {
          if (sign(delta) === 0) continue
          for (let k = 0; k < width; k++) {
            const at = starts[l]! + u * width + k
            gradient[at] = add(gradient[at]!, multiply(delta, rational(row[k]!, denominator)))
            below[k] = add(below[k]!, multiply(delta, entry(weight!, u * width + k)))
          }
          const at = starts[l]! + layer.outputs * width + u
          if (bias) gradient[at] = add(gradient[at]!, delta)
        }
        deltas = below
      } else if (layer.kind === 'activation' && layer.activation.kind === 'two-slope') {
        const { positive, negative } = layer.activation
        hidden--
        deltas = deltas.map((delta, unit) => {
          const passed = multiply(delta, row[unit]! > 0n ? positive : negative)
          const a = own.get(`${hidden},${unit}`)
          if (a === undefined) return passed
          atKinks[a] = delta
          return add(passed, multipliers[a]!)
        })
      } else throw new RangeError(`exactGates: layer ${l} (${layer.kind}) is not dense or two-slope`)
    }
  }
  return { gradient, values: atKinks }
}

/**
 * Numbers from 0 to 1, one for each of these kinks, with which back-propagation through slopes that far between the negative and the positive one gives zero for every parameter, no kink being concave: the point
 * is stationary. Undefined where none were found; complete where the normals of the kinks are independent. `kinks` are all arguments that are zero. Networks of dense and two-slope layers in turn. Exact.
 */
export function exactGates(evaluation: ExactEvaluation, kinks: readonly Kink[]): RationalVector | undefined {
  const { problem, residuals } = evaluation
  const errors = residuals.rows.map((row) => row.map((r) => rational(r, residuals.denominator)))
  const nothing = errors.map((row) => row.map(() => zero))
  const none = kinks.map(() => zero)
  const { gradient } = backward(evaluation, kinks, none, errors)
  const normals = kinks.map((_, a) => {
    const multipliers = none.map((x, b) => (a === b ? one : x))
    return overCommonDenominator(backward(evaluation, kinks, multipliers, nothing).gradient)
  })
  const wanted = overCommonDenominator(gradient)
  const matrix = integerMatrix(
    gradient.length,
    kinks.length,
    gradient.flatMap((_, k) => normals.map(({ numerators }) => numerators[k]!))
  )
  const answer = solveLinear(
    matrix,
    wanted.numerators.map((g) => -g)
  )
  if (answer.kind !== 'solved') return undefined
  const multipliers = kinks.map((_, a) =>
    multiply(entry(answer, a), rational(normals[a]!.denominator, wanted.denominator))
  )
  const { values } = backward(evaluation, kinks, multipliers, errors)
  const slopes = problem.network.layers.flatMap((layer) =>
    layer.kind === 'activation' && layer.activation.kind === 'two-slope' ? [layer.activation] : []
  )
  const gates: Rational[] = []
  for (const [a, { layer }] of kinks.entries()) {
    const bound = multiply(subtract(slopes[layer]!.positive, slopes[layer]!.negative), values[a]!)
    const multiplier = multipliers[a]!
    if (sign(multiplier) < 0 || sign(subtract(bound, multiplier)) < 0) return undefined
    gates.push(sign(bound) === 0 ? zero : divide(multiplier, bound))
  }
  return overCommonDenominator(gates)
}
