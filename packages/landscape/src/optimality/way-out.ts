import { nullSpace, solveLinear } from '@nadir/arithmetic'
import {
  identity,
  isZeroMatrix,
  outer,
  product,
  type Rows,
  timesColumn,
  toIntegers,
  transposeRows
} from './integer-rows.ts'

/** A change of one layer, made at order t. */
export interface Move {
  readonly layer: number
  readonly change: Rows
}

export interface WayOut {
  /** Made together: the product of all weights does not change, whatever t is. */
  readonly moves: readonly Move[]
  /** Made at the given power of t: against the gradient that the moves brought to life. */
  readonly step: Move & { readonly power: number }
}

/**
 * The way out of a point where all gradients above^T E below^T of a product of weights are zero, E not; integers. There is one wherever the rank of the product is below every width, and wherever the
 * hidden widths are at least the number of outputs, or of inputs; undefined where none is found. Exact. Reference: Trager, Kohn, Bruna (arXiv 1910.01671), Proposition 9, says that such moves exist.
 */
export function wayOut(weights: readonly Rows[], E: Rows): WayOut | undefined {
  const moves = movesOut(weights, E)
  if (!moves) return undefined
  const alive = weights.map((_, layer) => ({ layer, ...leadingGradient(weights, moves, layer, E) }))
  const { layer, order, coefficient } = alive.reduce((best, one) => (one.order < best.order ? one : best))
  if (!coefficient) throw new Error('wayOut: the moves brought no gradient to life')
  return { moves, step: { layer, power: order + 1, change: coefficient.map((row) => row.map((x) => -x)) } }
}

/** W_j ... W_i as a matrix, i <= j; the identity of this size when there is nothing between. */
const between = (weights: readonly Rows[], i: number, j: number, size: number): Rows => {
  let all = identity(size)
  for (let l = i; l <= j; l++) all = product(weights[l]!, all)
  return all
}
const aboveOf = (weights: readonly Rows[], l: number): Rows =>
  between(weights, l + 1, weights.length - 1, weights[l]!.length)
const belowOf = (weights: readonly Rows[], l: number): Rows => between(weights, 0, l - 1, weights[0]![0]!.length)
const inNullSpace = (a: Rows): readonly bigint[] | undefined => nullSpace(toIntegers(a)).basis[0]

function movesOut(weights: readonly Rows[], E: Rows): readonly Move[] | undefined {
  const gradient = (l: number): Rows =>
    product(product(transposeRows(aboveOf(weights, l)), E), transposeRows(belowOf(weights, l)))
  if (weights.some((_, l) => !isZeroMatrix(gradient(l)))) return []
  const up = staircase(weights, E)
  if (up.kind === 'out') return up.moves
  const down = staircase([...weights].reverse().map(transposeRows), transposeRows(E))
  const last = weights.length - 1
  if (down.kind === 'out')
    return down.moves.map(({ layer, change }) => ({ layer: last - layer, change: transposeRows(change) }))
  return movesOutBetween(weights, E, last - down.layer, up.layer)
}

/**
 * From the first layer up: a change of the first one whose outputs the layers above do not see, handed on until a gradient comes to life; where a layer sends it to zero, by a new change of that layer.
 * Stuck where the layers above see everything.
 */
function staircase(
  weights: readonly Rows[],
  E: Rows
): { readonly kind: 'out'; readonly moves: readonly Move[] } | { readonly kind: 'stuck'; readonly layer: number } {
  const first = inNullSpace(aboveOf(weights, 0))
  if (!first) return { kind: 'stuck', layer: 0 }
  const moves: Move[] = []
  let current = first
  for (let layer = 1; ; layer++) {
    const image = timesColumn(weights[layer]!, current)
    if (image.some((x) => x !== 0n)) {
      current = image
      continue
    }
    const above = aboveOf(weights, layer)
    const gradient = product(transposeRows(above), E)
    if (!isZeroMatrix(gradient)) {
      const input = gradient[0]!.findIndex((_, k) => gradient.some((row) => row[k] !== 0n))
      return {
        kind: 'out',
        moves: [{ layer: 0, change: outer(first, identity(E[0]!.length)[input]!) }, ...moves]
      }
    }
    const unseen = inNullSpace(above)
    if (!unseen) return { kind: 'stuck', layer }
    moves.push({ layer, change: outer(unseen, current) })
    current = unseen
  }
}

/**
 * Where both ways are stuck: the layers above `to` see everything and nothing of E, those below `from` give everything and nothing of E. A change of the last layer that reads what the layers between never
 * give, and one of the first that gives what they do not see: then the layers between have the gradient of one product, and a way out of their own.
 */
function movesOutBetween(weights: readonly Rows[], E: Rows, from: number, to: number): readonly Move[] | undefined {
  const last = weights.length - 1
  if (from <= 0 || to >= last || from > to) return undefined
  const middle = between(weights, from, to, weights[from]![0]!.length)
  const unseen = inNullSpace(middle)
  const unread = inNullSpace(transposeRows(middle))
  if (!unseen || !unread) return undefined
  const reader = solveLinear(toIntegers(transposeRows(between(weights, to + 1, last - 1, weights[to]!.length))), unread)
  const giver = solveLinear(toIntegers(between(weights, 1, from - 1, weights[0]!.length)), unseen)
  const inner = movesOut(weights.slice(from, to + 1), outer(unread, unseen))
  if (reader.kind === 'inconsistent' || giver.kind === 'inconsistent' || !inner) return undefined
  const output = E.findIndex((row) => row.some((x) => x !== 0n))
  const input = E[output]!.findIndex((x) => x !== 0n)
  return [
    { layer: last, change: outer(identity(E.length)[output]!, reader.numerators) },
    { layer: 0, change: outer(giver.numerators, identity(E[0]!.length)[input]!) },
    ...inner.map(({ layer, change }) => ({ layer: layer + from, change }))
  ]
}

/** Coefficients of ascending powers of t. */
type Series = readonly Rows[]

function seriesProduct(a: Series, b: Series): Series {
  const result: Rows[] = []
  for (const [i, left] of a.entries())
    for (const [j, right] of b.entries()) {
      const term = product(left, right)
      const before = result[i + j]
      result[i + j] = before ? before.map((row, r) => row.map((x, c) => x + term[r]![c]!)) : term
    }
  return result
}

/** The lowest power of t with a non-zero coefficient in the gradient of a layer, after the moves. */
function leadingGradient(
  weights: readonly Rows[],
  moves: readonly Move[],
  layer: number,
  E: Rows
): { readonly order: number; readonly coefficient: Rows | undefined } {
  const moved = weights.map((w, l): Series => {
    const change = moves.find((move) => move.layer === l)?.change
    return change ? [w, change] : [w]
  })
  const chain = (from: number, to: number, size: number): Series =>
    moved.slice(from, to).reduce<Series>((all, w) => seriesProduct(w, all), [identity(size)])
  const transposed = (a: Series): Series => a.map(transposeRows)
  const above = transposed(chain(layer + 1, weights.length, weights[layer]!.length))
  const below = transposed(chain(0, layer, weights[0]![0]!.length))
  const gradient = seriesProduct(seriesProduct(above, [E]), below)
  const order = gradient.findIndex((coefficient) => !isZeroMatrix(coefficient))
  return order < 0
    ? { order: Number.POSITIVE_INFINITY, coefficient: undefined }
    : { order, coefficient: gradient[order]! }
}
