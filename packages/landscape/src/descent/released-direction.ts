import { classSide, flipClass, type LinearPiece, mergedSlopes, pieceGradient, slopeJump } from './linear-piece.ts'
import { addForm, directionAt, norm, type VertexBasis } from './vertex-basis.ts'
import { hold, itemOf, type VertexItems } from './vertex-items.ts'

/** A direction of descent and the place of the basis that is given up for it; place -1: one of the coordinates that are held. */
export interface Release {
  readonly place: number
  readonly direction: Float64Array
  /** Names of what is not to be tried again when the loss does not fall along the direction. */
  readonly promises: readonly string[]
}

/** The balance at a vertex: sum over the places of multiplier * form = - gradient of the piece. Approximate. */
export interface Multipliers {
  readonly values: Float64Array
  /** Lengths of the basis' directions. */
  readonly lengths: Float64Array
  /** The slopes of the loss in the output of each merged sample, held ties with their multipliers. */
  readonly slopes: Float64Array
  readonly placeOfTie: ReadonlyMap<number, number>
  /** Slopes flatter than this are taken for 0. */
  readonly flat: number
}

const nameAt = (basis: VertexBasis, place: number): string => `item ${basis.items[place]!}`

/** One-sided slopes flatter than this share of the steepest possible one are taken for 0. */
const noSlope = 1e-9

export function multipliersOf(piece: LinearPiece, basis: VertexBasis, items: VertexItems): Multipliers {
  const { size } = basis
  const gradient = new Float64Array(size)
  pieceGradient(piece, gradient)
  const values = new Float64Array(size)
  const lengths = new Float64Array(size)
  const slopes = mergedSlopes(piece)
  const placeOfTie = new Map<number, number>()
  for (let l = 0; l < size; l++) {
    const direction = directionAt(basis, l)
    let sum = 0
    for (let a = 0; a < size; a++) sum -= gradient[a]! * direction[a]!
    values[l] = sum
    lengths[l] = norm(direction)
    const item = itemOf(items, basis.items[l]!)
    if (item.kind !== 'tie') continue
    placeOfTie.set(item.at, l)
    const g = piece.data.mergedOf[item.at]!
    slopes[g] = slopes[g]! + sum
  }
  return { values, lengths, slopes, placeOfTie, flat: noSlope * steepestSlope(piece) }
}

/**
 * The way down of the coordinates that are held although the loss has a slope along them, all together and measured by the basis' directions; undefined when
 * there is none. Approximate.
 */
export function freeDirection(
  basis: VertexBasis,
  { values, lengths, flat }: Multipliers,
  refused: ReadonlySet<string>
): Release | undefined {
  const { size } = basis
  const slope = (l: number) => values[l]! / lengths[l]!
  const places: number[] = []
  for (let l = 0; l < size; l++)
    if (basis.items[l]! < size && !refused.has(nameAt(basis, l)) && Math.abs(slope(l)) > flat) places.push(l)
  if (places.length === 0) return undefined
  const together = new Float64Array(size)
  for (const l of places) {
    const direction = directionAt(basis, l)
    for (let a = 0; a < size; a++) together[a] = together[a]! + (slope(l) / lengths[l]!) * direction[a]!
  }
  return { place: -1, direction: together, promises: places.map((l) => nameAt(basis, l)) }
}

/**
 * The edge along which the loss falls fastest: a tie or kink that is no longer held; the piece is then the one that the edge enters. Undefined when the
 * multipliers satisfy the first-order conditions. Approximate.
 */
export function edgeDirection(
  piece: LinearPiece,
  basis: VertexBasis,
  items: VertexItems,
  { values, lengths, slopes, placeOfTie, flat }: Multipliers,
  refused: ReadonlySet<string>
): Release | undefined {
  const { data, loss } = piece
  const candidates: { place: number; descent: number; enters: 0 | 1 }[] = []
  for (let l = 0; l < basis.size; l++) {
    const item = itemOf(items, basis.items[l]!)
    if (item.kind === 'coordinate' || refused.has(nameAt(basis, l))) continue
    const m = values[l]!
    let up: number
    let down: number
    if (item.kind === 'tie') {
      up = m - loss.above[item.at]!
      down = loss.below[item.at]! - m
    } else {
      // The multiplier is measured from the slope of the present side; the other side's slope differs by the bend.
      const bend = kinkBend(piece, slopes, item.unit, item.at)
      const positive = classSide(piece, item.unit, item.at) === 1
      up = positive ? m : m - bend
      down = positive ? -m - bend : -m
    }
    const descent = Math.max(up, down) / lengths[l]!
    if (descent > flat) candidates.push({ place: l, descent, enters: up >= down ? 1 : 0 })
  }
  if (candidates.length === 0) return undefined
  const { place, enters } = candidates.reduce((best, c) => (c.descent > best.descent ? c : best))
  const item = itemOf(items, basis.items[place]!)
  hold(piece, item, 0)
  if (item.kind === 'tie') piece.above[item.at] = enters
  else if (item.kind === 'kink' && classSide(piece, item.unit, item.at) !== enters) {
    flipClass(piece, item.unit, item.at)
    // Outputs of the class' samples have another slope there: their ties are other forms.
    for (const [i, l] of placeOfTie) {
      const g = data.mergedOf[i]!
      if (data.classOf[g] !== item.at) continue
      addForm(basis, place, l, (enters ? 1 : -1) * slopeJump(piece, item.unit) * Math.abs(data.factor[g]!))
    }
  }
  const direction = directionAt(basis, place).map((a) => (enters ? a : -a))
  return { place, direction, promises: [nameAt(basis, place)] }
}

/** The slope of the loss on the positive side of a kink minus that on the negative side: negative where it is concave. */
export const kinkBend = (piece: LinearPiece, slopes: Float64Array, j: number, k: number): number =>
  piece.data.classes[k]!.reduce((sum, g) => sum + slopeJump(piece, j) * slopes[g]! * Math.abs(piece.data.factor[g]!), 0)

/** No direction of length 1 has a steeper slope. */
function steepestSlope(piece: LinearPiece): number {
  const { data, loss, slopes, kappa } = piece
  const steep = Math.max(Math.abs(slopes.positive), Math.abs(slopes.negative)) * Math.sqrt(kappa.length)
  let total = 0
  for (let i = 0; i < data.mergedOf.length; i++) {
    const g = data.mergedOf[i]!
    const length = norm(data.x.subarray(g * data.width, (g + 1) * data.width))
    total += Math.max(Math.abs(loss.above[i]!), Math.abs(loss.below[i]!)) * (1 + steep * length)
  }
  return total
}
