import { bestDirection } from './best-direction.ts'
import { unitSlope } from './linear-piece.ts'
import type { Multipliers, Release } from './released-direction.ts'
import { addForm, directionAt, exchange, norm, ratesOf } from './vertex-basis.ts'
import { hold, itemOf } from './vertex-items.ts'
import { correct, type VertexState } from './vertex-state.ts'

/**
 * A way down for a unit j with u_j = 0: the best of many directions and the sign of its outgoing weight that goes with it, while all held ties and the other units' kinks stay. Such a unit does nothing, so
 * its sign is free. The unit's own kinks are given up. Undefined when the unit is held by others too or no direction gains. Approximate.
 */
export function restartedUnit(
  state: VertexState,
  multipliers: Multipliers,
  j: number,
  random: () => number
): Release | undefined {
  const { piece, basis } = state
  const { data } = piece
  const found = bestDirection(
    data,
    multipliers.slopes.map((r, g) => r / data.weight[g]!),
    piece.slopes,
    random
  )
  const places = found && coordinatePlaces(state, j)
  if (!places) return undefined
  turnUnit(state, multipliers, j, places, found.outer > 0 ? 1 : -1, found.weights)
  const direction = new Float64Array(basis.size)
  for (const l of places) {
    const own = directionAt(basis, l)
    const w = found.weights[basis.items[l]! - j * data.width]!
    for (let a = 0; a < basis.size; a++) direction[a] = direction[a]! + w * own[a]!
  }
  return { place: -1, direction, promises: [] }
}

/**
 * Gives a unit j with u_j = 0 a bias so that every sample is where its slope is 0: it still does nothing, and no small change of it does. False when there is no bias or no slope 0, or when others hold
 * the unit. Approximate.
 */
export function retireUnit(state: VertexState, multipliers: Multipliers, j: number): boolean {
  const { piece, point } = state
  const { data, kappa, slopes } = piece
  const { width } = data
  const biased = data.x[width - 1] === 1
  if (!biased || (slopes.positive !== 0 && slopes.negative !== 0)) return false
  const places = coordinatePlaces(state, j)
  if (!places) return false
  const weights = new Float64Array(width)
  weights[width - 1] = (slopes.negative === 0 ? -1 : 1) * (norm(point.u) / point.units || 1)
  turnUnit(state, multipliers, j, places, kappa[j] === -1 ? -1 : 1, weights)
  point.u.set(weights, j * width)
  correct(state)
  return true
}

/** The places of the basis that hold u_j, its kinks exchanged for coordinates; undefined when the basis does not hold u_j by these alone. */
function coordinatePlaces({ piece, basis, items }: VertexState, j: number): number[] | undefined {
  const { width } = piece.data
  const places: number[] = []
  const missing = new Set(Array.from({ length: width }, (_, b) => j * width + b))
  for (let l = 0; l < basis.size; l++) {
    const item = itemOf(items, basis.items[l]!)
    if (item.kind === 'tie') continue
    if (item.kind === 'kink' ? item.unit !== j : !missing.delete(item.at)) continue
    places.push(l)
  }
  if (places.length !== width) return undefined
  const rates = new Float64Array(basis.size)
  const form = new Float64Array(basis.size)
  for (const l of places) {
    const item = itemOf(items, basis.items[l]!)
    if (item.kind !== 'kink') continue
    hold(piece, item, 0)
    const direction = directionAt(basis, l)
    const a = [...missing].reduce((best, b) => (Math.abs(direction[b]!) > Math.abs(direction[best]!) ? b : best))
    missing.delete(a)
    form.fill(0)
    form[a] = 1
    ratesOf(basis, form, rates)
    exchange(basis, l, a, rates)
  }
  return places
}

/** Puts a unit with u_j = 0 on the sides of a direction, with a sign of its outgoing weight: the forms of the held ties change with it. */
function turnUnit(
  { piece, basis }: VertexState,
  { placeOfTie }: Multipliers,
  j: number,
  places: readonly number[],
  sign: 1 | -1,
  weights: Float64Array
): void {
  const { data, kappa, side } = piece
  const { samples: n, width, x, mergedOf } = data
  const before = Array.from({ length: n }, (_, g) => unitSlope(piece, j, g))
  kappa[j] = sign
  for (let g = 0; g < n; g++) {
    let z = 0
    for (let b = 0; b < width; b++) z += weights[b]! * x[g * width + b]!
    side[j * n + g] = z > 0 ? 1 : 0
  }
  for (const l of places)
    for (const [i, tie] of placeOfTie) {
      const g = mergedOf[i]!
      const change = unitSlope(piece, j, g) - before[g]!
      if (change !== 0) addForm(basis, l, tie, change * x[g * width + basis.items[l]! - j * width]!)
    }
}
