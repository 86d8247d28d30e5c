import { fraction } from '../fraction.ts'
import { type KinkDesign, type Planted, sceneOf } from '../planted-kinks.ts'
import { accept, type Case, reject } from './case.ts'
import { certified, planted, withResiduals } from './kinks.ts'

/*
 * Minima nearby where nothing stands between two dense layers. On the unit vectors linear layers with weight decay shrink every singular value of the targets; units of one layer can be rotated into each other.
 */

const unitVectors = (size: number): KinkDesign['xs'] =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, k) => (i === k ? 1 : 0)))

const decayed = { slopes: [1, 0], bias: false, decay: { factor: '1', biases: true }, reduction: 'sum' } as const

/** The singular values 5 and 2 become 4 and 1. */
const pair = withResiduals(
  {
    ...decayed,
    sizes: [2, 2, 2],
    linear: [0],
    xs: unitVectors(2),
    tensors: [
      [2, 0, 0, 1],
      [2, 0, 0, 1]
    ]
  },
  ['-1', '0', '0', '-1']
)
const rotation = { frozen: [2], symmetries: [['rotate', 0, 0, 1]] }

/** Two units for three singular values; the error of the third is given. */
const narrow = (error: string): Planted =>
  withResiduals(
    {
      ...decayed,
      sizes: [3, 2, 3],
      linear: [0],
      xs: unitVectors(3),
      tensors: [
        [2, 0, 0, 0, 1, 0],
        [2, 0, 0, 1, 0, 0]
      ]
    },
    ['-1', '0', '0', '0', '-1', '0', '0', '0', error]
  )
const narrowRotation = { frozen: [3], symmetries: [['rotate', 0, 0, 1]] }

/** Three layers; the second unit of both hidden ones has no weights. */
const deep = withResiduals(
  {
    ...decayed,
    sizes: [1, 2, 2, 1],
    linear: [0, 1],
    xs: [[1]],
    tensors: [
      [2, 0],
      [2, 0, 0, 0],
      [2, 0]
    ]
  },
  ['-1/2']
)

/** A two-slope layer with a kink, then a linear one. */
const mixed: KinkDesign = {
  ...decayed,
  sizes: [1, 1, 1, 1],
  linear: [1],
  xs: [[2], [0], [1], [-1], [3], [-2]],
  tensors: [[1], [0], [1], [0], [1], [0]],
  bias: true
}

/** No weight decay: the outputs fill their path span. */
const free = withResiduals(
  {
    sizes: [2, 2, 1],
    slopes: [1, 0],
    linear: [0],
    xs: [
      [1, 0],
      [0, 1],
      [1, 1]
    ],
    tensors: [
      [1, 2, -1, 1],
      [1, 1]
    ],
    bias: false,
    reduction: 'sum'
  },
  ['1', '1', '-1']
)

export const linearKinkCases = (): readonly Case[] => [
  accept(
    'kinks-linear',
    'two linear layers with weight decay, up to a rotation of their units',
    certified(pair, rotation)
  ),
  accept(
    'kinks-linear-narrow',
    'fewer linear units than singular values, with weight decay: what is lost counts less than the decay',
    certified(narrow('-1/2'), narrowRotation)
  ),
  accept(
    'kinks-linear-deep',
    'three linear layers with weight decay, units without weights among them',
    certified(deep, {
      frozen: [1, 4],
      symmetries: [
        ['rotate', 0, 0, 1],
        ['rotate', 1, 0, 1]
      ]
    })
  ),
  accept('kinks-linear-mixed', 'a linear layer above one with a kink', certified(planted(mixed))),
  accept(
    'kinks-span-linear',
    'linear layers without weight decay, the outputs fill their path span',
    certified(free, { frozen: [0, 1, 2, 3], symmetries: 'span' })
  ),
  reject(
    'kinks-linear-saddle',
    String.raw`\(d\)`,
    'fewer linear units than singular values: what is lost counts more than what is kept',
    certified(narrow('-3'), narrowRotation)
  ),
  reject(
    'kinks-linear-kink',
    String.raw`\(c\)`,
    'a kink of a linear unit: its two slopes are one',
    certified(
      { ...pair, scene: { ...sceneOf(pair.scene.design), kinks: [[0, 0, 1]] }, multipliers: [fraction('1/2')] },
      rotation
    )
  ),
  reject(
    'kinks-linear-rescale',
    String.raw`\(e\) rescale`,
    'a linear unit rescaled, with weight decay',
    certified(pair, { frozen: [2], symmetries: [['rescale', 0, 0]] })
  ),
  reject(
    'kinks-linear-span-bottleneck',
    String.raw`\(e\)`,
    'without weight decay a bottleneck does not fill its path span, and the point is a saddle',
    certified(
      withResiduals(
        {
          sizes: [2, 1, 2],
          slopes: [1, 0],
          linear: [0],
          xs: unitVectors(2),
          tensors: [
            [1, 0],
            [1, 0]
          ],
          bias: false,
          reduction: 'sum'
        },
        ['0', '0', '0', '-2']
      ),
      { frozen: [0], symmetries: 'span' }
    )
  )
]
