import type { Value } from '../digests.ts'
import { fraction, multiply } from '../fraction.ts'
import { randomIntegers } from '../large-instance.ts'
import { type KinkDesign, type Planted, plant, sceneOf } from '../planted-kinks.ts'
import { type Gauged, gaugeOf, type Mixing, type Shape } from '../planted-valleys.ts'
import { accept, type Case, changed, decline, type Fields, parts, reject } from './case.ts'
import { asMinimumThere, certified, flatSaddle, unfinished, withMovedTarget } from './kinks.ts'

/** A stationary point with small residuals, so that what the outputs do decides where they do anything; with weight decay residuals are what they are. */
const calm = (design: KinkDesign, { factor = '1/64', share = '1/2' } = {}): Planted => {
  const random = randomIntegers(7n)
  const found = plant(sceneOf(design), fraction(share), () => Number(random(4n)) - 7)
  if (found === undefined) throw new Error('no residuals make this point stationary')
  if (design.decay) return found
  const times = (all: Planted['residuals']) => all.map((x) => multiply(fraction(factor), x))
  const { scene, residuals, multipliers, bounds } = found
  return { scene, residuals: times(residuals), multipliers: times(multipliers), bounds: times(bounds) }
}

const line = (from: number, to: number): number[][] => Array.from({ length: to - from + 1 }, (_, i) => [from + i])

const rescale = (layer: number, unit: number): Mixing => ['rescale', layer, unit]

/** Two units with equal gates: what one adds the other can take away. */
const twins: KinkDesign = {
  sizes: [1, 2, 1],
  slopes: [1, 0],
  xs: [[-2], [-1], [1], [2], [3], [4]],
  tensors: [[2, 4], [1, -1], [1, 2], [1]],
  bias: true,
  reduction: 'sum'
}
const between: Shape = { kind: 'through', layer: 0, parameters: [0, 1, 2, 3] }
const bothRescaled = [rescale(0, 0), rescale(0, 1)]

const leakyTwins: KinkDesign = { ...twins, slopes: [1, '1/4'], reduction: 'mean' }

/** The same, but on sample 1 only unit 1 is open. */
const apart: KinkDesign = { ...twins, xs: [...twins.xs, [-3]], tensors: [[2, 4], [1, 6], [1, 2], [1]] }

/** The same, but both units have their kink on sample 2. */
const onOneKink: KinkDesign = {
  ...twins,
  xs: [[-2], [-1], [0], [1], [2], [3], [4]],
  tensors: [[2, 4], [0, 0], [1, 2], [1]]
}

