import type { Value } from '../digests.ts'
import { type Fraction, fraction } from '../fraction.ts'
import { randomIntegers } from '../large-instance.ts'
import { type Planted, plant, type Scene, sceneOf } from '../planted-kinks.ts'
import type { Gauge } from '../planted-kinks-documents.ts'
import { type WindowDesign, writtenOut } from '../window-designs.ts'
import { accept, type Case, changed, reject } from './case.ts'
import { certified, unfinished, withMovedTarget } from './kinks.ts'

const planted = (scene: Scene, share: Fraction = fraction('1/2')): Planted => {
  const random = randomIntegers(7n)
  const found = plant(scene, share, () => Number(random(4n)) - 7)
  if (found === undefined) throw new Error('no residuals make this point stationary')
  return found
}

const scene = (design: WindowDesign): Scene => sceneOf(writtenOut(design))

const decay = { factor: '1/10', biases: true }
const weightDecay = { factor: '1/10', biases: false }
const rectified: WindowDesign['slopes'] = [1, 0]
const units = { kind: 'units' } as const
const flatten = { kind: 'flatten' } as const
const dense = (outputs: number) => ({ kind: 'dense', outputs, bias: true }) as const
const conv = (outputs: number) => ({ kind: 'conv', outputs, size: [1, 2], bias: true }) as const
const pair = { kind: 'average-pool', size: [1, 2] } as const

/** The bias is 0: all windows that see background only are on one kink. */
const background: WindowDesign = {
  image: [1, 1, 4],
  layers: [conv(1), units, flatten, dense(1)],
  slopes: rectified,
  xs: [
    [-3, 0, 1, 0],
    [3, 3, 0, 1],
    [0, 0, 0, 3],
    [0, 0, 0, 1],
    [2, 1, 0, -1],
    [0, -1, 1, -3]
  ],
  tensors: [[2, 1], [0], [-1, 2, 0], [2]],
  reduction: 'sum',
  decay
}

/** A second dense layer after the first; decay balances their weights. */
const linearAbove: WindowDesign = {
  ...background,
  layers: [conv(1), units, flatten, dense(1), dense(1)],
  tensors: [[2, 1], [0], [-1, 2, 0], [2], [3], ['2/3']]
}

const padded: WindowDesign = {
  image: [1, 2, 2],
  layers: [{ kind: 'conv', outputs: 1, size: [2, 2], padding: [1, 0, 0, 1], bias: true }, units, pair, dense(1)],
  slopes: rectified,
  xs: [
    [0, -2, 0, 2],
    [0, -3, 0, -1],
    [0, -2, 0, 0],
    [0, 0, 0, 0],
    [0, -3, -3, 2],
    [3, -1, -1, 0]
  ],
  tensors: [[-1, 0, -2, 0], [-2], [-1, 2], [0]],
  reduction: 'mean',
  decay: { factor: '1/7', biases: false }
}

/** Without bias, windows of background are void; two samples have one kink in common. */
const withoutBias: WindowDesign = {
  image: [1, 1, 4],
  layers: [{ kind: 'conv', outputs: 1, size: [1, 2], stride: [1, 2], bias: false }, units, pair, flatten, dense(2)],
  slopes: [1, '1/4'],
  xs: [
    [0, 1, 0, 1],
    [1, 0, 0, -1],
    [0, 0, 0, 0],
    [1, -1, 0, 0],
    [-1, 0, 1, -1],
    [0, -1, 0, -1]
  ],
  tensors: [
    [-2, -2],
    [-2, 2],
    [0, -1]
  ],
  reduction: 'sum',
  decay
}

const twoConvolutions = (xs: WindowDesign['xs'], tensors: WindowDesign['tensors'], slopes: WindowDesign['slopes']) => ({
  image: [1, 1, 4] as const,
  layers: [conv(1), units, conv(1), units, flatten, dense(1)],
  slopes,
  xs,
  tensors,
  reduction: 'sum' as const,
  decay: weightDecay
})

/** Kinks of both hidden layers. */
const deep = twoConvolutions(
  [
    [2, 3, 2, -1],
    [0, 0, 0, -3],
    [2, 2, -1, 3],
    [-3, -3, 1, 3],
    [3, 0, 2, 1],
    [0, 3, -3, 0],
    [0, 0, 0, 3],
    [0, 1, 0, 0]
  ],
  [[-1, 2], [1], [2, 1], [-2], [2, -1], [2]],
  rectified
)

/** Two images with one kink in the first layer, leaky units. */
const deepLeaky = twoConvolutions(
  [
    [2, 0, 0, 0],
    [0, -2, 0, 0],
    [2, 0, 3, 0],
    [3, 0, 0, 0],
    [-2, 0, -2, 0],
    [-1, -3, -1, 2],
    [-1, -3, 0, 0],
    [2, 0, 3, -2],
    [0, -2, 0, 1],
    [0, 0, -3, 0]
  ],
  [[-2, 1], [1], [-2, 1], [2], [-2, -1], [0]],
  [1, '-1/2']
)

