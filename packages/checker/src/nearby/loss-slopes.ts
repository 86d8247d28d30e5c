import { exponential } from '../elementary.ts'
import { combination, enclose, growing, type Interval, minus, one, plus, reciprocal, sizeOf } from '../enclosure.ts'
import { reject } from '../outcome.ts'
import type { Loss } from '../problem.ts'
import { applySmooth } from '../smooth-values.ts'
import { magnitude, nothing, times, unit } from './intervals.ts'

/** The gradient and the Hessian of the loss of one sample in the outputs. */
export type LossSlopes = { readonly first: readonly Interval[]; readonly second: readonly (readonly Interval[])[] }

const diagonal = (entries: readonly Interval[]): readonly (readonly Interval[])[] =>
  entries.map((entry, o) => entries.map((_, p) => (o === p ? entry : nothing)))

/** e^(f_o) / sum of e^(f_p) for every o. */
const shares = (outputs: readonly Interval[]): readonly Interval[] =>
  outputs.map((own, o) =>
    reciprocal(outputs.map((f, p) => (p === o ? unit : growing(exponential)(minus(f, own)))).reduce(plus))
  )

const huberSlopes = (error: Interval): { readonly first: Interval; readonly second: Interval } => {
  if (magnitude(error) < one) return { first: error, second: unit }
  if (sizeOf(error).low > one) {
    return { first: error.low > 0n ? unit : { low: -one, high: -one }, second: nothing }
  }
  return reject('twice-differentiable', 'an error may be 1 in the box, where the huber loss changes its form')
}

/** The slopes of the loss of one sample whose target of output o is targets[o] / denominator. */
export const lossSlopes = (
  kind: Loss['kind'],
  outputs: readonly Interval[],
  targets: readonly bigint[],
  denominator: bigint
): LossSlopes => {
  const wanted = targets.map((target) => enclose(target, denominator))
  if (kind === 'cross-entropy') {
    const p = shares(outputs)
    return {
      first: p.map((share, o) => minus(share, wanted[o])),
      second: p.map((share, o) =>
        p.map((other, q) =>
          o === q ? times(share, minus(unit, share)) : combination([-1n], [times(share, other)], 1n)
        )
      )
    }
  }
  if (kind === 'logistic') {
    const s = outputs.map((f) => applySmooth('sigmoid', f))
    return {
      first: s.map((share, o) => minus(share, wanted[o])),
      second: diagonal(s.map((share) => times(share, minus(unit, share))))
    }
  }
  const errors = outputs.map((f, o) => minus(f, wanted[o]))
  if (kind === 'squared') return { first: errors, second: diagonal(errors.map(() => unit)) }
  if (kind === 'huber') {
    const parts = errors.map(huberSlopes)
    return { first: parts.map(({ first }) => first), second: diagonal(parts.map(({ second }) => second)) }
  }
  return reject('loss', `the ${kind} loss has kinks`)
}