/** Two inputs. */
const broadTwins: KinkDesign = {
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
const byEntry: readonly Shape[] = [
  { kind: 'through', layer: 0, parameters: [0, 2] },
  { kind: 'through', layer: 0, parameters: [1, 3, 4, 5] }
]

/** Units 1 and 2 have equal gates, unit 0 has a kink. */
const beside: KinkDesign = {
  sizes: [1, 3, 1],
  slopes: [1, 0],
  xs: line(-4, 5),
  tensors: [[-1, 2, 4], [-2, 1, 1], [1, 1, 2], [1]],
  bias: true,
  reduction: 'sum'
}
const besideKink: Shape = { kind: 'through', layer: 0, parameters: [1, 2, 4, 5] }
const threeRescaled = [...bothRescaled, rescale(0, 2)]

/** Units 1 and 2 have equal gates. Unit 0 has theirs wherever the first input is not 0, but for two kinks. */
const held: KinkDesign = {
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
const acrossKinks: readonly Shape[] = [
  { kind: 'through', layer: 0, parameters: [0, 2, 4] },
  { kind: 'through', layer: 0, parameters: [3, 5, 7, 8] }
]

/** Weights decay and biases do not. */
const freeBiases: KinkDesign = {
  sizes: [1, 2, 1],
  slopes: [1, 0],
  xs: line(-3, 5),
  tensors: [[3, 6], [1, 4], [3, 6], [1]],
  bias: true,
  decay: { factor: '1/10', biases: false },
  reduction: 'mean'
}
const betweenBiases: Shape = { kind: 'through', layer: 0, parameters: [2, 3] }
const rotation: Value = ['rotate', 0, 0, 1]

/** Unit 1 is open on the last two samples only. */
const few: KinkDesign = {
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
const ofUnit: Shape = { kind: 'own', layer: 0, parameters: [2, 3, 5] }

/** Two outputs share unit 0; unit 1 is open on sample 0 only. How large the residuals are decides between minimum and saddle. */
const shared: KinkDesign = {
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
const onOneSample: Shape = { kind: 'own', layer: 0, parameters: [1, 3] }

/** The unit of the second hidden layer is open on the last two samples only. */
const fewAbove: KinkDesign = {
  sizes: [1, 2, 1, 1],
  slopes: [1, 0],
  xs: line(-2, 4),
  tensors: [[1, -1], ['3/2', '7/2'], [2, -1], [-8], [2], [1]],
  bias: true,
  reduction: 'sum'
}
const onTwoSamples: readonly Shape[] = [
  { kind: 'own', layer: 1, parameters: [4, 5, 6] },
  { kind: 'through', layer: 0, parameters: [0, 1, 2, 3] }
]

/** Three units with equal gates below one unit. */
const crowd: KinkDesign = {
  sizes: [1, 3, 1, 1],
  slopes: [1, 0],
  xs: line(-3, 5),
  tensors: [[1, 2, 4], ['1/2', '3/2', 1], [1, 1, '-3/2'], ['13/2'], [1], [2]],
  bias: true,
  reduction: 'sum'
}
const ofCrowd: readonly Shape[] = [
  { kind: 'own', layer: 1, parameters: [6, 7, 8, 9] },
  { kind: 'through', layer: 0, parameters: [0, 1, 2, 3, 4, 5] }
]

/** Three units with equal gates below two outputs. */
const triplets: KinkDesign = {
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
const ofTriplets: readonly Shape[] = [
  { kind: 'own', layer: 1, parameters: [6, 7, 8, 9, 10, 11, 12, 13] },
  { kind: 'through', layer: 0, parameters: [0, 1, 2, 3, 4, 5] }
]

/** Both units of the second hidden layer have one gate wherever unit 0 of the first one is open; elsewhere their gates differ. */
const alive: KinkDesign = {
  sizes: [1, 2, 2, 1],
  slopes: [1, 0],
  xs: [-11, -7, -3, 1, 3, 5, 7, 9, 11, 13, 15, 17, 21, 25].map((x) => [`${x}/4`]),
  tensors: [[1, -1], ['-1/2', '5/2'], [-1, 1, -2, -2], [3, 6], [1, 2], [1]],
  bias: true,
  reduction: 'sum'
}
const fromUnit: Shape = { kind: 'through', layer: 1, parameters: [4, 6] }
const fourRescaled = [...bothRescaled, rescale(1, 0), rescale(1, 1)]

/** The same, but in all that differs are the gates on sample 0. */
const apartAbove: KinkDesign = {
  ...alive,
  tensors: [[1, -1], ['-1/2', '5/2'], [-1, 1, '-5/3', -1], [3, 5], [1, 2], [1]]
}
const butOne: Shape = { kind: 'through', layer: 1, parameters: [4, 5, 6, 7, 8, 9], exceptions: [0] }

/** Two parallel units with parallel outgoing weights: the product of both layers has less rank than it could have, and the point is a saddle. */
const parallel = calm({
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
const atThePoint = gaugeOf(
  parallel,
  [{ kind: 'own', layer: 1, parameters: [4, 5, 6, 7, 8, 9] }, between],
  [rescale(0, 0)]
)

const inValley = (design: KinkDesign, shapes: readonly Shape[], symmetries: readonly Mixing[]): Value => {
  const point = calm(design)
  return certified(point, gaugeOf(point, shapes, symmetries))
}

const valleysOf = (document: Value): readonly Fields[] => parts(document).proof.evidence['valleys'] as readonly Fields[]

/** With other fields in its first valley. */
const other = (document: Value, fields: Fields): Value => {
  const [first, ...others] = valleysOf(document)
  return changed(document, { evidence: { valleys: [{ ...first, ...fields }, ...others] } })
}

const without = (fields: Fields, left: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => key !== left))

const accepted = (): readonly Case[] => {
  const decayed = calm(freeBiases)
  return [
    accept(
      'valleys-twins',
      'two units with equal gates: a change of the incoming weights of one is undone by the other',
      inValley(twins, [between], bothRescaled)
    ),
    accept('valleys-leaky', 'the same with leaky units', inValley(leakyTwins, [between], bothRescaled)),
    accept(
      'valleys-different-gates',
      'their gates differ on one sample: less is passed on than their parameters could change',
      inValley(apart, [between], bothRescaled)
    ),
    accept('valleys-kink', 'both have their kink on one sample', inValley(onOneKink, [between], bothRescaled)),
    accept(
      'valleys-by-entry',
      'two inputs, a valley for one and for the rest',
      inValley(broadTwins, byEntry, bothRescaled)
    ),
    accept(
      'valleys-beside-kink',
      'a third unit has a kink and no part in the valley',
      inValley(beside, [besideKink], threeRescaled)
    ),
    accept(
      'valleys-all-units',
      'the valley is of all three units: the one with the kink keeps its kink',
      inValley(beside, [{ ...between, parameters: [0, 1, 2, 3, 4, 5] }], threeRescaled)
    ),
    accept(
      'valleys-held',
      'a unit has a parameter in the valley that its two kinks hold',
      inValley(held, acrossKinks, threeRescaled)
    ),
    accept(
      'valleys-decay',
      'weights decay, biases do not: a rotation, and a valley of biases',
      certified(decayed, { frozen: [0, 2], symmetries: [rotation], valleys: gaugeOf(decayed, [betweenBiases]).valleys })
    ),
    accept(
      'valleys-few-samples',
      'a unit is open on fewer samples than it has inputs and bias',
      inValley(few, [ofUnit], bothRescaled)
    ),
    accept(
      'valleys-through-few',
      'the same valley through the output, which that unit reaches on as few samples',
      inValley(few, [{ ...ofUnit, kind: 'through' }], bothRescaled)
    ),
    accept(
      'valleys-one-sample',
      'two outputs share a unit, another one is open on one sample; small residuals',
      inValley(shared, [onOneSample], bothRescaled)
    ),
    accept(
      'valleys-few-above',
      'a unit of the second hidden layer is open on two samples: neither it nor the layer below can do more than two things',
      inValley(fewAbove, onTwoSamples, [...bothRescaled, rescale(1, 0)])
    ),
    accept(
      'valleys-crowd',
      'three units with equal gates below one unit: what they give is dependent, and less is passed on than they could',
      inValley(crowd, ofCrowd, [...bothRescaled, rescale(1, 0)])
    ),
    accept(
      'valleys-two-outputs',
      'three units with equal gates below two outputs, rescaled, mixed and in valleys of both layers',
      inValley(triplets, ofTriplets, [...threeRescaled, ['mix', 0, 0, 1]])
    ),
    accept(
      'valleys-live-entry',
      'two units of the second hidden layer whose gates differ, but not where the unit that the weights come from is open',
      inValley(alive, [fromUnit], fourRescaled)
    ),
    accept(
      'valleys-exception',
      'the gates of two units of the second hidden layer differ on one sample, which is an exception',
      inValley(apartAbove, [butOne], fourRescaled)
    ),
    accept(
      'valleys-none',
      'no flat direction and no valley',
      certified(calm({ ...freeBiases, sizes: [1, 1, 1], tensors: [[3], [1], [3], [1]] }), {
        frozen: [],
        symmetries: [],
        valleys: []
      })
    )
  ]
}

/** Points that are no minima, and points whose other conditions fail. */
const otherwise = (): readonly Case[] => {
  const main = inValley(twins, [between], bothRescaled)
  const loud = calm(shared, { factor: '16' })
  const bound = calm(beside, { share: '1' })
  return [
    reject(
      'valleys-rank-jumps',
      String.raw`\(e\)`,
      'a saddle where rows are dependent that are not so nearby: counted at the point there are directions enough, and all else holds',
      certified(parallel, atThePoint)
    ),
    reject(
      'valleys-rank-jumps-to-0',
      String.raw`\(e\)`,
      'a saddle where no weight goes on, so that all rows are 0: all else holds',
      certified(
        flatSaddle,
        gaugeOf(flatSaddle, [
          { kind: 'own', layer: 1, parameters: [2, 3] },
          { kind: 'through', layer: 0, parameters: [0, 1] }
        ])
      )
    ),
    reject(
      'valleys-rows-at-the-point',
      String.raw`\(e\)`,
      'the same saddle as valleys-rank-jumps with as many rows as the bounds say: they are dependent',
      unfinished(parallel, {
        frozen: [0],
        symmetries: [['rescale', 0, 0]],
        valleys: atThePoint.valleys.map((valley, v) => ({
          ...(valley as Fields),
          rows: (v === 0 ? [0, 3, 4] : [3, 4])
            .flatMap((i) => [[2 * v, i]])
            .concat((v === 0 ? [0, 3, 4] : [3, 4]).map((i) => [2 * v + 1, i]))
        }))
      })
    ),
    reject(
      'valleys-saddle',
      String.raw`\(d\)`,
      'the point of valleys-one-sample with large residuals: valleys as they should be, and a saddle across them',
      certified(loud, gaugeOf(loud, [onOneSample], bothRescaled))
    ),
    reject(
      'valleys-moved-target',
      String.raw`\(b\)`,
      'one target is moved: the point is not stationary',
      withMovedTarget(main)
    ),
    reject(
      'valleys-multiplier',
      String.raw`\(c\)`,
      'the multiplier is at its bound',
      certified(bound, gaugeOf(bound, [besideKink], threeRescaled))
    ),
    reject(
      'valleys-radius',
      String.raw`\(f\)`,
      'the radius claimed is half of that of the box',
      changed(main, { claim: { radius: '1/2199023255552' } })
    )
  ]
}

/** One condition on the rows, the frozen parameters and the directions each. */
const countedWrong = (): readonly Case[] => {
  const point = calm(twins)
  const gauge = gaugeOf(point, [between], bothRescaled)
  const main = certified(point, gauge)
  const frozen = (numbers: readonly number[], change: Partial<Gauged> = {}): Value =>
    unfinished(point, { ...gauge, ...change, frozen: numbers })
  const kinked = calm(onOneKink)
  const kinkedGauge = gaugeOf(kinked, [between], bothRescaled)
  const crowded = inValley(crowd, ofCrowd, [...bothRescaled, rescale(1, 0)])
  const alone = inValley(few, [ofUnit], bothRescaled)
  const rows = (...pairs: readonly (readonly [number, number])[]): Fields => ({ rows: pairs.map((pair) => [...pair]) })
  return [
    reject('valleys-row-missing', String.raw`\(e\)`, 'a row too few', other(main, rows([2, 2]))),
    reject('valleys-row-more', String.raw`\(e\)`, 'a row too many', other(main, rows([2, 2], [2, 3], [2, 4]))),
    reject(
      'valleys-row-0',
      String.raw`\(e\)`,
      'a row of a sample on which both units are shut: it is 0',
      other(main, rows([2, 0], [2, 3]))
    ),
    reject(
      'valleys-rows-dependent',
      String.raw`\(e\)`,
      'two rows of samples on which all units below are shut: they are equal',
      other(crowded, rows([0, 0], [0, 1], [0, 3]))
    ),
    reject(
      'valleys-rows-descending',
      String.raw`\(e\)|evidence`,
      'rows that do not ascend',
      other(main, rows([2, 3], [2, 2]))
    ),
    reject('valleys-row-twice', String.raw`\(e\)|evidence`, 'a row is named twice', other(main, rows([2, 2], [2, 2]))),
    reject(
      'valleys-row-not-reached',
      String.raw`\(e\)`,
      'a row of a sample on which the unit is shut',
      other(alone, rows([1, 0], [1, 10]))
    ),
    reject(
      'valleys-row-not-felt',
      String.raw`\(e\)`,
      'a row of a sample on which the unit of the second hidden layer is shut',
      other(crowded, rows([0, 0], [0, 3], [0, 6]))
    ),
    reject(
      'valleys-row-of-no-kink',
      String.raw`\(e\)`,
      'a row of a kink that is none',
      other(main, rows([0, 2], [2, 2]))
    ),
    reject(
      'valleys-kink-without-row',
      String.raw`\(e\)`,
      'a row of a kink is missing, and another direction in its place: it leaves the kink',
      unfinished(kinked, {
        ...kinkedGauge,
        frozen: [0, 1, 2, 3],
        valleys: kinkedGauge.valleys.map((valley) => ({
          ...(valley as Fields),
          rows: [
            [0, 2],
            [2, 3]
          ]
        }))
      })
    ),
    reject(
      'valleys-row-of-no-group',
      String.raw`\(e\)`,
      'a row of an output that is not there',
      other(main, rows([2, 2], [3, 2]))
    ),
    reject(
      'valleys-row-of-no-sample',
      String.raw`\(e\)`,
      'a row of a sample that is not there',
      other(main, rows([2, 2], [2, 6]))
    ),
    reject('valleys-frozen-missing', String.raw`\(e\)`, 'a direction more than frozen parameters', frozen([0, 1, 2])),
    reject(
      'valleys-frozen-more',
      String.raw`\(e\)`,
      'a frozen parameter more than directions',
      frozen([0, 1, 2, 3, 4])
    ),
    reject(
      'valleys-frozen-elsewhere',
      String.raw`\(e\)`,
      'a frozen parameter that no direction moves',
      frozen([0, 1, 2, 6])
    ),
    reject(
      'valleys-twice',
      String.raw`\(e\)`,
      'one valley named twice',
      frozen([0, 1, 2, 3, 4, 5], { valleys: [...gauge.valleys, ...gauge.valleys] })
    ),
    reject(
      'valleys-and-symmetry',
      String.raw`\(e\)`,
      'one direction named twice, as part of a valley and as a combination of symmetries',
      frozen([0, 1, 2, 3, 4], { symmetries: [...gauge.symmetries, ['mix', 0, 0, 1]] })
    ),
    reject(
      'valleys-symmetry-wrong',
      String.raw`\(e\)`,
      'a symmetry whose conditions fail beside a valley',
      frozen([0, 1, 2, 3], {
        symmetries: [
          ['rescale', 0, 0],
          ['idle', 0]
        ]
      })
    )
  ]
}

/** What a valley may be about. */
const shapedWrong = (): readonly Case[] => {
  const main = inValley(twins, [between], bothRescaled)
  const differing = inValley(apartAbove, [butOne], fourRescaled)
  const alone = inValley(few, [ofUnit], bothRescaled)
  const decayed = calm(freeBiases)
  return [
    reject(
      'valleys-exception-removed',
      String.raw`\(e\)`,
      'the sample on which the gates differ is no exception: the bound is higher',
      other(differing, { exceptions: [] })
    ),
    reject(
      'valleys-exception-needless',
      String.raw`\(e\)`,
      'another exception, and a higher bound',
      other(differing, { exceptions: [0, 5] })
    ),
    reject(
      'valleys-exception-beyond',
      String.raw`\(e\)|evidence`,
      'an exception that is no sample',
      other(main, { exceptions: [6] })
    ),
    reject(
      'valleys-exceptions-descending',
      String.raw`\(e\)|evidence`,
      'exceptions that do not ascend',
      other(differing, { exceptions: [1, 1] })
    ),
    reject(
      'valleys-own-exception',
      String.raw`\(e\)|evidence`,
      'a valley of a unit with an exception',
      other(alone, { exceptions: [0] })
    ),
    reject(
      'valleys-decaying',
      String.raw`\(e\)`,
      'weights in a valley decay',
      unfinished(decayed, {
        frozen: [0, 2],
        symmetries: [rotation],
        valleys: gaugeOf(decayed, [{ ...between, parameters: [0, 1] }]).valleys
      })
    ),
    reject(
      'valleys-no-parameters',
      String.raw`\(e\)|evidence`,
      'a valley of nothing',
      changed(main, {
        evidence: { valleys: [...valleysOf(main), { ...valleysOf(main)[0], parameters: [], rows: [] }] }
      })
    ),
    reject(
      'valleys-other-layer',
      String.raw`\(e\)|evidence`,
      'a parameter of another layer',
      other(main, { parameters: [0, 1, 2, 3, 6] })
    ),
    reject(
      'valleys-parameter-beyond',
      String.raw`\(e\)|evidence`,
      'a parameter that is not there',
      other(main, { parameters: [0, 1, 2, 7] })
    ),
    reject(
      'valleys-parameter-twice',
      String.raw`\(e\)|evidence`,
      'a parameter named twice',
      other(main, { parameters: [0, 1, 2, 2] })
    ),
    reject(
      'valleys-through-last',
      String.raw`\(e\)|evidence`,
      'through what is above the last layer',
      other(main, { layer: 1, parameters: [4, 5, 6] })
    ),
    reject('valleys-no-layer', String.raw`\(e\)|evidence`, 'a layer that is not there', other(alone, { layer: 2 })),
    reject(
      'valleys-as-a-point',
      'rule',
      'the rule does not prove that the point itself is a minimum',
      asMinimumThere(main)
    )
  ]
}

const unreadable = (): readonly Case[] => {
  const main = inValley(twins, [between], bothRescaled)
  const valleys = (...all: readonly Value[]): Value => changed(main, { evidence: { valleys: all } })
  const [first] = valleysOf(main)
  return [
    decline(
      'valleys-unknown-kind',
      'unknown',
      'a valley of a kind that no page names',
      other(main, { kind: 'beyond' })
    ),
    decline('valleys-row-of-one', 'unreadable', 'a row without a sample', other(main, { rows: [[2], [2, 3]] })),
    decline(
      'valleys-without-exceptions',
      'unreadable',
      'a valley without the field of its exceptions',
      valleys(without(first, 'exceptions'))
    ),
    decline('valleys-bounds', 'unreadable', 'a valley that states its bounds itself', other(main, { bounds: [2] })),
    decline(
      'valleys-no-list',
      'unreadable',
      'a valley where a list of them is expected',
      changed(main, { evidence: { valleys: first } })
    ),
    decline('valleys-text', 'unreadable', 'a parameter written as a text', other(main, { parameters: ['0', 1, 2, 3] })),
    decline(
      'valleys-of-kinks',
      'unreadable',
      'valleys beside the rule kinks',
      changed(main, { evidence: { rule: 'kinks' } })
    )
  ]
}

export const valleyCases = (): readonly Case[] => [
  ...accepted(),
  ...otherwise(),
  ...countedWrong(),
  ...shapedWrong(),
  ...unreadable()
]
