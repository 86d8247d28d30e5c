import type { Rational } from '@nadir/arithmetic'
import type { NewtonSaddle } from '../descent/newton-saddle.ts'
import { type ExactPoint, toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Json } from './canonical.ts'
import { type Certificate, pointDocument, seal, vectorDocument } from './certificate.ts'
import { nearbyClaim, shortNumber } from './nearby-certificate.ts'
import { problemDocument } from './problem-document.ts'

/** The statement that there is a saddle within `radius` of a point, its loss between two numbers, with its certificate. Proved when the checker accepts it. */
export interface NearbySaddle {
  readonly point: ExactPoint
  readonly radius: Rational
  readonly loss: Rational
  readonly lower: Rational
  /** Number of negative eigenvalues; undefined where some eigenvalues were not looked at. */
  readonly index: number | undefined
  readonly certificate: Certificate
}

/** Rows of a square matrix in numbers of about fifty bits; undefined for one too large for them. */
export function squareRows(matrix: Float64Array, size: number): Json[] | undefined {
  const largest = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const bits = 50 - Math.ceil(Math.log2(largest))
  if (!(bits >= 0)) return undefined
  const denominator = 1n << BigInt(bits)
  return Array.from({ length: size }, (_, k) =>
    vectorDocument({
      denominator,
      numerators: Array.from(matrix.subarray(k * size, (k + 1) * size), (x) => BigInt(Math.round(x * 2 ** bits)))
    })
  )
}

/** The rule `contraction-saddle` for a saddle found in doubles, its cube of half-width `reach` beyond what the gradient asks for, in the coordinates of the frame. Undefined for problems that the format has no words for. */
export function nearbySaddle(problem: Problem, found: NewtonSaddle, reach: number): NearbySaddle | undefined {
  const { theta, loss: value, gradient, asleep, free, frame, negative, direction } = found
  const document = problemDocument(problem)
  const size = free.length
  const rows = squareRows(frame, size)
  if (document === undefined || rows === undefined) return undefined
  let longest = 0
  let slopes = 0
  let steepest = 0
  for (let k = 0; k < size; k++) {
    let length = 0
    let slope = 0
    for (let j = 0; j < size; j++) {
      length += Math.abs(frame[k * size + j]!)
      slope += frame[j * size + k]! * gradient[free[j]!]!
    }
    longest = Math.max(longest, length)
    slopes += Math.abs(slope)
    steepest = Math.max(steepest, Math.abs(slope))
  }
  const rho = reach + 10 * steepest
  const margin = 1e-11 * (1 + Math.abs(value)) + 4 * rho * (slopes + size * rho)
  const point = toExact(problem.network, { kind: 'float', values: theta })
  const numbers = {
    radius: shortNumber(rho * longest, 1),
    loss: shortNumber(value + margin, 1),
    lower: shortNumber(value - margin, -1)
  }
  const index = asleep.length === 0 ? negative : undefined
  const claim = { ...nearbyClaim('saddle-nearby', point, numbers), ...(index === undefined ? {} : { index }) }
  const evidence: { [key: string]: Json } = {
    rule: 'contraction-saddle',
    asleep: asleep.map(([l, u]) => [l, u]),
    frame: rows,
    negative,
    ...(direction ? { direction: alongDocument(point, direction) } : {})
  }
  return { point, ...numbers, index, certificate: seal(document, claim, evidence) }
}

/** A direction in thousandths of its largest entry: it need not be exact. */
function alongDocument({ tensors }: ExactPoint, direction: Float64Array): Json {
  const largest = direction.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const rounded = direction.map((x) => Math.round((1000 * x) / largest))
  let start = 0
  return pointDocument({
    kind: 'exact',
    tensors: tensors.map((tensor) => {
      const end = start + tensor.numerators.length
      const numerators = Array.from(rounded.subarray(start, end), (x) => BigInt(x))
      start = end
      return { denominator: 1000n, numerators }
    })
  })
}
