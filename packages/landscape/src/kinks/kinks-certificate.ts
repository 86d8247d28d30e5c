import { toText } from '@nadir/arithmetic'
import { type Certificate, pointDocument, seal, vectorDocument } from '../certification/certificate.ts'
import { problemDocument } from '../certification/problem-document.ts'
import type { Kink } from './kink-network.ts'
import type { MinimumNearby } from './prove-on-kinks.ts'

/** The certificate that a local minimum lies where the proof says; undefined for problems that the format has no words for. */
export function nearbyCertificate(proof: MinimumNearby): Certificate | undefined {
  const problem = problemDocument(proof.problem)
  if (problem === undefined) return undefined
  return seal(
    problem,
    {
      kind: 'local-minimum-nearby',
      point: pointDocument(proof.point),
      radius: toText(proof.radius),
      lower: toText(proof.lower),
      loss: toText(proof.loss)
    },
    {
      ...gaugeDocument(proof.gauge),
      ...dependentDocument(proof.dependent),
      kinks: proof.kinks.map(kinkDocument),
      multipliers: vectorDocument(proof.multipliers),
      frozen: proof.frozen,
      radii: vectorDocument(proof.radii),
      inverse: vectorDocument(proof.inverse)
    }
  )
}

const kinkDocument = ({ layer, unit, sample }: Kink) => [layer, unit, sample]

/** The rule for kinks that follow from others, where there are some. */
const dependentDocument = (dependent: MinimumNearby['dependent']) =>
  dependent.length === 0
    ? {}
    : {
        rule: 'kinks-dependent',
        dependent: dependent.map(({ kink, combination, multiplier }) => ({
          kink: kinkDocument(kink),
          combination: vectorDocument(combination),
          multiplier: toText(multiplier)
        }))
      }

function gaugeDocument(gauge: MinimumNearby['gauge']) {
  if (gauge.kind === 'span') return { rule: 'kinks-span', flatInverse: vectorDocument(gauge.flatInverse) }
  const symmetries = gauge.symmetries.map(({ name, counts }) => [name, ...counts])
  return gauge.kind === 'symmetries'
    ? { rule: 'kinks', symmetries }
    : { rule: 'kinks-valleys', symmetries, valleys: gauge.valleys.map((valley) => ({ ...valley })) }
}
