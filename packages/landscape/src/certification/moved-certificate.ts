import { fromNumber, parseExact, type Rational, toText } from '@nadir/arithmetic'
import type { MovedTargets } from '../descent/moved-targets.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Json } from './canonical.ts'
import { type Certificate, pointDocument, seal } from './certificate.ts'
import { problemDocument } from './problem-document.ts'
import { squareRows } from './saddle-certificate.ts'

/** What a point is for targets none of which moves by more than `change`, with its certificate. Proved when the checker accepts it. */
export interface MovedStatement {
  readonly claim: 'critical' | 'local-minimum' | 'saddle'
  readonly change: Rational
  readonly certificate: Certificate
}

/** The statements that the rule `moved-targets` may prove, the stronger one first. The loss is the one in doubles for the targets of the problem. */
export function movedStatements(
  problem: Problem,
  point: ExactPoint,
  loss: number,
  found: MovedTargets
): readonly MovedStatement[] {
  const { idle, scaled, change: moves, errors, second } = found
  const document = problemDocument(problem)
  const size = Math.round(Math.sqrt(found.factor.length))
  const factor = squareRows(found.factor, size)
  if (document === undefined || factor === undefined || !Number.isFinite(loss)) return []
  const largest = (v: Float64Array): number => v.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  // Room for the rounding of errors and of the factor; no digits that nobody reads.
  const wide = 1.02 * largest(moves) + 1e-14 * (1 + largest(errors))
  const change = parseExact(wide.toPrecision(3)) ?? fromNumber(wide)
  const margin = 1e-9 * (1 + Math.abs(loss))
  const place = {
    point: pointDocument(point),
    loss: toText(fromNumber(loss + margin)),
    lower: toText(fromNumber(Math.max(0, loss - margin))),
    change: toText(change)
  }
  const evidence: { [key: string]: Json } = { rule: 'moved-targets', idle: [...idle], scaled: [...scaled], factor }
  const statement = (claim: MovedStatement['claim'], more: { [key: string]: Json } = {}): MovedStatement => ({
    claim,
    change,
    certificate: seal(document, { kind: `${claim}-for-moved-targets`, ...place }, { ...evidence, ...more })
  })
  const frame = second && squareRows(second.frame, size)
  if (!second || !frame || second.negative === size) return [statement('critical')]
  const kind = second.negative === 0 ? 'local-minimum' : 'saddle'
  return [statement(kind, { frame, negative: second.negative }), statement('critical')]
}
