import { fromNumber, type Rational, toText } from '@nadir/arithmetic'
import { type ExactPoint, toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Json } from './canonical.ts'
import { type Certificate, pointDocument, seal } from './certificate.ts'
import { problemDocument } from './problem-document.ts'

/** Two numbers between which a loss lies. */
export interface LossBounds {
  readonly lower: Rational
  readonly upper: Rational
}

/** A statement about a point whose loss is known between two numbers, with its certificate. Proved when the checker accepts it. */
export interface BoundedStatement {
  readonly bounds: LossBounds
  readonly certificate: Certificate
}

/** Far more than the rounding of a sum in doubles, far less than what anybody reads. */
const margin = (loss: number): number => 1e-9 * (1 + Math.abs(loss))

function bounded(
  problem: Problem,
  point: ExactPoint,
  loss: number,
  kind: 'not-stationary' | 'no-minimum',
  evidence: Json
): BoundedStatement | undefined {
  const document = problemDocument(problem)
  if (document === undefined || !Number.isFinite(loss)) return undefined
  const bounds = { lower: fromNumber(Math.max(0, loss - margin(loss))), upper: fromNumber(loss + margin(loss)) }
  const claim = { kind, point: pointDocument(point), loss: toText(bounds.upper), lower: toText(bounds.lower) }
  return { bounds, certificate: seal(document, claim, evidence) }
}

/** The statement that the loss, in doubles `loss`, falls along a direction; undefined for problems that the format has no words for. */
export function fallingStatement(
  problem: Problem,
  point: ExactPoint,
  loss: number,
  direction: Float64Array
): BoundedStatement | undefined {
  const largest = direction.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  if (!(largest > 0)) return undefined
  const short = direction.map((x) => Math.round((x / largest) * 2 ** 20))
  const along = toExact(problem.network, { kind: 'float', values: short })
  return bounded(problem, point, loss, 'not-stationary', { rule: 'enclosed-slope', direction: pointDocument(along) })
}

/** The statement that the point separates the samples, so that the loss has no minimum; undefined for problems that the format has no words for. */
export const separationStatement = (problem: Problem, point: ExactPoint, loss: number): BoundedStatement | undefined =>
  bounded(problem, point, loss, 'no-minimum', { rule: 'separation' })
