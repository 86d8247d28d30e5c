import type { Value } from '../digests.ts'
import { fraction, multiply } from '../fraction.ts'
import { randomIntegers } from '../large-instance.ts'
import { type KinkDesign, type Planted, plant, sceneOf } from '../planted-kinks.ts'
import { gaugeOf, type Mixing, type Shape } from '../planted-valleys.ts'
import { changed, type Fields, parts } from './case.ts'
import { certified } from './kinks.ts'

/** A stationary point with small residuals, so that what the outputs do decides where they do anything; with weight decay residuals are what they are. */
export const calm = (design: KinkDesign, { factor = '1/64', share = '1/2' } = {}): Planted => {
  const random = randomIntegers(7n)
  const found = plant(sceneOf(design), fraction(share), () => Number(random(4n)) - 7)
  if (found === undefined) throw new Error('no residuals make this point stationary')
  if (design.decay) return found
  const times = (all: Planted['residuals']) => all.map((x) => multiply(fraction(factor), x))
  const { scene, residuals, multipliers, bounds } = found
  return { scene, residuals: times(residuals), multipliers: times(multipliers), bounds: times(bounds) }
}

export const line = (from: number, to: number): number[][] =>
  Array.from({ length: to - from + 1 }, (_, i) => [from + i])

export const rescale = (layer: number, unit: number): Mixing => ['rescale', layer, unit]

/** Two units with equal gates: what one adds the other can take away. */
export const twins: KinkDesign = {
  sizes: [1, 2, 1],
  slopes: [1, 0],
  xs: [[-2], [-1], [1], [2], [3], [4]],
  tensors: [[2, 4], [1, -1], [1, 2], [1]],
  bias: true,
  reduction: 'sum'
}
export const between: Shape = { kind: 'through', layer: 0, parameters: [0, 1, 2, 3] }
export const bothRescaled = [rescale(0, 0), rescale(0, 1)]

export const leakyTwins: KinkDesign = { ...twins, slopes: [1, '1/4'], reduction: 'mean' }

/** The same, but on sample 1 only unit 1 is open. */
export const apart: KinkDesign = { ...twins, xs: [...twins.xs, [-3]], tensors: [[2, 4], [1, 6], [1, 2], [1]] }

/** The same, but both units have their kink on sample 2. */
export const onOneKink: KinkDesign = {
  ...twins,
  xs: [[-2], [-1], [0], [1], [2], [3], [4]],
  tensors: [[2, 4], [0, 0], [1, 2], [1]]
}

/** Two inputs. */
export const broadTwins: KinkDesign = {
  sizes: [2, 2, 1],
  slopes: [1, 0],
  xs: [
    [1, 1],
    [2, 1],
    [1, 2],
    [3, -1],
    [-1, -1],
    [-2, 1],
    [-1, -2],
    [2, 3]
  ],
  tensors: [[2, 2, 4, 3], [1, 1], [1, 2], [1]],
  bias: true,
  reduction: 'sum'
}
export const byEntry: readonly Shape[] = [
  { kind: 'through', layer: 0, parameters: [0, 2] },
  { kind: 'through', layer: 0, parameters: [1, 3, 4, 5] }
]

/** Units 1 and 2 have equal gates, unit 0 has a kink. */
export const beside: KinkDesign = {
  sizes: [1, 3, 1],
  slopes: [1, 0],
  xs: line(-4, 5),
  tensors: [[-1, 2, 4], [-2, 1, 1], [1, 1, 2], [1]],
  bias: true,
  reduction: 'sum'
}
export const besideKink: Shape = { kind: 'through', layer: 0, parameters: [1, 2, 4, 5] }
export const threeRescaled = [...bothRescaled, rescale(0, 2)]

/** Units 1 and 2 have equal gates. Unit 0 has theirs wherever the first input is not 0, but for two kinks. */
export const held: KinkDesign = {
  sizes: [2, 3, 1],
  slopes: [1, 0],
  xs: [
    [1, 1],
    [2, 0],
    [3, 2],
    [1, 2],
    [-1, 4],
    [2, 3],
    [-1, -1],
    [1, -1],
    [2, -2],
    [0, 1],
    [0, 3],
    [0, -1],
    [0, '3/2']
  ],
  tensors: [[1, 1, -1, 3, -2, 5], [-2, -1, -1], [1, 2, 1], [1]],
  bias: true,
  reduction: 'sum'
}
export const acrossKinks: readonly Shape[] = [
  { kind: 'through', layer: 0, parameters: [0, 2, 4] },
  { kind: 'through', layer: 0, parameters: [3, 5, 7, 8] }
]

/** Weights decay and biases do not. */
export const freeBiases: KinkDesign = {
  sizes: [1, 2, 1],
  slopes: [1, 0],
  xs: line(-3, 5),
  tensors: [[3, 6], [1, 4], [3, 6], [1]],
  bias: true,
  decay: { factor: '1/10', biases: false },
  reduction: 'mean'
}
export const betweenBiases: Shape = { kind: 'through', layer: 0, parameters: [2, 3] }
export const rotation: Value = ['rotate', 0, 0, 1]