/** On the last sample the first unit has argument 0, and the only unit of the next layer that reads it is shut. */
const unfelt = twoConvolutions(
  [
    [2, -3, 0, 0],
    [-2, 3, 2, -3],
    [0, 0, 0, 0],
    [-2, -2, 0, 3],
    [0, 0, 0, -1],
    [0, -2, 3, 0],
    [2, -2, 3, 0],
    [0, 3, 0, 3],
    [0, 1, 0, -1]
  ],
  [[-1, -2], [2], [2, 1], [-2], [1, -2], [-1]],
  rectified
)
const unfeltKink = [0, 0, 8]

/** Dense layers on samples two of which are equal, both on a kink. */
const equalSamples: WindowDesign = {
  image: [2, 1, 1],
  layers: [dense(1), units, dense(1)],
  slopes: rectified,
  xs: [
    [1, 0],
    [-1, 0],
    [0, 0],
    [1, 1],
    [0, 0],
    [1, 0],
    [1, 1]
  ],
  tensors: [[-1, 0], [0], [1], [-2]],
  reduction: 'sum',
  decay
}

/** Two samples on which the first hidden layer is shut: the second cannot tell them apart, and is on its kink. */
const behindShut: WindowDesign = {
  image: [2, 1, 1],
  layers: [dense(2), units, dense(1), units, { kind: 'dense', outputs: 1, bias: false }],
  slopes: rectified,
  xs: [
    [-2, -1],
    [-1, -3],
    [1, -1],
    [2, -3],
    [-1, 1],
    [-2, 3],
    [1, 1],
    [2, 1],
    [1, 3],
    [3, 2],
    [3, -2],
    [-3, 2]
  ],
  tensors: [[3, 0, 0, 4], [1, 1], [3, 4], [0], [5]],
  reduction: 'sum',
  decay: weightDecay
}

/** Two channels with equal gates everywhere: they can be rotated into one another. */
const channels: WindowDesign = {
  image: [1, 1, 3],
  layers: [conv(2), units, pair, dense(1)],
  slopes: rectified,
  xs: [
    [-3, '-7/2', 0],
    [0, '-1/2', 3],
    [0, '5/2', 0],
    [1, '-1/2', 0],
    [2, '-1/2', 0],
    [0, '-7/2', 1],
    [-1, '-5/2', 0]
  ],
  tensors: [[6, 6, 8, 8], [3, 4], [9, 12], [1]],
  reduction: 'mean',
  decay
}
const rotation: Gauge = { frozen: [0], symmetries: [['rotate', 0, 0, 1]] }

/** Between -1/2 and -5/12 the sum of a window opens the second channel only. */
const unequalGates: Planted = {
  scene: scene({
    ...channels,
    xs: [
      [1, 1, 1],
      [2, -4, '71/20']
    ],
    tensors: [[6, 6, 8, 8], ['5/2', 4], [9, 12], [1]]
  }),
  residuals: [fraction(0), fraction(0)],
  multipliers: [],
  bounds: []
}

/** Two windows with parallel contents on their kinks: two kinks, not one. */
const parallel: Planted = {
  scene: scene({
    ...background,
    xs: [
      [1, -2, 7, 7],
      [2, -4, 7, 7]
    ]
  }),
  residuals: [fraction(1), fraction(1)],
  multipliers: [],
  bounds: []
}

/** A channel that is open everywhere, below a convolution that reaches into padding. */
const openBelowPadding: Planted = {
  scene: scene({
    image: [1, 1, 2],
    layers: [
      { kind: 'conv', outputs: 1, size: [1, 1], bias: true },
      units,
      { kind: 'conv', outputs: 1, size: [1, 2], padding: [0, 1, 0, 0], bias: true },
      units,
      flatten,
      dense(1)
    ],
    slopes: rectified,
    xs: [[1, 2]],
    tensors: [[1], [1], [1, 1], [1], [1, 1], [0]],
    reduction: 'sum'
  }),
  residuals: [fraction(0)],
  multipliers: [],
  bounds: []
}

/** Two hidden layers one after the other. */
const twice: Planted = {
  ...openBelowPadding,
  scene: scene({
    image: [1, 1, 2],
    layers: [conv(1), units, flatten, dense(1)],
    slopes: rectified,
    xs: [[1, 2]],
    tensors: [[1, 1], [1], [1], [0]],
    reduction: 'sum'
  })
}

