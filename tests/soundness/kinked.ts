import type { Fields } from '../corpus/cases/case.ts'
import type { Value } from '../corpus/digests.ts'
import {
  add,
  divide,
  type Fraction,
  fraction,
  isLess,
  multiply,
  negate,
  none,
  nullspace,
  one,
  sign,
  text
} from '../corpus/fraction.ts'
import { inertiaOf } from '../corpus/fraction-matrices.ts'
import { type Planted, plant, sceneOf, secondDerivatives } from '../corpus/planted-kinks.ts'
import { frozenInertia, type Gauge, pointDocument, problemDocument } from '../corpus/planted-kinks-documents.ts'
import { gaugeOf } from '../kinks/gauge.ts'
import { type DesignKind, randomDesign } from '../kinks/random-designs.ts'
import type { Draw, Plant, Truth } from './plant.ts'

/*
 * Two-slope networks of any depth, on kinks and off them. The multipliers of the kinks are planted inside their bounds or beyond them, and exact elimination of the second
 * derivatives on the kinks says the rest.
 */

const kinds: readonly DesignKind[] = [
  { sizes: [1, 1, 1], samples: 5 },
  { sizes: [1, 2, 1], samples: 8 },
  { sizes: [2, 2, 1], samples: 10, reduction: 'mean' },
  { sizes: [1, 1, 2], samples: 6, slopes: [1, '1/4'] },
  { sizes: [1, 1, 1, 1], samples: 8 },
  { sizes: [1, 2, 1, 1], samples: 10 },
  { sizes: [1, 1, 1, 1], samples: 7, slopes: [1, '-1/2'] },
  { sizes: [1, 1, 2], samples: 7, slopes: ['1/2', 2], reduction: 'mean' },
  { sizes: [1, 1, 1, 2], samples: 6, slopes: [1, '-1/2'] },
  { sizes: [1, 1, 1, 2], samples: 7 },
  { sizes: [1, 1, 1], samples: 5, decay: { factor: '1/10', biases: true } },
  { sizes: [1, 2, 1], samples: 7, decay: { factor: '1/7', biases: false }, reduction: 'mean' },
  { sizes: [1, 1, 2], samples: 6, decay: { factor: '1/100', biases: false } },
  { sizes: [2, 1, 1], samples: 8, slopes: [1, '1/4'], decay: { factor: '1/10', biases: false } },
  { sizes: [1, 1, 1, 1], samples: 7, slopes: [1, -1], decay: { factor: '1/5', biases: false } }
]

const shares = ['1/2', '1/3', '1/2', '2', '-1']

/** All errors larger by a factor: without decay as stationary as before, and with more of the curvature that errors make. */
export const enlarged = (planted: Planted, factor: Fraction): Planted => {
  const times = (entries: readonly Fraction[]) => entries.map((entry) => multiply(factor, entry))
  const { residuals, multipliers, bounds } = planted
  return { ...planted, residuals: times(residuals), multipliers: times(multipliers), bounds: times(bounds) }
}

type Found = { readonly planted: Planted; readonly gauge: Gauge; readonly inside: boolean }

/** A stationary point of this kind, or one with multipliers beyond their bounds; many draws are in vain. */
const drawn = (kind: DesignKind, below: (count: number) => number, isWanted: (found: Found) => boolean) => {
  for (let attempt = 0; attempt < (kind.sizes.length > 3 ? 200 : 60); attempt += 1) {
    const design = randomDesign(kind, below)
    const gauge = design && gaugeOf(design)
    if (!design || !gauge) continue
    const scene = sceneOf(design)
    const share = shares[below(shares.length)]
    const planted = plant(scene, fraction(share), () => below(9) - 4)
    if (!planted) continue
    const factor = fraction(kind.decay ? 1 : [1, 1, 20, 100][below(4)])
    const inside = scene.kinks.length === 0 || share.startsWith('1/')
    const found: Found = { planted: enlarged(planted, factor), gauge, inside }
    if (isWanted(found)) return found
  }
  return undefined
}

const nameOf = ({ sizes, decay }: DesignKind, loss: string): string =>
  `${loss}, ${sizes.length > 3 ? 'deep' : 'one hidden layer'}${sizes.at(-1) === 1 ? '' : ', two outputs'}${decay ? ', decay' : ''}`

