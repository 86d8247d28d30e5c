/**
 * As many independent linear forms as coordinates, each held at a value of its own, with the inverse of their matrix: a vertex of the simplex method, and the directions
 * along which one form changes while the others keep their values. A form may be a coordinate itself (held where it happens to be). Approximate; mutable.
 */
export interface VertexBasis {
  readonly size: number
  /** What is held at each place: a number below `size` is that coordinate, others mean what the owner says. */
  readonly items: Int32Array
  /** size x size: column l is the direction along which the form at place l grows by 1 and the others stay. */
  readonly directions: Float64Array
}

/** Every coordinate is held where it is. */
export function coordinateBasis(size: number): VertexBasis {
  const directions = new Float64Array(size * size)
  for (let l = 0; l < size; l++) directions[l * size + l] = 1
  return { size, items: Int32Array.from({ length: size }, (_, l) => l), directions }
}

/** How fast the form grows along each direction of the basis. */
export function ratesOf(basis: VertexBasis, form: Float64Array, out: Float64Array): void {
  const { size, directions } = basis
  for (let l = 0; l < size; l++) {
    let sum = 0
    for (let a = 0; a < size; a++) sum += form[a]! * directions[l * size + a]!
    out[l] = sum
  }
}

/** Puts an item at a place, given the rates of its form along the directions; the rate at that place is not 0. */
export function exchange(basis: VertexBasis, place: number, item: number, rates: Float64Array): void {
  const { size, directions } = basis
  const own = directions.subarray(place * size, (place + 1) * size)
  const pivot = rates[place]!
  for (let a = 0; a < size; a++) own[a] = own[a]! / pivot
  for (let l = 0; l < size; l++) {
    const rate = rates[l]!
    if (l === place || rate === 0) continue
    for (let a = 0; a < size; a++) directions[l * size + a] = directions[l * size + a]! - rate * own[a]!
  }
  basis.items[place] = item
}

/** The form at `place` is added `factor` times to the form at `other`, which keeps its name and its value. */
export function addForm(basis: VertexBasis, place: number, other: number, factor: number): void {
  const { size, directions } = basis
  for (let a = 0; a < size; a++)
    directions[place * size + a] = directions[place * size + a]! - factor * directions[other * size + a]!
}

export const directionAt = (basis: VertexBasis, place: number): Float64Array =>
  basis.directions.subarray(place * basis.size, (place + 1) * basis.size)

/** The basis of the same items computed afresh; items that turn out to depend on the others are dropped for coordinates. */
export function refreshed(basis: VertexBasis, formOf: (item: number) => Float64Array): VertexBasis {
  const { size } = basis
  const fresh = coordinateBasis(size)
  const rates = new Float64Array(size)
  for (const item of basis.items) {
    if (item < size) continue
    const form = formOf(item)
    ratesOf(fresh, form, rates)
    let place = -1
    for (let l = 0; l < size; l++)
      if (fresh.items[l]! < size && (place < 0 || Math.abs(rates[l]!) > Math.abs(rates[place]!))) place = l
    if (place >= 0 && Math.abs(rates[place]!) > leastPivot * norm(form)) exchange(fresh, place, item, rates)
  }
  return fresh
}

/** Rates below this share of the form's length are taken for 0. */
export const leastPivot = 1e-9

export function norm(v: Float64Array): number {
  let sum = 0
  for (const a of v) sum += a * a
  return Math.sqrt(sum)
}