/** No weight decay: the channel can be rescaled. */
const free: WindowDesign = {
  image: [1, 1, 3],
  layers: [conv(1), units, pair, dense(1)],
  slopes: [1, '1/4'],
  xs: [
    [0, 0, 0],
    [-3, 0, 0],
    [-3, 1, 0],
    [-3, 0, -2],
    [2, 0, -3],
    [0, 0, 0],
    [0, 0, 2]
  ],
  tensors: [[1, -2], [0], [-2], [0]],
  reduction: 'sum'
}
const rescaling: Gauge = { frozen: [0], symmetries: [['rescale', 0, 0]] }

/** The first channel is open everywhere: its bias can be taken over by the next one. */
const open: WindowDesign = {
  image: [1, 1, 3],
  layers: [conv(2), units, pair, dense(1)],
  slopes: rectified,
  xs: [
    [2, 0, 3],
    [0, 0, 0],
    [0, 3, 0],
    [1, 1, 0],
    [0, 0, 0],
    [0, 0, 3],
    [0, 1, 1],
    [0, 0, -3]
  ],
  tensors: [[1, 0, 2, -2], [1, -2], [-2, -2], [0]],
  reduction: 'sum'
}
const shifting: Gauge = {
  frozen: [0, 2, 4],
  symmetries: [
    ['rescale', 0, 0],
    ['rescale', 0, 1],
    ['shift', 0, 0]
  ]
}

/** Stationary, the multiplier right, and a saddle: one kink of five windows. */
const saddle: WindowDesign = {
  image: [1, 1, 4],
  layers: [conv(1), units, flatten, dense(1)],
  slopes: [1, -1],
  xs: [
    [2, 0, 0, 0],
    [0, 0, 2, 0],
    [2, 0, 3, -1],
    [-3, -2, 2, 0],
    [1, 0, 0, 0]
  ],
  tensors: [[2, 1], [0], [-2, -1, 0], [-1]],
  reduction: 'sum',
  decay
}

const withoutKink = (all: Scene, [l, u, i]: readonly number[]): Scene => {
  const stays = all.kinks.map((kink) => kink[0] !== l || kink[1] !== u || kink[2] !== i)
  return { ...all, kinks: all.kinks.filter((_, a) => stays[a]), members: all.members.filter((_, a) => stays[a]) }
}

/** The evidence of a point with these kinks, before the numbers are looked at. */
const naming = (point: Planted, kinks: readonly (readonly [number, number, number])[]): Value =>
  unfinished(
    {
      ...point,
      scene: { ...point.scene, kinks },
      multipliers: kinks.map(() => fraction('1/100'))
    },
    { frozen: [], symmetries: [] }
  )

/** Another network on the same data, refused before the evidence is looked at. */
const withLayers = (document: Value, layers: Value): Value => {
  const { problem } = document as unknown as { problem: { network: { inputs: Value } } }
  return changed(document, { problem: { network: { inputs: problem.network.inputs, layers } } })
}

