import { entry, multiply, overCommonDenominator, type Rational, rational, subtract, zero } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { parametersByLayer } from '../network/evaluate-exact.ts'
import type { Curve } from './curve.ts'
import { appliedTo, type RationalRows, sumOf } from './rational-rows.ts'

/** A change of the weights of one layer, at a power of t. */
export interface WeightMove {
  readonly layer: number
  readonly power: number
  readonly change: RationalRows
}

/**
 * The curve of these moves through a point of a network of dense layers. Where the last layer has a bias, it changes so that the output at the mean of the inputs stays what it is: then everything else is as if no
 * layer had a bias. Exact.
 */
export function linearCurve({ problem, point, values }: ExactEvaluation, moves: readonly WeightMove[]): Curve {
  const parameters = parametersByLayer(problem.network, point)
  const constants = parameters.at(-1)![1] ? constantsOf(parameters, values[0]!, moves) : []
  const powers = new Set([...moves.map(({ power }) => power), ...constants.keys()])
  powers.delete(0)
  return [...powers]
    .sort((a, b) => a - b)
    .map((power) => ({
      power,
      direction: {
        kind: 'exact' as const,
        tensors: parameters.flatMap((tensors, layer) =>
          tensors.map(({ numerators }, role) => {
            const move = moves.find((one) => one.layer === layer && one.power === power)
            const isLastBias = role === 1 && layer === parameters.length - 1
            const change = role === 0 ? move?.change.flat() : isLastBias ? constants[power] : undefined
            return overCommonDenominator(change ?? numerators.map(() => zero))
          })
        )
      }
    }))
}

type Parameters = ReturnType<typeof parametersByLayer>

/** What the last bias changes by at every power of t: minus what the moves do to the output at the mean of the inputs. */
function constantsOf(
  parameters: Parameters,
  { rows, denominator }: ExactEvaluation['values'][number],
  moves: readonly WeightMove[]
): readonly (readonly Rational[])[] {
  const count = denominator * BigInt(rows.length)
  let values: Rational[][] = [
    rows[0]!.map((_, e) =>
      rational(
        rows.reduce((sum, row) => sum + row[e]!, 0n),
        count
      )
    )
  ]
  for (const [layer, [weight, bias]] of parameters.entries()) {
    const width = values[0]!.length
    const units = weight!.numerators.length / width
    const matrix = (of: (at: number) => Rational): RationalRows =>
      Array.from({ length: units }, (_, u) => Array.from({ length: width }, (_, e) => of(u * width + e)))
    const terms = [
      { power: 0, change: matrix((at) => entry(weight!, at)) },
      ...moves.filter((move) => move.layer === layer)
    ]
    const after: Rational[][] = []
    for (const { power, change } of terms)
      for (const [k, value] of values.entries()) {
        const term = appliedTo(change, value)
        const before = after[power + k]
        after[power + k] = before ? before.map((x, u) => sumOf([x, term[u]!])) : term
      }
    const isLast = layer === parameters.length - 1
    if (bias && !isLast) after[0] = after[0]!.map((x, u) => sumOf([x, entry(bias, u)]))
    values = Array.from(after, (value) => value ?? new Array<Rational>(units).fill(zero))
  }
  return values.map((value) => value.map((x) => subtract(zero, x)))
}

/** The same moves, with this factor. */
export const scaledMove = (move: WeightMove, factor: Rational): WeightMove => ({
  ...move,
  change: move.change.map((row) => row.map((x) => multiply(x, factor)))
})
