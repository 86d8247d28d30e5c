import { feasibleInBox, integerMatrix, lcm, type RationalVector, reduceVector, sign } from '@nadir/arithmetic'
import type { Configuration } from '../cells/configuration.ts'
import { unitForm } from '../cells/kink-classes.ts'
import type { Decision } from './decision.ts'
import { type Direction, directionOf } from './direction.ts'
import { decideFirstOrder } from './first-order.ts'
import { tieInterval } from './global-bound.ts'
import { oneSidedDerivative } from './one-sided-derivative.ts'

/**
 * The first-order test for the absolute and hinge loss with one output: are there subgradients at the ties and slopes on the kinks that satisfy every
 * condition at once? One exact linear program over all units. A solution proves a local minimum; without one the dual ray is a direction, and
 * the point is not stationary when the loss really falls along it. Otherwise undecided. Exact.
 */
export function decideNonsmooth(configuration: Configuration): Decision {
  const { view, ties, outer, residuals } = configuration
  const { width, units } = view
  // Unknowns: a subgradient for each tie (over the residuals' denominator), then for each kink class of a unit with v != 0 its slope above the
  // left one-sided slope and below the right one, both >= 0. Everything is affine in the subgradients: probe with unit vectors.
  const base = withSubgradients(
    configuration,
    ties.map(() => 0n)
  )
  const forms = Array.from({ length: units }, (_, j) => unitForm(base, j))
  const probes = ties.map((_, t) => {
    const probe = withSubgradients(
      configuration,
      ties.map((_, s) => (s === t ? 1n : 0n))
    )
    return Array.from({ length: units }, (_, j) => unitForm(probe, j))
  })
  const rows: { coefficients: Map<number, bigint>; rhs: bigint }[] = []
  const lower: (bigint | undefined)[] = ties.map((i) => tieInterval(configuration, i)[0])
  const upper: (bigint | undefined)[] = ties.map((i) => tieInterval(configuration, i)[1])
  const tiedSamples = new Set(ties)
  if (view.outputBias) {
    let fixed = 0n
    for (let i = 0; i < view.samples; i++) if (!tiedSamples.has(i)) fixed += residuals.numerators[i]!
    rows.push({ coefficients: new Map(ties.map((_, t) => [t, 1n])), rhs: -fixed })
  }
  const biasRows = rows.length
  const unitRows: { j: number; first: number }[] = []
  for (let j = 0; j < units; j++) {
    const kappa = BigInt(sign(outer[j]![0]!))
    const weight = kappa === 0n ? 1n : kappa
    const form = forms[j]!
    /** constant[k] + sum over classes of left_k vector_k (slack comes on top), as an affine function of the subgradients. */
    const affine = (f: typeof form, k: number) =>
      weight * (f.constant[0]![k]! + f.classes.reduce((sum, c) => sum + c.left[0]! * c.vector[k]!, 0n))
    const slackAt = lower.length
    if (kappa !== 0n)
      for (const _ of form.classes) {
        lower.push(0n, 0n)
        upper.push(undefined, undefined)
      }
    unitRows.push({ j, first: rows.length })
    for (let k = 0; k < width; k++) {
      const coefficients = new Map<number, bigint>()
      for (const [t] of ties.entries()) coefficients.set(t, affine(probes[t]![j]!, k) - affine(form, k))
      if (kappa !== 0n)
        for (const [c, kinkClass] of form.classes.entries()) coefficients.set(slackAt + 2 * c, kinkClass.vector[k]!)
      rows.push({ coefficients, rhs: -affine(form, k) })
    }
    for (const c of form.classes.keys()) {
      const gap = (f: typeof form) => weight * (f.classes[c]!.right[0]! - f.classes[c]!.left[0]!)
      const coefficients = new Map<number, bigint>()
      for (const [t] of ties.entries()) coefficients.set(t, gap(form) - gap(probes[t]![j]!))
      if (kappa !== 0n) {
        coefficients.set(slackAt + 2 * c, 1n)
        coefficients.set(slackAt + 2 * c + 1, 1n)
      }
      rows.push({ coefficients, rhs: gap(form) })
    }
  }
  const columns = lower.length
  const matrix = integerMatrix(
    rows.length,
    columns,
    rows.flatMap((r) => Array.from({ length: columns }, (_, c) => r.coefficients.get(c) ?? 0n))
  )
  const answer = feasibleInBox(
    matrix,
    rows.map((r) => r.rhs),
    lower,
    upper
  )
  if (answer.kind === 'feasible') {
    // The unknowns of the program are over the denominator of the residuals.
    const subgradients = {
      denominator: answer.denominator * residuals.denominator,
      numerators: answer.numerators.slice(0, ties.length)
    }
    const decision = decideWithSubgradients(configuration, subgradients)
    if (!decision) throw new Error('a solution of the first-order program must pass the test')
    return decision
  }
  const direction = dualDirection(configuration, answer.certificate, biasRows, unitRows)
  if (sign(oneSidedDerivative(configuration, direction)) < 0)
    return { kind: 'not-stationary', direction, reason: 'no subgradients balance: the loss falls in some direction' }
  return {
    kind: 'undecided',
    reason: 'no subgradients and slopes satisfy the first-order conditions, and no direction of descent was found',
    tryNext: 'the point may sit on a concave kink: perturb it slightly and certify again'
  }
}

