import { rankOf, rational } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { parametersByLayer } from '../network/evaluate-exact.ts'
import { decideBottleneck, type RankBoundEvidence } from './bottleneck.ts'
import type { Curve } from './curve.ts'
import { isZeroMatrix, product, rowsOf, toIntegers, transposeRows } from './integer-rows.ts'
import { linearCurve, type WeightMove } from './linear-curve.ts'
import { type Move, wayOut } from './way-out.ts'

/** What a deep linear network is at a critical point. */
export type DeepLinearAnswer =
  | { readonly kind: 'global-minimum'; readonly evidence: RankBoundEvidence | undefined; readonly reason: string }
  | { readonly kind: 'saddle'; readonly descent: Curve; readonly ascent: Curve; readonly reason: string }
  | { readonly kind: 'undecided'; readonly reason: string }

/**
 * A critical point of a network of dense layers: global when the residuals are orthogonal to the inputs, E = sum r x^T = 0, or when the narrowest layer leaves no better map; else a saddle, with a curve along which the loss
 * falls. Where the rank of the map is below every width, first moves that change no output bring a gradient to life, then a step against it; where it is that of a bottleneck, a direction of the outputs is turned to a better
 * one. Complete but for networks whose hidden layers have biases and whose last one has none. Exact. Reference: Yun, Sra, Jadbabaie (arXiv 1802.03487, Theorem 4; arXiv 1707.02444, Theorem 2.2).
 */
export function decideDeepLinear(evaluation: ExactEvaluation): DeepLinearAnswer {
  const { problem, point, values, residuals } = evaluation
  const layers = problem.network.layers.flatMap((layer) => (layer.kind === 'dense' ? [layer] : []))
  const E = product(transposeRows(residuals.rows), values[0]!.rows)
  const hasBiases = layers.some(({ bias }) => bias)
  const sums = transposeRows(residuals.rows).map((row) => row.reduce((a, b) => a + b, 0n))
  if (isZeroMatrix(E) && (!hasBiases || sums.every((s) => s === 0n)))
    return {
      kind: 'global-minimum',
      evidence: undefined,
      reason: 'the residuals are orthogonal to the inputs: no linear map does better'
    }
  if (hasBiases && !layers.at(-1)!.bias)
    return { kind: 'undecided', reason: 'hidden layers have biases, the output has none' }
  const parameters = parametersByLayer(problem.network, point)
  const weights = parameters.map(([weight], l) => rowsOf(weight!.numerators, layers[l]!.outputs))
  const out = wayOut(weights, E)
  if (out) {
    const curve = (side: bigint): Curve => {
      const move = ({ layer, change }: Move, power: number, factor: bigint): WeightMove => {
        const { denominator } = parameters[layer]![0]!
        return { layer, power, change: change.map((row) => row.map((x) => rational(factor * x, denominator))) }
      }
      return linearCurve(evaluation, [
        ...out.moves.map((one) => move(one, 1, 1n)),
        move(out.step, out.step.power, side)
      ])
    }
    return {
      kind: 'saddle',
      descent: curve(1n),
      ascent: curve(-1n),
      reason: `critical, but the residuals are not orthogonal to the inputs: a saddle, with a way down of order ${2 * out.step.power - 1}`
    }
  }
  const narrow = Math.min(...layers.map(({ outputs }) => outputs))
  if (problem.loss !== 'squared' || rankOf(toIntegers(weights.reduce((all, w) => product(w, all)))) < narrow)
    return { kind: 'undecided', reason: 'the residuals are not orthogonal to the inputs, and no way out was found' }
  const answer = decideBottleneck(evaluation)
  const reason =
    answer.kind === 'global-minimum'
      ? `no map of rank ${narrow} does better: what the bottleneck keeps of the outputs counts at least as much as what it loses`
      : 'critical, but the bottleneck keeps a direction of the outputs that counts less than one it loses: a saddle, with a way down of order 2'
  return { ...answer, reason }
}
