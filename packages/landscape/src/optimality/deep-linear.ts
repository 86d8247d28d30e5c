import { nullSpace } from '@nadir/arithmetic'
import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { parametersByLayer } from '../network/evaluate-exact.ts'
import type { Curve } from './curve.ts'
import type { Direction } from './direction.ts'
import {
  identity,
  isZeroMatrix,
  outer,
  product,
  type Rows,
  rowsOf,
  timesColumn,
  toIntegers,
  transposeRows
} from './integer-rows.ts'

/** What a deep linear network with squared loss is at a critical point. */
export type DeepLinearAnswer =
  | { readonly kind: 'global-minimum'; readonly reason: string }
  | { readonly kind: 'saddle'; readonly descent: Curve; readonly ascent: Curve; readonly reason: string }
  | { readonly kind: 'undecided'; readonly reason: string }

/**
 * A critical point of a network of dense layers: global when the residuals are orthogonal to the inputs, E = sum r x^T = 0; else a saddle, with a
 * curve along which the loss falls: first moves that change no output but bring a gradient to life, then a step against that gradient. Such moves
 * exist when the hidden widths are at least the number of outputs (or, without biases, of inputs); in a narrower bottleneck with E != 0, where
 * none are found, it stays undecided. Exact. Reference: Yun, Sra, Jadbabaie (arXiv 1802.03487), Theorem 4.
 */
export function decideDeepLinear(evaluation: ExactEvaluation): DeepLinearAnswer {
  const { problem, point, values, residuals } = evaluation
  const layers = problem.network.layers.flatMap((layer) => (layer.kind === 'dense' ? [layer] : []))
  const E = product(transposeRows(residuals.rows), values[0]!.rows)
  const biases = layers.filter(({ bias }) => bias).length
  const sums = transposeRows(residuals.rows).map((row) => row.reduce((a, b) => a + b, 0n))
  if (isZeroMatrix(E) && (biases === 0 || sums.every((s) => s === 0n)))
    return { kind: 'global-minimum', reason: 'the residuals are orthogonal to the inputs: no linear map does better' }
  const widths = layers.slice(0, -1).map(({ outputs }) => outputs)
  const weights = parametersByLayer(problem.network, point).map(([weight], l) =>
    rowsOf(weight!.numerators, layers[l]!.outputs)
  )
  if (biases > 0 && !layers.at(-1)!.bias)
    return { kind: 'undecided', reason: 'hidden layers have biases, the output has none' }
  const out = wayOut(weights, E) ?? (biases === 0 ? wayOutFromBehind(weights, E) : undefined)
  if (out) return saddle(evaluation, out)
  const narrow = Math.min(...widths)
  return {
    kind: 'undecided',
    reason: `a hidden layer of width ${narrow} is narrower than inputs and outputs, the residuals are not orthogonal to the inputs, and no way out was found`
  }
}

interface Move {
  readonly layer: number
  readonly change: Rows
}
interface WayOut {
  /** Made together, at order t and divided by the denominators of the weights: the product of all weights does not change. */
  readonly moves: readonly Move[]
  /** Made at the given power of t: against the gradient that the moves brought to life. */
  readonly step: Move & { readonly power: number }
}

/** W_j ... W_i as a matrix, i <= j; the identity of this size when there is nothing between. */
const between = (weights: readonly Rows[], i: number, j: number, size: number): Rows => {
  let all = identity(size)
  for (let l = i; l <= j; l++) all = product(weights[l]!, all)
  return all
}

/** The same for the network read from its outputs to its inputs, which needs widths of at least the number of inputs. */
function wayOutFromBehind(weights: readonly Rows[], E: Rows): WayOut | undefined {
  const mirrored = wayOut([...weights].reverse().map(transposeRows), transposeRows(E))
  if (!mirrored) return undefined
  const turned = <M extends Move>(move: M): M => ({
    ...move,
    layer: weights.length - 1 - move.layer,
    change: transposeRows(move.change)
  })
  return { moves: mirrored.moves.map(turned), step: turned(mirrored.step) }
}

