import { checkDocument } from 'nadir-checker'
import { expect, test } from 'vitest'
import { falsify } from '../corpus/falsify.ts'
import { add, type Fraction, fraction, isLess, multiply, none } from '../corpus/fraction.ts'
import { dependentCertificate, type PlantedDependent, splitKinks } from '../corpus/planted-dependent.ts'
import { plant, sceneOf } from '../corpus/planted-kinks.ts'
import { frozenInertia, problemDocument } from '../corpus/planted-kinks-documents.ts'
import { gaugeOf } from './gauge.ts'
import { integersFrom } from './integers-from.ts'
import { type DesignKind, randomDesign } from './random-designs.ts'

/*
 * Points planted with exact fractions on kinks of which some follow from others: they are minima where all multipliers are inside their bounds and exact elimination says so.
 */

const seed = Number(process.env['NADIR_SEED'] ?? Math.floor(Math.random() * 1e9))

const kinds: readonly DesignKind[] = [
  { sizes: [2, 1, 1], samples: 9, slopes: [1, '1/4'], decay: { factor: '1/10', biases: false } },
  { sizes: [2, 1, 2], samples: 9, slopes: [1, 0], reduction: 'mean' },
  { sizes: [2, 1, 1], samples: 10, slopes: [1, -1] }
]

/** The same point with another multiplier of the first kink that follows; the totals stay. */
const shared = ({ point, records: [first, ...others] }: PlantedDependent, by: Fraction): PlantedDependent => ({
  point,
  records: [{ ...first, multiplier: add(first.multiplier, by) }, ...others]
})

test.each(kinds.map((kind) => [JSON.stringify(kind), kind] as const))(`%s, seed ${seed}`, (_, kind) => {
  const below = integersFrom(seed)
  const seen = { minimum: 0, outside: 0 }
  for (let attempt = 0; attempt < 60_000 && seen.minimum + seen.outside < 8; attempt += 1) {
    const design = randomDesign(kind, below)
    const gauge = design && gaugeOf(design)
    if (!design || !gauge) continue
    const scene = sceneOf({ ...design, merged: true })
    if (scene.kinks.length < 3) continue
    const share = ['1/2', '1/3', '0', '1', '2'][below(5)]
    const planted = plant(scene, fraction(share), () => below(9) - 4)
    const split = planted && splitKinks(planted)
    if (!split || split.records.length === 0) continue
    const { point } = split
    const [, singular, negative] = frozenInertia(point, gauge.frozen)
    if (singular > 0 || negative > point.scene.kinks.length) continue
    const outcomeOf = (one: PlantedDependent) => checkDocument(JSON.stringify(dependentCertificate(one, gauge)))
    const about = `${share} ${JSON.stringify(design)}`
    if (share !== '1/2' && share !== '1/3') {
      seen.outside += 1
      expect(outcomeOf(split).outcome, about).toBe('rejected')
      continue
    }
    seen.minimum += 1
    expect(outcomeOf(split), about).toMatchObject({ outcome: 'accepted' })
    const { claim } = dependentCertificate(split, gauge) as unknown as { claim: string }
    expect(falsify(problemDocument(point), claim, [], 6), about).toBeUndefined()
    // As long as all multipliers are inside their bounds they may be shared otherwise.
    const [{ combination, multiplier, kink }] = split.records
    const bound = planted.bounds[planted.scene.kinks.indexOf(kink)]
    for (const by of ['1/7', '-1/7', '2', '-2'].map((part) => multiply(fraction(part), bound))) {
      const inside = (mu: Fraction, b: Fraction) => isLess(none, mu) && isLess(mu, b)
      const isInside =
        inside(add(multiplier, by), bound) &&
        point.scene.kinks.every((one, a) => {
          const at = planted.scene.kinks.indexOf(one)
          const left = add(planted.multipliers[at], multiply(multiply(fraction(-1), by), combination[a]))
          return inside(left, planted.bounds[at])
        })
      expect(outcomeOf(shared(split, by)).outcome, about).toBe(isInside ? 'accepted' : 'rejected')
    }
  }
  expect(seen.minimum + seen.outside).toBeGreaterThan(0)
})
