import { dot, type RationalVector, ratioToNumber, sign } from '@nadir/arithmetic'
import { type Configuration, hiddenRows } from '../cells/configuration.ts'
import { type UnitForm, unitForm } from '../cells/kink-classes.ts'
import type { Decision } from './decision.ts'
import { directionOf } from './direction.ts'
import { freeUnitDescent } from './free-unit.ts'
import { decideLifted } from './lifted-first-order.ts'
import { type HomogeneousForm, signOfForm } from './one-sided-slopes.ts'
import { saddle } from './saddle.ts'
import { scalarForm } from './scalar-form.ts'
import { type RawRow, slopeEvidence } from './slope-evidence.ts'

/** A number in a reason, for a person. */
const amount = (p: bigint, q: bigint): string => ratioToNumber(p, q).toPrecision(3)

const integers = (numerators: readonly bigint[]): RationalVector => ({ denominator: 1n, numerators })

/** sum_i r_i for each output, times the denominator of the residuals. */
export function residualSums(configuration: Configuration): bigint[] {
  const { view, residuals } = configuration
  return Array.from({ length: view.outputs }, (_, o) => {
    let sum = 0n
    for (let i = 0; i < view.samples; i++) sum += residuals.numerators[o * view.samples + i]!
    return sum
  })
}

/** The slopes of the classes that are not concave, as the certificate wants them. */
function rawRow(form: UnitForm, scalar: HomogeneousForm & { multiple: bigint }, row: RationalVector): RawRow {
  const kept = form.classes.flatMap((_, k) => (scalar.terms[k]!.right < scalar.terms[k]!.left ? [] : [k]))
  return {
    classes: kept.map((k) => form.classes[k]!),
    numerators: kept.map((k) => [row.numerators[k]!]),
    divisor: row.denominator * scalar.multiple
  }
}

/**
 * The complete test for one hidden layer, one output and squared loss: every point is decided, on kinks too. For several outputs the
 * conditions are sufficient only, and `undecided` is possible. Exact. Reference: Wu, Simsek, Ged (arXiv 2402.05626) for one output.
 *
 * For losses with kinks call it with subgradients already chosen in `residuals`: a `local-minimum` is then proved, refutations are not.
 */
export function decideFirstOrder(configuration: Configuration): Decision {
  const { view, outer, signs } = configuration
  const sums = residualSums(configuration)
  if (view.outputBias && sums.some((s) => s !== 0n))
    return {
      kind: 'not-stationary',
      direction: directionOf(view, { bias: integers(sums.map((s) => (s > 0n ? -1n : s < 0n ? 1n : 0n))) }),
      reason: `the residuals add up to ${amount(sums.find((s) => s !== 0n)!, configuration.residuals.denominator)}, not to 0: moving the output bias lowers the loss`
    }
  const forms = outer.map((_, j) => unitForm(configuration, j))
  const { rows: weights } = hiddenRows(view, configuration.point)
  for (const [j, form] of forms.entries()) {
    // Phi_j = sum_i r_i h(z_ij) = constant . w~_j, the derivative with respect to the outgoing weight up to a positive factor.
    const phi = form.constant.map((sum) => dot(sum, weights[j]!))
    if (phi.some((a) => a !== 0n))
      return {
        kind: 'not-stationary',
        direction: directionOf(view, {
          outer: { unit: j, change: integers(phi.map((a) => (a > 0n ? -1n : a < 0n ? 1n : 0n))) }
        }),
        reason: `the loss has slope ${amount(phi.find((a) => a !== 0n)!, configuration.residuals.denominator * configuration.activations.denominator)} along the outgoing weight of unit ${j}`
      }
  }
  const rows: RawRow[][] = []
  for (const [j, form] of forms.entries()) {
    if (outer[j]!.every((v) => sign(v) === 0)) {
      rows.push([])
      continue
    }
    const scalar = scalarForm(configuration, j, form)
    const answer = signOfForm(scalar)
    if (answer.kind === 'undecided')
      return {
        kind: 'undecided',
        reason: `unit ${j} has ${answer.concave} samples on concave dependent kinks: 2^${answer.concave} cases`,
        tryNext: 'perturb the point slightly and certify the point it settles to'
      }
    if (answer.kind === 'negative')
      return {
        kind: 'not-stationary',
        direction: directionOf(view, { hidden: { unit: j, change: integers(answer.direction) } }),
        reason: form.classes.length
          ? `unit ${j} can be turned at its ${form.classes.length} kink${form.classes.length > 1 ? 's' : ''} so that the loss falls`
          : `the loss has a slope along the incoming weights of unit ${j}`
      }
    rows.push(answer.rows.map((row) => rawRow(form, scalar, row)))
  }
  const stationarity = slopeEvidence(configuration, rows)
  for (let j = 0; j < view.units; j++) {
    if (outer[j]!.some((v) => sign(v) !== 0)) continue
    const descent = freeUnitDescent(configuration, j, forms[j]!)
    if (descent)
      return saddle(configuration, stationarity, descent, `unit ${j} has outgoing weight 0 and could reduce the loss`)
  }
  if (view.outputs === 1)
    return {
      kind: 'local-minimum',
      evidence: stationarity,
      reason: signs.includes(0)
        ? 'every kink passes its one-sided test'
        : 'no sample is on a kink and all slopes vanish'
    }
  return decideLifted(configuration, forms, stationarity)
}
