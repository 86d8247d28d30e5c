import { lcm, type RationalVector } from '@nadir/arithmetic'
import type { Configuration } from '../cells/configuration.ts'
import type { KinkClass } from '../cells/kink-classes.ts'

/** Slopes on kink classes: `[representative sample, numerators (one, or one for each output)]`, ascending. */
export type SlopeRow = readonly { readonly sample: number; readonly numerators: readonly bigint[] }[]

/**
 * Slopes on the kinks of every unit over one denominator (no rows for a unit with v = 0), and the subgradients chosen where the loss has a kink.
 * The evidence of the rule first-order. Exact.
 */
export interface FirstOrderEvidence {
  readonly denominator: bigint
  readonly units: readonly (readonly SlopeRow[])[]
  readonly subgradients: RationalVector
}

/** Slopes of one row, in the integers of `unitForm`, divided by `divisor`: entry k belongs to classes[k]. */
export interface RawRow {
  readonly classes: readonly KinkClass[]
  /** For each class its slopes, one or one for each output. */
  readonly numerators: readonly (readonly bigint[])[]
  readonly divisor: bigint
}

export const noSubgradients: RationalVector = { denominator: 1n, numerators: [] }

/**
 * The rows over one denominator, in the units of the specification: slopes refer to x~ of the representative and to the residuals as they are. Only
 * short numbers are brought to a common denominator, so nothing here is slow.
 */
export function slopeEvidence(
  configuration: Configuration,
  units: readonly (readonly RawRow[])[],
  subgradients: RationalVector = noSubgradients
): FirstOrderEvidence {
  let short = 1n
  for (const rows of units)
    for (const row of rows) for (const c of row.classes) short = lcm(short, row.divisor * c.representativeFactor)
  return {
    denominator: short * configuration.residuals.denominator * configuration.view.slopes.denominator,
    units: units.map((rows) =>
      rows.map((row) =>
        row.classes.map((c, k) => ({
          sample: c.representative,
          numerators: row.numerators[k]!.map((a) => a * (short / (row.divisor * c.representativeFactor)))
        }))
      )
    ),
    subgradients
  }
}