/** The squared loss. */
const squared: Draw = (below) => {
  const kind = kinds[below(kinds.length)]
  const found = drawn(kind, below, ({ planted, gauge }) => frozenInertia(planted, gauge.frozen)[1] === 0)
  if (!found) return undefined
  const { planted, gauge, inside } = found
  const [, , negative] = frozenInertia(planted, gauge.frozen)
  const off = below(6) === 0
  const [first, ...others] = planted.residuals
  // One error changed: the output bias, which moves no kink, has a slope.
  const moved: Planted = off ? { ...planted, residuals: [add(first, one), ...others] } : planted
  const truth: Truth =
    off || !inside ? 'not-stationary' : negative === planted.scene.kinks.length ? 'minimum' : 'saddle'
  return planting(nameOf(kind, 'squared'), truth, moved, problemDocument(moved))
}

const planting = (family: string, truth: Truth, { scene }: Planted, problem: Value): Plant => ({
  family,
  truth,
  problem,
  point: pointDocument(scene.design)
})

const magnitude = (a: Fraction): Fraction => (sign(a) < 0 ? negate(a) : a)

/**
 * The absolute loss: what was an error is a subgradient here, scaled so that the greatest is 1. Where it is smaller the sample is fitted exactly and is one more kink. A minimum where these kinks and those of the
 * units leave no direction, or leave only such as the second derivatives curve upwards.
 */
const absolute: Draw = (below) => {
  const kind = kinds[below(kinds.length)]
  if (kind.sizes.at(-1) !== 1) return undefined
  const found = drawn(kind, below, ({ inside }) => inside)
  if (!found) return undefined
  const { planted, gauge } = found
  const { scene, residuals, multipliers, bounds } = planted
  const { design, factor } = scene
  const greatest = residuals.reduce((most, r) => (isLess(most, magnitude(r)) ? magnitude(r) : most), none)
  if (sign(greatest) === 0) return undefined
  const scale = divide(factor, greatest)
  const scaled = (entries: readonly Fraction[]): readonly Fraction[] => entries.map((entry) => multiply(scale, entry))
  const decays = scaled(scene.decays)
  const subgradients = scaled(residuals)
  const isFitted = subgradients.map((g) => isLess(magnitude(g), factor))
  // With no weight for the squares only the curvature of the network is left.
  const bent = secondDerivatives({
    scene: { ...scene, decays, factor: none },
    residuals: subgradients,
    multipliers: scaled(multipliers),
    bounds: scaled(bounds)
  })
  const outputGradients = gradientsOfOutputs(planted)
  const rows = outputGradients.filter((_, i) => isFitted[i])
  const size = bent.length
  const bordered = [
    ...bent.map((row, a) => [...row, ...rows.map((gradient) => gradient[a] ?? none)]),
    ...rows.map((gradient) => [...Array.from({ length: size }, (_, k) => gradient[k] ?? none), ...rows.map(() => none)])
  ]
  const kept = bordered.map((_, k) => k).filter((k) => !gauge.frozen.includes(k))
  const free = scene.count - gauge.frozen.length
  const normals = kept
    .filter((k) => k >= scene.count)
    .map((k) => kept.filter((c) => c < scene.count).map((c) => bordered[k][c]))
  const isSharp = nullspace(normals, free).length === 0
  const [, singular, negative] = inertiaOf(kept.map((a) => kept.map((b) => bordered[a][b])))
  if (!isSharp && singular > 0) return undefined
  const truth: Truth = isSharp || negative === scene.kinks.length + rows.length ? 'minimum' : 'saddle'
  const errors = subgradients.map((g, i) => (isFitted[i] ? none : fraction(sign(g) * (1 + below(3)))))
  const squares = problemDocument({ ...planted, residuals: errors.map((e) => multiply(e, factor)) })
  const { decay } = design
  const problem = {
    ...(squares as Fields),
    loss: { kind: 'absolute', reduction: design.reduction },
    ...(decay && { decay: { factor: text(multiply(scale, fraction(decay.factor))), biases: decay.biases } })
  }
  return planting(nameOf(kind, 'absolute'), truth, planted, problem)
}

/** The derivatives of the single output by the parameters, sample by sample: of the sum of squares, one sample at a time. */
const gradientsOfOutputs = ({ scene }: Planted): readonly (readonly Fraction[])[] =>
  scene.design.xs.map((x, i) => {
    const single = {
      ...scene,
      design: { ...scene.design, xs: [x] },
      values: [scene.values[i]],
      slopes: [scene.slopes[i]],
      kinks: [],
      decays: scene.decays.map(() => none),
      factor: one
    }
    const squares = secondDerivatives({ scene: single, residuals: [none], multipliers: [], bounds: [] })
    // The output bias comes last and has the derivative 1.
    return squares.map((row) => row[squares.length - 1])
  })

/** Two draws of squares for each of absolute values. */
export const kinkedDraws: readonly Draw[] = [squared, squared, absolute]
