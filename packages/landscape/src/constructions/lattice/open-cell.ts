import { integerMatrix, minimizeInBox, type Rational, rational } from '@nadir/arithmetic'

/** g stands for the inequality g[0] x_0 + ... + g[d-1] x_(d-1) + g[d] > 0 with integers. */
export type HalfSpace = readonly bigint[]

/** x_k = X[k] / X[d], X[d] > 0: a rational point as integers. */
export type HomogeneousPoint = readonly bigint[]

/** All points at which every inequality holds, one of which is the witness. Exact. */
export interface OpenCell {
  readonly halfSpaces: readonly HalfSpace[]
  readonly witness: HomogeneousPoint
}

export const wholeSpace = (inputs: number): OpenCell => ({
  halfSpaces: [],
  witness: [...new Array<bigint>(inputs).fill(0n), 1n]
})

/** g . X: the value at the point times X[d], so of the same sign. */
export const valueAt = (g: HalfSpace, point: HomogeneousPoint): bigint =>
  g.reduce((sum, a, k) => sum + a * point[k]!, 0n)

export const opposite = (g: HalfSpace): HalfSpace => g.map((a) => -a)

/**
 * The parts of a cell on both sides of the hyperplane h = 0, h not constant; a part without points is missing. In one and two dimensions by direct
 * computation, else by a linear program. Exact.
 */
export function splitCell(cell: OpenCell, h: HalfSpace): { readonly above?: OpenCell; readonly below?: OpenCell } {
  const middle = pointOn(h, cell.halfSpaces)
  const side = valueAt(h, cell.witness)
  if (!middle) return side > 0n ? { above: cell } : { below: cell }
  const part = (g: HalfSpace, isWitness: boolean): OpenCell => ({
    halfSpaces: [...cell.halfSpaces, g],
    witness: isWitness ? cell.witness : stepFrom(middle, g, cell.halfSpaces)
  })
  return { above: part(h, side > 0n), below: part(opposite(h), side < 0n) }
}

const isInside = (point: HomogeneousPoint, halfSpaces: readonly HalfSpace[]): boolean =>
  halfSpaces.every((g) => valueAt(g, point) > 0n)

/** A point of the cell whose coordinates have the smallest power of two as a common denominator that rounding the witness allows. */
export function shortWitness({ witness, halfSpaces }: OpenCell): HomogeneousPoint {
  const scale = witness.at(-1)!
  for (let unit = 1n; unit < scale; unit *= 2n) {
    const rounded = witness.map((a, k) =>
      k === witness.length - 1 ? unit : floorOf(2n * a * unit + scale, 2n * scale)
    )
    if (isInside(rounded, halfSpaces)) return rounded
  }
  return witness
}

/** From a point of the cell on g = 0 a step to where g > 0, halved until it stays in the cell. */
function stepFrom(point: HomogeneousPoint, g: HalfSpace, halfSpaces: readonly HalfSpace[]): HomogeneousPoint {
  const d = point.length - 1
  const largest = g.slice(0, d).reduce((most, a) => (a > most ? a : -a > most ? -a : most), 1n)
  for (let scale = largest; ; scale *= 2n) {
    const next = point.map((a, k) => (k === d ? a * scale : a * scale + g[k]! * point[d]!))
    if (isInside(next, halfSpaces)) return next
  }
}

/** A point of the open cell on the hyperplane h = 0; undefined when there is none. */
function pointOn(h: HalfSpace, halfSpaces: readonly HalfSpace[]): HomogeneousPoint | undefined {
  if (h.length === 2) {
    const point = h[0]! > 0n ? [-h[1]!, h[0]!] : [h[1]!, -h[0]!]
    return isInside(point, halfSpaces) ? point : undefined
  }
  return h.length === 3 ? pointOnLine(h, halfSpaces) : pointOnHyperplane(h, halfSpaces)
}

