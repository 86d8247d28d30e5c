import type { Fields } from './cases/case.ts'
import type { Value } from './digests.ts'
import { add, divide, type Fraction, fraction, multiply, negate, nullspace, sign, sum, text } from './fraction.ts'
import { vectorOf } from './planted.ts'
import type { Kink, KinkDesign, Planted } from './planted-kinks.ts'
import { type Gauge, nearbyCertificate } from './planted-kinks-documents.ts'

/*
 * Points planted with all kinks, of which some follow from others: these give their multipliers to those that they follow from.
 */

export type DependentRecord = {
  readonly kink: Kink
  readonly combination: readonly Fraction[]
  readonly multiplier: Fraction
}

/** A point with independent kinks and the totals for multipliers, and the kinks that follow. */
export type PlantedDependent = { readonly point: Planted; readonly records: readonly DependentRecord[] }

/** The coefficients that make the inputs of a sample of those of others, and 1 of their sum where there are biases. */
const combinationOf = (
  { xs, bias }: KinkDesign,
  samples: readonly number[],
  sample: number
): readonly Fraction[] | undefined => {
  const columns = [...samples, sample].map((i) => [...xs[i].map(fraction), ...(bias ? [fraction(1)] : [])])
  const [relation] = nullspace(
    columns[0].map((_, k) => columns.map((column) => column[k])),
    columns.length
  )
  const last = relation?.at(-1)
  return last && sign(last) !== 0 ? relation.slice(0, -1).map((entry) => negate(divide(entry, last))) : undefined
}

/** The kinks of the first hidden layer that follow from those before them stand apart. */
export const splitKinks = ({ scene, residuals, multipliers, bounds }: Planted): PlantedDependent => {
  const { kinks, members, design } = scene
  const held: number[] = []
  const following: { readonly at: number; readonly by: readonly (readonly [number, Fraction])[] }[] = []
  for (const [at, [layer, unit, sample]] of kinks.entries()) {
    const own = held.filter((a) => layer === 0 && kinks[a][0] === 0 && kinks[a][1] === unit)
    const coefficients =
      own.length === 0
        ? undefined
        : combinationOf(
            design,
            own.map((a) => kinks[a][2]),
            sample
          )
    if (coefficients) following.push({ at, by: coefficients.map((c, k) => [own[k], c] as const) })
    else held.push(at)
  }
  const records = following.map(({ at, by }) => ({
    kink: kinks[at],
    combination: held.map((a) => sum(by.filter(([other]) => other === a).map(([, c]) => c))),
    multiplier: multipliers[at]
  }))
  return {
    point: {
      scene: { ...scene, kinks: held.map((a) => kinks[a]), members: held.map((a) => members[a]) },
      residuals,
      multipliers: held.map((a, k) =>
        add(multipliers[a], sum(records.map(({ combination, multiplier }) => multiply(combination[k], multiplier))))
      ),
      bounds: held.map((a) => bounds[a])
    },
    records
  }
}

export const dependentEvidence = (records: readonly DependentRecord[]): Fields => ({
  rule: 'kinks-dependent',
  dependent: records.map(({ kink, combination, multiplier }) => ({
    kink: [...kink],
    combination: combination.length === 0 ? { denominator: '1', numerators: [] } : vectorOf(combination.map(text)),
    multiplier: text(multiplier)
  }))
})

/** The certificate for a point with kinks that follow from others, whether it is a minimum or not. */
export const dependentCertificate = ({ point, records }: PlantedDependent, gauge?: Gauge): Value => {
  const document = nearbyCertificate(point, gauge, { evidence: dependentEvidence(records) })
  if (document === undefined) throw new Error('the second derivatives are singular')
  return document
}