export const kinkWindowCases = (): readonly Case[] => {
  const main = planted(scene(background))
  const accepted = certified(main)
  const [merged] = main.scene.members
  const deepPoint = planted(scene(deep))
  const quiet = planted(withoutKink(scene(unfelt), unfeltKink))
  const twoSlope: Value = { kind: 'two-slope', positive: '1', negative: '0' }
  const convolution: Value = {
    kind: 'conv',
    outputs: 1,
    size: [1, 2],
    stride: [1, 1],
    padding: [0, 0, 0, 0],
    bias: true
  }
  const last: Value = { kind: 'dense', outputs: 1, bias: true }
  return [
    accept('kinks-conv', 'a convolution; all windows of background are on one kink', accepted),
    accept(
      'kinks-conv-padded',
      'padding, pooling, the mean, biases that do not decay',
      certified(planted(scene(padded)))
    ),
    accept(
      'kinks-conv-void',
      'no bias: windows of background are void; leaky, global means, two outputs',
      certified(planted(scene(withoutBias)))
    ),
    accept(
      'kinks-conv-linear',
      'two dense layers follow one another above a convolution',
      certified(planted(scene(linearAbove)))
    ),
    accept('kinks-conv-deep', 'two convolutions with a kink in each', certified(deepPoint)),
    accept('kinks-conv-deep-leaky', 'the same, leaky; a kink of two images', certified(planted(scene(deepLeaky)))),
    accept('kinks-conv-unfelt', 'an argument is 0 where nothing felt reads its value', certified(quiet)),
    accept(
      'kinks-equal-samples',
      'dense layers; equal samples are on one kink',
      certified(planted(scene(equalSamples)))
    ),
    accept(
      'kinks-behind-shut',
      'two samples that a hidden layer makes equal are on one kink of the next',
      certified(planted(scene(behindShut)))
    ),
    accept('kinks-conv-rotate', 'two channels with equal gates', certified(planted(scene(channels)), rotation)),
    accept('kinks-conv-rescale', 'no weight decay: a channel is rescaled', certified(planted(scene(free)), rescaling)),
    accept('kinks-conv-shift', 'a channel that is open everywhere', certified(planted(scene(open)), shifting)),

    reject(
      'kinks-conv-members-apart',
      String.raw`\(a\)`,
      'two members of one kink are named as kinks of their own',
      naming(
        main,
        [merged[0], merged[1]].sort((a, b) => a[1] - b[1] || a[2] - b[2])
      )
    ),
    reject(
      'kinks-conv-linear-kink',
      String.raw`\(c\) unit 0 of hidden layer 1`,
      'a kink of the linear layer between dense layers above a convolution',
      naming(planted(scene(linearAbove)), [
        [0, 0, 2],
        [1, 0, 0]
      ])
    ),
    reject(
      'kinks-conv-void-named',
      String.raw`\(a\)`,
      'a window of background without bias is 0 for all parameters: no kink',
      naming(planted(scene(withoutBias)), [[0, 0, 2]])
    ),
    reject(
      'kinks-conv-unfelt-named',
      String.raw`\(a\)`,
      'a kink whose value nothing felt reads',
      naming(quiet, [[0, 0, 8]])
    ),
    reject(
      'kinks-conv-left-out',
      String.raw`\(a\)`,
      'a kink of the second layer is not named',
      certified({
        ...deepPoint,
        scene: withoutKink(deepPoint.scene, deepPoint.scene.kinks[1]),
        multipliers: deepPoint.multipliers.slice(0, 1)
      })
    ),
    reject(
      'kinks-conv-multiplier-bound',
      String.raw`\(c\)`,
      'the multiplier is the sum of the bounds of all members',
      certified(planted(scene(background), fraction(1)))
    ),
    reject(
      'kinks-conv-multiplier-zero',
      String.raw`\(c\)`,
      'the multiplier is 0',
      certified(planted(scene(deepLeaky), fraction(0)))
    ),
    reject(
      'kinks-conv-moved-target',
      String.raw`\(b\)`,
      'one target is moved: the point is not stationary',
      withMovedTarget(accepted)
    ),
    reject(
      'kinks-conv-saddle',
      String.raw`\(d\)`,
      'stationary, the multiplier right, and a saddle',
      certified(planted(scene(saddle)))
    ),
    reject(
      'kinks-conv-rotate-different',
      String.raw`\(e\) rotate`,
      'two channels with equal gates but at one position',
      unfinished(unequalGates, rotation)
    ),
    reject(
      'kinks-conv-parallel',
      String.raw`\(a\)`,
      'of two windows with parallel contents, both on their kinks, one is named',
      naming(parallel, [[0, 0, 0]])
    ),
    reject(
      'kinks-conv-shift-padding',
      String.raw`\(e\) shift`,
      'the bias of a channel below padding cannot be taken over',
      unfinished(openBelowPadding, { frozen: [1], symmetries: [['shift', 0, 0]] })
    ),
    reject(
      'kinks-conv-rescale-twice',
      String.raw`\(e\) rescale`,
      'two hidden layers and nothing with weights between them',
      withLayers(unfinished(twice, { frozen: [0], symmetries: [['rescale', 0, 0]] }), [
        convolution,
        twoSlope,
        twoSlope,
        last
      ])
    ),
    reject('kinks-conv-no-unit', 'evidence', 'a unit beyond the entries of the image', naming(main, [[0, 3, 0]])),
    reject(
      'kinks-conv-channel',
      String.raw`\(e\) rescale`,
      'a channel beyond those of the convolution',
      unfinished(planted(scene(free)), { frozen: [0], symmetries: [['rescale', 0, 1]] })
    ),
    reject(
      'kinks-conv-decay-rescale',
      String.raw`\(e\) rescale`,
      'with weight decay a channel cannot be rescaled',
      unfinished(main, { frozen: [0], symmetries: [['rescale', 0, 0]] })
    ),
    reject(
      'kinks-conv-idle',
      String.raw`\(e\) idle`,
      'a weight of the filter reads zeros in most places only',
      unfinished(planted(scene(free)), { frozen: [1], symmetries: [['idle', 1]] })
    ),
    reject(
      'kinks-conv-span',
      'network',
      'the rule kinks-span is for dense layers',
      unfinished(planted(scene(free)), { frozen: [0], symmetries: 'span' })
    ),
    reject(
      'kinks-conv-valleys',
      'network',
      'the rule kinks-valleys is for dense layers',
      unfinished(planted(scene(free)), { frozen: [0], symmetries: [['rescale', 0, 0]], valleys: [] })
    ),
    reject(
      'kinks-conv-max-pool',
      'network',
      'max pooling',
      withLayers(accepted, [convolution, twoSlope, { kind: 'max-pool', size: [1, 3], stride: [1, 1] }, last])
    )
  ]
}
