import { type Rational, rational, sign } from '@nadir/arithmetic'
import type { Configuration } from '../cells/configuration.ts'
import type { OneHiddenLayer } from '../traits.ts'
import type { Decision } from './decision.ts'

/** Samples with equal inputs, grouped; each group in ascending order. */
export function sameInputGroups(view: OneHiddenLayer): readonly (readonly number[])[] {
  const { samples: n, problem } = view
  const d = problem.data.inputCount
  const groups = new Map<string, number[]>()
  for (let i = 0; i < n; i++) {
    const key = problem.data.inputs.numerators.slice(i * d, (i + 1) * d).join(' ')
    const known = groups.get(key)
    if (known) known.push(i)
    else groups.set(key, [i])
  }
  return [...groups.values()]
}

/** The decision `global-minimum` when the loss is 0, or when no function at all does better on any group of equal inputs. Exact. */
export function decideGlobal(configuration: Configuration): Decision | undefined {
  const { view, residuals, loss, ties } = configuration
  if (sign(loss) === 0) return { kind: 'global-minimum', rule: 'zero-loss', reason: 'every sample is fitted exactly' }
  const groups = sameInputGroups(view)
  if (groups.length === view.samples) return undefined
  const tied = new Set(ties)
  for (const group of groups)
    for (let o = 0; o < view.outputs; o++) {
      let low = 0n
      let high = 0n
      for (const i of group) {
        const [a, b] = tied.has(i) ? tieInterval(configuration, i) : pair(residuals.numerators[o * view.samples + i]!)
        low += a
        high += b
      }
      if (low > 0n || high < 0n) return undefined
    }
  return {
    kind: 'global-minimum',
    rule: 'same-input-bound',
    reason: 'equal inputs with different targets bound the loss from below, and the bound is reached'
  }
}

const pair = (a: bigint): [bigint, bigint] => [a, a]

/** The subdifferential at a tie, over the denominator of the residuals. */
export function tieInterval(configuration: Configuration, i: number): [bigint, bigint] {
  const { view, residuals } = configuration
  if (view.problem.loss === 'absolute') return [-residuals.denominator, residuals.denominator]
  const y = view.problem.data.targets
  const slope = -y.numerators[i]! * (residuals.denominator / y.denominator)
  return slope < 0n ? [slope, 0n] : [0n, slope]
}

/**
 * A lower bound of the loss over all functions of the inputs: samples with equal inputs get one prediction. Exact; 0 when all inputs differ.
 */
export function sameInputBound(view: OneHiddenLayer): Rational {
  const { problem, outputs: m } = view
  const y = problem.data.targets
  const n = BigInt(view.samples)
  let numerator = 0n
  let denominator = 1n
  const addTo = (p: bigint, q: bigint) => {
    const sum = rational(numerator * q + p * denominator, denominator * q)
    numerator = sum.numerator
    denominator = sum.denominator
  }
  for (const group of sameInputGroups(view)) {
    if (group.length === 1) continue
    for (let o = 0; o < m; o++) {
      const values = group.map((i) => y.numerators[i * m + o]!)
      if (problem.loss === 'squared') {
        const size = BigInt(values.length)
        const sum = values.reduce((a, b) => a + b, 0n)
        const squares = values.reduce((a, b) => a + b * b, 0n)
        addTo(squares * size - sum * sum, 2n * size * y.denominator * y.denominator)
      } else if (problem.loss === 'absolute') {
        const sorted = values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        const median = sorted[sorted.length >> 1]!
        addTo(
          sorted.reduce((a, b) => a + (b > median ? b - median : median - b), 0n),
          y.denominator
        )
      } else {
        // Convex piecewise linear in f with breakpoints 1/y: the minimum is at one of them, or 0 slope everywhere.
        const at = [...values.filter((v) => v !== 0n).map((v) => rational(y.denominator, v)), rational(0n)]
        let best: Rational | undefined
        for (const f of at) {
          let p = 0n
          const q = y.denominator * f.denominator
          for (const v of values) {
            const margin = q - v * f.numerator
            if (margin > 0n) p += margin
          }
          if (!best || p * best.denominator < best.numerator * q) best = rational(p, q)
        }
        addTo(best!.numerator, best!.denominator)
      }
    }
  }
  return problem.reduction === 'mean' ? rational(numerator, denominator * n) : rational(numerator, denominator)
}