/** The line b y = -(a x + c), or x = -c/a for b = 0, against every inequality: an interval of the free coordinate. */
function pointOnLine(h: HalfSpace, halfSpaces: readonly HalfSpace[]): HomogeneousPoint | undefined {
  const [a, b, c] = h as readonly [bigint, bigint, bigint]
  const isSteep = b === 0n
  const [p, q] = isSteep ? [b, a] : [a, b]
  const positive = q > 0n ? 1n : -1n
  let low: Rational | undefined
  let high: Rational | undefined
  for (const g of halfSpaces) {
    const [free, bound] = isSteep ? [g[1]!, g[0]!] : [g[0]!, g[1]!]
    const slope = positive * (free * q - bound * p)
    const constant = positive * (g[2]! * q - bound * c)
    if (slope === 0n) {
      if (constant <= 0n) return undefined
      continue
    }
    const end = rational(-constant, slope)
    if (slope > 0n) low = low === undefined || isLess(low, end) ? end : low
    else high = high === undefined || isLess(end, high) ? end : high
  }
  if (low && high && !isLess(low, high)) return undefined
  const t = shortBetween(low, high)
  // t is the free coordinate, -(p t + c) / q the other.
  const other = positive * -(p * t.numerator + c * t.denominator)
  const size = positive * q
  return isSteep ? [other, t.numerator * size, t.denominator * size] : [t.numerator * size, other, t.denominator * size]
}

const isLess = (a: Rational, b: Rational): boolean => a.numerator * b.denominator < b.numerator * a.denominator

const floorOf = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b))

const floor = ({ numerator, denominator }: Rational): bigint => floorOf(numerator, denominator)

/** A number strictly between two numbers with a short denominator; undefined ends are infinite. */
function shortBetween(low: Rational | undefined, high: Rational | undefined): Rational {
  const isNegative = low === undefined || low.numerator < 0n
  if (isNegative && (high === undefined || high.numerator > 0n)) return rational(0n)
  if (low === undefined) return rational(-floor(rational(-high!.numerator, high!.denominator)) - 1n)
  for (let scale = 1n; ; scale *= 2n) {
    const next = rational(floor(rational(low.numerator * scale, low.denominator)) + 1n, scale)
    if (high === undefined || isLess(next, high)) return next
  }
}

/**
 * The same in any dimension: the greatest t with g(x, s) >= |g| t for every inequality and s >= t, over h(x, s) = 0 and a box, x and s homogeneous coordinates;
 * it is positive exactly when there is a point.
 */
function pointOnHyperplane(h: HalfSpace, halfSpaces: readonly HalfSpace[]): HomogeneousPoint | undefined {
  const d = h.length - 1
  const size = (g: HalfSpace) => g.reduce((most, a) => (a > most ? a : -a > most ? -a : most), 1n)
  const rows = halfSpaces.map((g) => ({ g, t: size(g) }))
  rows.push({ g: [...new Array<bigint>(d).fill(0n), 1n], t: 1n })
  const columns = d + 2 + rows.length
  const matrix = [
    ...[...h, 0n, ...rows.map(() => 0n)],
    ...rows.flatMap(({ g, t }, i) => [...g, -t, ...rows.map((_, k) => (k === i ? -1n : 0n))])
  ]
  const fill = <T>(value: T, length: number) => new Array<T>(length).fill(value)
  const answer = minimizeInBox(
    {
      matrix: integerMatrix(rows.length + 1, columns, matrix),
      b: fill(0n, rows.length + 1),
      lower: [...fill(-1n, d), 0n, 0n, ...fill(0n, rows.length)],
      upper: [...fill(1n, d), 1n, 1n, ...fill<bigint | undefined>(undefined, rows.length)]
    },
    [...fill(0n, d + 1), -1n, ...fill(0n, rows.length)]
  )
  if (answer.kind !== 'optimal') throw new Error('pointOnHyperplane: a box program around 0 has a minimum')
  return answer.value.numerator < 0n ? answer.point.numerators.slice(0, d + 1) : undefined
}
