import { certify } from '@nadir/landscape'
import { describe, expect, test } from 'vitest'
import { fraction } from '../corpus/fraction.ts'
import { plant, sceneOf } from '../corpus/planted-kinks.ts'
import { frozenInertia, pointDocument, problemDocument } from '../corpus/planted-kinks-documents.ts'
import { gaugeOf } from '../kinks/gauge.ts'
import { type DesignKind, randomDesign } from '../kinks/random-designs.ts'
import { asPoint, asProblem } from '../soundness/as-problem.ts'
import { accepts } from '../soundness/judge.ts'
import { enlarged } from '../soundness/kinked.ts'
import { integersFrom } from '../soundness/plant.ts'

const seed = Number(process.env['NADIR_SEED'] ?? Math.floor(Math.random() * 1e9))

/** Two outputs: with one, points of such small networks that are stationary fill their path span, and are minima. */
const kinds: readonly DesignKind[] = [
  { sizes: [1, 1, 1, 2], samples: 6, slopes: [1, '-1/2'] },
  { sizes: [1, 1, 1, 2], samples: 7 },
  { sizes: [2, 1, 1, 2], samples: 8, slopes: [1, '1/4'] }
]

/** Points of deep networks with so many kinks at least, their multipliers at this share of the bounds, stationary where it is between 0 and 1. */
function* planted(share: string, kinks: number, count: number) {
  const below = integersFrom(seed)
  let made = 0
  for (let attempt = 0; made < count && attempt < 100_000; attempt++) {
    const design = randomDesign(kinds[attempt % kinds.length]!, below)
    const gauge = design && gaugeOf(design)
    if (!design || !gauge) continue
    const scene = sceneOf(design)
    if (kinks === 0 ? scene.kinks.length > 0 : scene.kinks.length < kinks) continue
    const small = plant(scene, fraction(share), () => below(9) - 4)
    if (!small) continue
    const point = enlarged(small, fraction(100))
    const [, singular, negative] = frozenInertia(point, gauge.frozen)
    if (singular > 0) continue
    made++
    yield { point, isSaddle: negative > scene.kinks.length }
  }
}

const verdictOf = (point: Parameters<typeof problemDocument>[0]) =>
  certify(asProblem(problemDocument(point)), asPoint(pointDocument(point.scene.design)), {
    accepts,
    interrupted: () => true
  }).given

describe(`exact points of deep networks that are no minima, seed ${seed}`, () => {
  test('a multiplier outside its bounds: not stationary', () => {
    for (const share of ['-1', '2'])
      for (const { point } of planted(share, 1, 8))
        expect(verdictOf(point).claim, JSON.stringify(point.scene.design)).toBe('not-stationary')
  })

  test.each([
    [0, 'saddle'],
    [1, 'saddle']
  ] as const)('curved downwards, %d kinks or more: %s', (kinks, claim) => {
    let saddles = 0
    for (const { point, isSaddle } of planted('1/2', kinks, 60)) {
      if (!isSaddle) continue
      saddles++
      expect(verdictOf(point).claim, JSON.stringify(problemDocument(point))).toBe(claim)
      if (saddles === 8) break
    }
    expect(saddles).toBeGreaterThan(0)
  })
})