/** Unit 1 is open on the last two samples only. */
export const few: KinkDesign = {
  sizes: [2, 2, 1],
  slopes: [1, 0],
  xs: [
    [3, 1],
    [1, 2],
    [2, -1],
    [0, 2],
    [2, 2],
    [-2, 1],
    [-3, -1],
    [1, -2],
    [-1, -2],
    [-1, 3],
    [-3, 2]
  ],
  tensors: [[1, 1, -1, 2], ['1/2', -5], [1, 2], [0]],
  bias: true,
  reduction: 'mean'
}
export const ofUnit: Shape = { kind: 'own', layer: 0, parameters: [2, 3, 5] }

/** Two outputs share unit 0; unit 1 is open on sample 0 only. How large the residuals are decides between minimum and saddle. */
export const shared: KinkDesign = {
  sizes: [1, 2, 2],
  slopes: [1, 0],
  xs: line(-3, 5),
  tensors: [
    [2, -1],
    [1, '-5/2'],
    [1, 1, -1, 2],
    [1, 0]
  ],
  bias: true,
  reduction: 'sum'
}
export const onOneSample: Shape = { kind: 'own', layer: 0, parameters: [1, 3] }

/** The unit of the second hidden layer is open on the last two samples only. */
export const fewAbove: KinkDesign = {
  sizes: [1, 2, 1, 1],
  slopes: [1, 0],
  xs: line(-2, 4),
  tensors: [[1, -1], ['3/2', '7/2'], [2, -1], [-8], [2], [1]],
  bias: true,
  reduction: 'sum'
}
export const onTwoSamples: readonly Shape[] = [
  { kind: 'own', layer: 1, parameters: [4, 5, 6] },
  { kind: 'through', layer: 0, parameters: [0, 1, 2, 3] }
]

/** Three units with equal gates below one unit. */
export const crowd: KinkDesign = {
  sizes: [1, 3, 1, 1],
  slopes: [1, 0],
  xs: line(-3, 5),
  tensors: [[1, 2, 4], ['1/2', '3/2', 1], [1, 1, '-3/2'], ['13/2'], [1], [2]],
  bias: true,
  reduction: 'sum'
}
export const ofCrowd: readonly Shape[] = [
  { kind: 'own', layer: 1, parameters: [6, 7, 8, 9] },
  { kind: 'through', layer: 0, parameters: [0, 1, 2, 3, 4, 5] }
]

/** Three units with equal gates below two outputs. */
export const triplets: KinkDesign = {
  sizes: [1, 3, 2],
  slopes: [1, -1],
  xs: line(-3, 4),
  tensors: [
    [1, 2, 4],
    ['1/2', '3/2', 1],
    [1, 1, '-3/2', 2, -1, 1],
    [0, 1]
  ],
  bias: true,
  reduction: 'sum'
}
export const ofTriplets: readonly Shape[] = [
  { kind: 'own', layer: 1, parameters: [6, 7, 8, 9, 10, 11, 12, 13] },
  { kind: 'through', layer: 0, parameters: [0, 1, 2, 3, 4, 5] }
]

/** Both units of the second hidden layer have one gate wherever unit 0 of the first one is open; elsewhere their gates differ. */
export const alive: KinkDesign = {
  sizes: [1, 2, 2, 1],
  slopes: [1, 0],
  xs: [-11, -7, -3, 1, 3, 5, 7, 9, 11, 13, 15, 17, 21, 25].map((x) => [`${x}/4`]),
  tensors: [[1, -1], ['-1/2', '5/2'], [-1, 1, -2, -2], [3, 6], [1, 2], [1]],
  bias: true,
  reduction: 'sum'
}
export const fromUnit: Shape = { kind: 'through', layer: 1, parameters: [4, 6] }
export const fourRescaled = [...bothRescaled, rescale(1, 0), rescale(1, 1)]

/** The same, but in all that differs are the gates on sample 0. */
export const apartAbove: KinkDesign = {
  ...alive,
  tensors: [[1, -1], ['-1/2', '5/2'], [-1, 1, '-5/3', -1], [3, 5], [1, 2], [1]]
}
export const butOne: Shape = { kind: 'through', layer: 1, parameters: [4, 5, 6, 7, 8, 9], exceptions: [0] }

/** Two parallel units with parallel outgoing weights: the product of both layers has less rank than it could have, and the point is a saddle. */
export const parallel = calm({
  sizes: [1, 2, 2],
  slopes: [1, 0],
  xs: line(-3, 5),
  tensors: [
    [2, 4],
    [1, 2],
    [1, 1, -1, -1],
    [1, 0]
  ],
  bias: true,
  reduction: 'sum'
})
export const atThePoint = gaugeOf(
  parallel,
  [{ kind: 'own', layer: 1, parameters: [4, 5, 6, 7, 8, 9] }, between],
  [rescale(0, 0)]
)

export const inValley = (design: KinkDesign, shapes: readonly Shape[], symmetries: readonly Mixing[]): Value => {
  const point = calm(design)
  return certified(point, gaugeOf(point, shapes, symmetries))
}

export const valleysOf = (document: Value): readonly Fields[] =>
  parts(document).proof.evidence['valleys'] as readonly Fields[]

/** With other fields in its first valley. */
export const other = (document: Value, fields: Fields): Value => {
  const [first, ...others] = valleysOf(document)
  return changed(document, { evidence: { valleys: [{ ...first, ...fields }, ...others] } })
}

export const without = (fields: Fields, left: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => key !== left))
