import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { falsify } from '../corpus/falsify.ts'
import { fraction } from '../corpus/fraction.ts'
import { plant, sceneOf } from '../corpus/planted-kinks.ts'
import { frozenInertia, nearbyCertificate, problemDocument } from '../corpus/planted-kinks-documents.ts'
import { gaugeOf } from './gauge.ts'
import { integersFrom } from './integers-from.ts'
import { type DesignKind, randomDesign } from './random-designs.ts'

/*
 * Minima, saddles and points that are not stationary, planted with exact fractions: what they are is known by exact elimination, which shares nothing with the checker.
 * One wrong acceptance fails; and minima must be accepted, so that the test sees something.
 */

const seed = Number(process.env['NADIR_SEED'] ?? Math.floor(Math.random() * 1e9))

const kinds: readonly DesignKind[] = [
  { sizes: [1, 1, 1], samples: 5, decay: { factor: '1/10', biases: true } },
  { sizes: [1, 2, 1], samples: 7, decay: { factor: '1/7', biases: false }, reduction: 'mean' },
  { sizes: [1, 1, 2], samples: 6, decay: { factor: '1/100', biases: false } },
  { sizes: [2, 1, 2], samples: 5, decay: { factor: '1/100', biases: false } },
  { sizes: [2, 1, 1], samples: 8, slopes: [1, '1/4'], decay: { factor: '1/10', biases: false } },
  { sizes: [1, 1, 1], samples: 7, slopes: [1, -1] },
  { sizes: [1, 1, 2], samples: 7, slopes: ['1/2', 2], reduction: 'mean' },
  { sizes: [1, 1, 1, 1], samples: 7, slopes: [1, '-1/2'] },
  { sizes: [1, 1, 1], samples: 5, decay: { factor: '1/10', biases: true }, loss: 'logistic' },
  { sizes: [1, 1, 1, 1], samples: 7, slopes: [1, '-1/2'], loss: 'logistic', reduction: 'mean' },
  { sizes: [1, 1, 2], samples: 6, decay: { factor: '1/100', biases: false }, loss: 'logistic' },
  { sizes: [1, 1, 2], samples: 6, decay: { factor: '1/20', biases: true }, loss: 'cross-entropy' },
  { sizes: [2, 1, 3], samples: 6, decay: { factor: '1/50', biases: false }, loss: 'cross-entropy' },
  { sizes: [1, 1, 2], samples: 7, slopes: ['1/2', 2], loss: 'cross-entropy', reduction: 'mean' }
]

type Truth = 'minimum' | 'saddle' | 'outside' | 'moved'

describe(`planted points, seed ${seed}`, () => {
  test.each(kinds.map((kind) => [JSON.stringify(kind), kind] as const))('%s', (_, kind) => {
    const below = integersFrom(seed)
    const seen: Record<Truth, number> = { minimum: 0, saddle: 0, outside: 0, moved: 0 }
    for (let attempt = 0; attempt < 400 || (seen.minimum === 0 && attempt < 20_000); attempt += 1) {
      // Rounded targets have long fractions: fewer of them.
      if (seen.minimum > 0 && seen.minimum + seen.saddle + seen.outside >= (kind.loss ? 4 : 10)) break
      const design = randomDesign(kind, below)
      const gauge = design && gaugeOf(design)
      if (!design || !gauge) continue
      const scene = sceneOf(design)
      const share = ['1/2', '1/3', '0', '1', '-1', '2'][scene.kinks.length === 0 ? 0 : below(6)]
      const planted = plant(scene, fraction(share), () => below(9) - 4)
      if (!planted) continue
      const [, singular, negative] = frozenInertia(planted, gauge.frozen)
      const document = singular > 0 ? undefined : nearbyCertificate(planted, gauge)
      if (document === undefined) continue
      const truth: Truth =
        share !== '1/2' && share !== '1/3' ? 'outside' : negative === scene.kinks.length ? 'minimum' : 'saddle'
      const outcome = checkDocument(JSON.stringify(document))
      // Enclosures of logarithms may be too wide for points where the second derivatives are next to singular.
      if (truth === 'minimum' && kind.loss && JSON.stringify(outcome).includes('(b)')) continue
      seen[truth] += 1
      const about = `${truth} ${JSON.stringify(design)}`
      if (truth !== 'minimum') {
        expect(outcome.outcome, about).toBe('rejected')
        continue
      }
      expect(outcome, about).toMatchObject({ outcome: 'accepted' })
      const { claim } = document as unknown as { claim: string }
      expect(falsify(problemDocument(planted), claim, [], 6), about).toBeUndefined()
      const moved = nearbyCertificate(
        { ...planted, residuals: planted.residuals.map((r, k) => (k === 0 ? fraction('1/97') : r)) },
        gauge
      )
      if (moved === undefined) continue
      seen.moved += 1
      const first = planted.residuals[0]
      if (first.n * 97n !== first.d) expect(checkDocument(JSON.stringify(moved)).outcome, about).not.toBe('accepted')
    }
    expect(seen.minimum).toBeGreaterThan(0)
  })
})
