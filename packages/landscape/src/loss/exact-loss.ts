import { absolute, type Rational, rational } from '@nadir/arithmetic'
import type { ExactRows } from '../network/evaluate-exact.ts'
import type { Problem } from '../problem.ts'
import { isRationalLoss } from './loss.ts'

/** The loss at given outputs, with a subgradient for every sample. Exact. */
export interface ExactLoss {
  readonly loss: Rational
  /** Row i is r_i, the gradient of ell(., y_i) at the output, without the factor of the reduction; at a tie any subgradient. */
  readonly residuals: ExactRows
  /** Samples where the absolute or hinge loss has a kink, ascending. */
  readonly ties: readonly number[]
}

/** The loss of outputs (one row for each sample), without weight decay. @throws RangeError for a loss that leaves the rationals */
export function exactLoss(problem: Problem, outputs: ExactRows): ExactLoss {
  const { data, loss: kind, reduction } = problem
  if (!isRationalLoss(kind)) throw new RangeError(`exactLoss: the ${kind} loss leaves the rational numbers`)
  const { targetCount: m, targets } = data
  const denominator = outputs.denominator * targets.denominator
  const shares = reduction === 'mean' ? BigInt(data.samples) : 1n
  const target = (i: number, o: number): bigint => targets.numerators[i * m + o]!
  if (kind === 'hinge') {
    const margins = outputs.rows.map((row, i) => denominator - target(i, 0) * row[0]!)
    return {
      loss: rational(
        margins.reduce((sum, a) => (a > 0n ? sum + a : sum), 0n),
        denominator * shares
      ),
      residuals: {
        rows: margins.map((a, i) => [a > 0n ? -target(i, 0) : 0n]),
        denominator: targets.denominator
      },
      ties: indices(margins, (a, i) => a === 0n && target(i, 0) !== 0n)
    }
  }
  const errors = outputs.rows.map((row, i) =>
    row.map((f, o) => f * targets.denominator - target(i, o) * outputs.denominator)
  )
  if (kind === 'squared') {
    const squares = errors.reduce((sum, row) => row.reduce((part, e) => part + e * e, sum), 0n)
    return {
      loss: rational(squares, 2n * denominator * denominator * shares),
      residuals: { rows: errors, denominator },
      ties: []
    }
  }
  return {
    loss: rational(
      errors.reduce((sum, [e]) => sum + absolute(e!), 0n),
      denominator * shares
    ),
    residuals: { rows: errors.map(([e]) => [e! > 0n ? 1n : e! < 0n ? -1n : 0n]), denominator: 1n },
    ties: indices(errors, ([e]) => e === 0n)
  }
}

const indices = <T>(items: readonly T[], test: (item: T, i: number) => boolean): number[] =>
  items.flatMap((item, i) => (test(item, i) ? [i] : []))