/**
 * The way out of a critical point with E != 0; weights without their denominators. There is one when the hidden widths are at least the number of outputs, and
 * often elsewhere; undefined where a product of weights has no null space.
 */
function wayOut(weights: readonly Rows[], E: Rows): WayOut | undefined {
  const last = weights.length - 1
  const above = (l: number): Rows => between(weights, l + 1, last, weights[l]!.length)
  const inNullSpace = (a: Rows): readonly bigint[] | undefined => nullSpace(toIntegers(a)).basis[0]
  const first = inNullSpace(above(0))
  if (!first) return undefined
  const moves: Move[] = []
  let current = first
  let layer = 1
  let gradient: Rows
  for (; ; layer++) {
    const image = timesColumn(weights[layer]!, current)
    if (image.some((x) => x !== 0n)) {
      current = image
      continue
    }
    gradient = product(transposeRows(above(layer)), E)
    if (!isZeroMatrix(gradient)) break
    const u = inNullSpace(above(layer))
    if (!u) return undefined
    moves.push({ layer, change: outer(u, current) })
    current = u
  }
  const c = gradient[0]!.findIndex((_, k) => gradient.some((row) => row[k] !== 0n))
  moves.unshift({ layer: 0, change: outer(first, identity(E[0]!.length)[c]!) })
  const { order, coefficient } = leadingGradient(weights, moves, layer, gradient)
  return { moves, step: { layer, power: order + 1, change: negated(coefficient) } }
}

/** The lowest power of t with a non-zero coefficient in M (W_{layer-1} ... W_0)(t)^T, after the moves. */
function leadingGradient(
  weights: readonly Rows[],
  moves: readonly Move[],
  layer: number,
  M: Rows
): { readonly order: number; readonly coefficient: Rows } {
  // Coefficients of the product in ascending powers of t.
  let below: readonly Rows[] = [identity(weights[0]![0]!.length)]
  for (let l = 0; l < layer; l++) {
    const change = moves.find((move) => move.layer === l)?.change
    const still = below.map((b) => product(weights[l]!, b))
    const moved = change ? below.map((b) => product(change, b)) : []
    const zero = still[0]!.map((row) => row.map(() => 0n))
    below = Array.from({ length: still.length + (change ? 1 : 0) }, (_, k) =>
      sum(still[k] ?? zero, moved[k - 1] ?? zero)
    )
  }
  for (const [order, b] of below.entries()) {
    const coefficient = product(M, transposeRows(b))
    if (!isZeroMatrix(coefficient)) return { order, coefficient }
  }
  throw new Error('leadingGradient: the moves brought no gradient to life')
}

const sum = (a: Rows, b: Rows): Rows => a.map((row, i) => row.map((x, j) => x + b[i]![j]!))
const negated = (a: Rows): Rows => a.map((row) => row.map((x) => -x))

function saddle(evaluation: ExactEvaluation, { moves, step }: WayOut): DeepLinearAnswer {
  const curve = (change: Rows): Curve => [
    { power: 1, direction: directionOf(evaluation, moves) },
    { power: step.power, direction: directionOf(evaluation, [{ layer: step.layer, change }]) }
  ]
  return {
    kind: 'saddle',
    descent: curve(step.change),
    ascent: curve(negated(step.change)),
    reason: `critical, but the residuals are not orthogonal to the inputs: a saddle, with a way down of order ${2 * step.power - 1}`
  }
}

/** The direction that changes the weights of these layers, times their denominators, and nothing else. */
function directionOf({ problem, point }: ExactEvaluation, moves: readonly Move[]): Direction {
  const tensors = parametersByLayer(problem.network, point).flatMap((parameters, l) =>
    parameters.map(({ denominator, numerators }, role) => {
      const move = role === 0 ? moves.find(({ layer }) => layer === l) : undefined
      return { denominator, numerators: move ? move.change.flat() : numerators.map(() => 0n) }
    })
  )
  return { kind: 'exact', tensors }
}