/** The configuration with these subgradients at the ties, over the denominator of the residuals. */
function withSubgradients(configuration: Configuration, values: readonly bigint[]): Configuration {
  const numerators = [...configuration.residuals.numerators]
  for (const [t, i] of configuration.ties.entries()) numerators[i] = values[t]!
  return { ...configuration, residuals: { denominator: configuration.residuals.denominator, numerators } }
}

/**
 * The decision `local-minimum` when the first-order test passes with these subgradients at the ties (in the order of `ties`); undefined when one of them is none or the test does not pass, which
 * proves nothing. Exact.
 */
export function decideWithSubgradients(
  configuration: Configuration,
  subgradients: RationalVector
): Extract<Decision, { kind: 'local-minimum' }> | undefined {
  const { ties, residuals } = configuration
  const common = lcm(residuals.denominator, subgradients.denominator)
  const factor = common / residuals.denominator
  const chosen = subgradients.numerators.map((a) => a * (common / subgradients.denominator))
  for (const [t, i] of ties.entries()) {
    const [low, high] = tieInterval(configuration, i)
    if (chosen[t]! < low * factor || chosen[t]! > high * factor) return undefined
  }
  const numerators = residuals.numerators.map((r) => r * factor)
  for (const [t, i] of ties.entries()) numerators[i] = chosen[t]!
  const decision = decideFirstOrder({ ...configuration, residuals: { denominator: common, numerators } })
  return decision.kind === 'local-minimum'
    ? { ...decision, evidence: { ...decision.evidence, subgradients: reduceVector(subgradients) } }
    : undefined
}

/** The direction whose changes of c and w~_j are the dual values of their equations. */
function dualDirection(
  configuration: Configuration,
  dual: readonly bigint[],
  biasRows: number,
  unitRows: readonly { j: number; first: number }[]
): Direction {
  const { view } = configuration
  const parts = unitRows.map(({ j, first }) => {
    // The equations speak of |v_j| w~_j.
    const v = configuration.outer[j]![0]!
    const denominator = v.numerator < 0n ? -v.numerator : v.numerator || 1n
    const numerators = dual.slice(first, first + view.width).map((a) => a * v.denominator)
    return directionOf(view, {
      hidden: { unit: j, change: { denominator, numerators } },
      ...(biasRows > 0 && j === 0 ? { bias: { denominator: 1n, numerators: [dual[0]!] } } : {})
    })
  })
  return parts.reduce((sum, p) => ({
    kind: 'exact',
    tensors: sum.tensors.map((t, k) => {
      const other = p.tensors[k]!
      return reduceVector({
        denominator: t.denominator * other.denominator,
        numerators: t.numerators.map((a, i) => a * other.denominator + other.numerators[i]! * t.denominator)
      })
    })
  }))
}
