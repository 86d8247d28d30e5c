import type { BrokenLoss } from './broken-loss.ts'
import { type CellState, preActivations } from './cell-state.ts'
import { coordinatesOf, type LinearPiece, pieceOutputs } from './linear-piece.ts'
import type { MergedData } from './merged-data.ts'
import {
  coordinateBasis,
  directionAt,
  exchange,
  leastPivot,
  norm,
  ratesOf,
  refreshed,
  type VertexBasis
} from './vertex-basis.ts'
import { formOf, hold, itemOf, numberOf, type VertexItem, type VertexItems } from './vertex-items.ts'

/** A point, the linear piece it is on and what it holds. Approximate; mutable, owned by one descent. */
export interface VertexState {
  readonly point: CellState
  /** Its breaks may be shifted. */
  readonly piece: LinearPiece
  readonly items: VertexItems
  readonly breaks: Float64Array
  basis: VertexBasis
  /** Pre-activations, units x merged samples, and outputs. */
  readonly z: Float64Array
  f: Float64Array
  exchanges: number
}

/** Exchanges between two computations of the basis from its items. */
const exchangesPerBasis = 100
/** Outputs this close to a break, relative to the largest break, may count as on either side. */
const near = 1e-9

/** The state of a point: nothing but coordinates is held. Units without an outgoing weight become units with u_j = 0. */
export function vertexState(
  data: MergedData,
  loss: BrokenLoss,
  point: CellState,
  network: { readonly slopes: LinearPiece['slopes']; readonly outputBias: boolean }
): VertexState {
  const { units, u, kappa, side } = point
  const { width, classes, mergedOf } = data
  for (let j = 0; j < units; j++) if (kappa[j] === 0) u.fill(0, j * width, (j + 1) * width)
  const ties = mergedOf.length
  const piece: LinearPiece = {
    data,
    loss: { ...loss, at: loss.at.slice() },
    slopes: network.slopes,
    outputBias: network.outputBias,
    kappa,
    side,
    above: new Uint8Array(ties),
    heldTie: new Uint8Array(ties),
    heldKink: new Uint8Array(units * classes.length)
  }
  const coordinates = coordinatesOf(piece)
  const state: VertexState = {
    point,
    piece,
    items: { coordinates, ties, classes: classes.length },
    breaks: loss.at,
    basis: coordinateBasis(coordinates),
    z: new Float64Array(units * data.samples),
    f: new Float64Array(data.samples),
    exchanges: 0
  }
  evaluate(state)
  for (let i = 0; i < ties; i++) piece.above[i] = state.f[mergedOf[i]!]! > loss.at[i]! ? 1 : 0
  return state
}

function evaluate(state: VertexState): void {
  const { point, piece, z } = state
  preActivations(piece.data, point.u, point.units, z)
  state.f = pieceOutputs(piece, z, point.c)
}

export function move({ point, piece }: VertexState, direction: Float64Array, length: number): void {
  for (let a = 0; a < point.u.length; a++) point.u[a] = point.u[a]! + length * direction[a]!
  if (piece.outputBias) point.c += length * direction[point.u.length]!
}

/** Brings the held ties and kinks to their values, from which rounding has moved them. */
export function correct(state: VertexState): void {
  const { piece, basis, items, z } = state
  const { samples, mergedOf, classes } = piece.data
  evaluate(state)
  for (const [l, number] of basis.items.entries()) {
    const item = itemOf(items, number)
    if (item.kind === 'coordinate') continue
    const error =
      item.kind === 'tie'
        ? state.f[mergedOf[item.at]!]! - piece.loss.at[item.at]!
        : z[item.unit * samples + classes[item.at]![0]!]!
    if (error !== 0) move(state, directionAt(basis, l), -error)
  }
  evaluate(state)
}

/** Computes the basis afresh; what depends on the rest is no longer held. */
export function refresh(state: VertexState): void {
  const { piece, items } = state
  state.basis = refreshed(state.basis, (number) => formOf(piece, itemOf(items, number)))
  piece.heldTie.fill(0)
  piece.heldKink.fill(0)
  for (const number of state.basis.items) hold(piece, itemOf(items, number), 1)
}

/** Holds a tie or kink at which the point has arrived, in a place of the basis or (place -1) in that of the coordinate it depends on most. */
export function enter(state: VertexState, item: VertexItem, place: number): void {
  const { piece, basis, items } = state
  const form = formOf(piece, item)
  const rates = new Float64Array(basis.size)
  ratesOf(basis, form, rates)
  let at = place
  if (at < 0)
    for (let l = 0; l < basis.size; l++)
      if (basis.items[l]! < basis.size && (at < 0 || Math.abs(rates[l]!) > Math.abs(rates[at]!))) at = l
  const pivot = Math.abs(rates[at]!)
  exchange(basis, at, numberOf(items, item), rates)
  hold(piece, item, 1)
  if (pivot < leastPivot * norm(form) || ++state.exchanges % exchangesPerBasis === 0) refresh(state)
  correct(state)
}

/**
 * Moves every break that is not held a little away from the output, further from the side it is on: outputs that meet many breaks at once then meet them one after the other, and the descent cannot
 * go in circles. Reference: bound shifting against degeneracy, Gill, Murray, Saunders and Wright 1989.
 */
export function shiftBreaks({ piece, breaks }: VertexState, random: () => number): void {
  const size = 1000 * near * largest(breaks)
  for (let i = 0; i < breaks.length; i++)
    if (!piece.heldTie[i]) piece.loss.at[i] = piece.loss.at[i]! + (piece.above[i] ? -size : size) * (0.5 + random())
}

/** Takes the shifts back; false when there were none. Outputs that are clearly on the other side of a break change their side. */
export function restoreBreaks(state: VertexState): boolean {
  const { piece, breaks } = state
  if (breaks.every((at, i) => at === piece.loss.at[i])) return false
  piece.loss.at.set(breaks)
  correct(state)
  const slack = near * largest(breaks)
  for (let i = 0; i < breaks.length; i++) {
    const distance = state.f[piece.data.mergedOf[i]!]! - breaks[i]!
    if (!piece.heldTie[i] && Math.abs(distance) > slack) piece.above[i] = distance > 0 ? 1 : 0
  }
  return true
}

const largest = (values: Float64Array): number => values.reduce((most, a) => Math.max(most, Math.abs(a)), 0)
