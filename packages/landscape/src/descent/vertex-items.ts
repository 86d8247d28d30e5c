import { kinkForm, type LinearPiece, outputForm } from './linear-piece.ts'

/**
 * What a vertex can hold, as numbers: first the coordinates, then the tie of every sample, then the kink of every unit at every class of inputs.
 */
export interface VertexItems {
  readonly coordinates: number
  readonly ties: number
  readonly classes: number
}

export type VertexItem =
  | { readonly kind: 'coordinate'; readonly at: number }
  | { readonly kind: 'tie'; readonly at: number }
  | { readonly kind: 'kink'; readonly unit: number; readonly at: number }

export function numberOf(items: VertexItems, item: VertexItem): number {
  if (item.kind === 'coordinate') return item.at
  return items.coordinates + (item.kind === 'tie' ? item.at : items.ties + item.unit * items.classes + item.at)
}

export function itemOf(items: VertexItems, number: number): VertexItem {
  if (number < items.coordinates) return { kind: 'coordinate', at: number }
  const tie = number - items.coordinates
  if (tie < items.ties) return { kind: 'tie', at: tie }
  const kink = tie - items.ties
  return { kind: 'kink', unit: Math.floor(kink / items.classes), at: kink % items.classes }
}

/** The linear form that a held tie or kink keeps at its value. Approximate. */
export function formOf(piece: LinearPiece, item: VertexItem): Float64Array {
  if (item.kind === 'coordinate') throw new RangeError('a coordinate is its own form')
  return item.kind === 'tie' ? outputForm(piece, piece.data.mergedOf[item.at]!) : kinkForm(piece, item.unit, item.at)
}

/** Marks a tie or kink of the piece as held (1) or not (0). */
export function hold(piece: LinearPiece, item: VertexItem, held: 0 | 1): void {
  if (item.kind === 'tie') piece.heldTie[item.at] = held
  if (item.kind === 'kink') piece.heldKink[item.unit * piece.data.classes.length + item.at] = held
}
