import {
  about,
  dense,
  type Entries,
  type Fields,
  point,
  problemOf,
  relu,
  squared,
  twoSlope
} from '../corpus/cases/case.ts'
import type { Value } from '../corpus/digests.ts'
import { vectorOf } from '../corpus/planted.ts'

/* Deep networks small enough to follow by hand, at kinks of their last hidden layer. */

export const span = (pivots: readonly number[], ...functions: readonly Entries[]): Value => ({
  pivots,
  functions: functions.map(vectorOf)
})

export const lastLayer = (slopes: Value, spans: readonly Value[], others: Fields = {}): Value => ({
  rule: 'last-layer',
  denominator: '1',
  slopes,
  parallel: [],
  multiples: vectorOf([]),
  spans,
  ...others
})

export const twoTwoOne = [dense(2), relu, dense(2), relu, dense(1)]

/*
 * The example of the format, above a layer that is awake: a = (x + 2, x + 3), the first unit has z = a_1 - 2 = x with
 * sample 1 on its kink, the second is asleep. The residuals are -1, 2, -2, 1, gamma = (0, m, -2, 1) with m = 1.
 */
export const shiftedXs = [[-1], [0], [1], [2]]
export const shiftedTargets = [[1], [-2], [3], [1]]
export const shiftedPoint = (second: number): Value => point([1, 1], [2, second], [1, 0, -1, -1], [-2, 0], [1, 1], [0])
export const shiftedSpan = span([1], [0, 1, -2, 1])
export const shiftedSlopes = (m: string): Value => [[[[1, m]]], [[]]]
export const shifted = about(
  problemOf(twoTwoOne, squared, shiftedXs, shiftedTargets),
  'local-minimum',
  shiftedPoint(3),
  lastLayer(shiftedSlopes('1'), [shiftedSpan])
)

/*
 * The same with the absolute loss: samples 0 and 3 are fitted, where the subgradients -1/2 and 1/2 are chosen, so
 * that gamma = (0, m, -1, 1/2) with m = 1/2.
 */
export const absolute = about(
  problemOf(twoTwoOne, { kind: 'absolute', reduction: 'mean' }, shiftedXs, [[0], [-1], [5], [2]]),
  'local-minimum',
  shiftedPoint(3),
  lastLayer(shiftedSlopes('1'), [shiftedSpan], { denominator: '2', subgradients: vectorOf(['-1/2', '1/2']) })
)

/*
 * Above a = (x_1 + 2, x_2 + 1): the first unit has z = a_2 - 1 = x_2 with samples 0, 1, 2 on its kink, where the
 * residuals are 2, -2, 2: sample 1 is concave, and its two choices 0 and -2 are balanced by the slopes 1, 1 and 2, 2
 * of the others. The second unit is awake and has v = 0. The functions are (1, 0, 1, -4, 2) and (2, -2, 2, -4, 2).
 */
export const concave = about(
  problemOf(
    twoTwoOne,
    squared,
    [
      [-1, 0],
      [0, 0],
      [1, 0],
      [0, 1],
      [0, 2]
    ],
    [[-2], [2], [-2], [5], [0]]
  ),
  'local-minimum',
  point([1, 0, 0, 1], [2, 1], [0, 1, 1, 1], [-1, 0], [1, 0], [0]),
  lastLayer(
    [
      [
        [
          [0, '1'],
          [2, '1']
        ],
        [
          [0, '2'],
          [2, '2']
        ]
      ],
      []
    ],
    [span([0, 1], [1, 0, 1, -4, 2], [0, 1, 0, -2, 1])]
  )
)

/*
 * No hidden biases, a = x: the units x_2 - x_1 with v = 1 and x_1 - x_2 with v = 0 have samples 0 and 1 on their
 * kinks. Sample 1 is twice sample 0 whatever the weights, and the residuals 2 and -1 cancel together, not alone. The
 * residuals 1, 1, -1 of each three others are orthogonal to their inputs.
 */
export const parallelXs = [
  [1, 1],
  [2, 2],
  [2, 1],
  [3, 1],
  [5, 2],
  [1, 2],
  [1, 3],
  [2, 5]
]
export const parallelLayers = (bias: boolean): readonly Value[] => [
  dense(2, bias),
  relu,
  dense(2, false),
  relu,
  dense(1, false)
]
export const parallelTargets = [[-2], [1], [-1], [-1], [1], [0], [1], [4]]
export const parallelSpan = (...functions: readonly Entries[]): Value =>
  span([1, 2, 5, 7].slice(0, functions.length), ...functions)
const pairFunction = [-2, 1, 0, 0, 0, 0, 0, 0]
export const lower = [0, 0, 1, 1, -1, 0, 0, 0]
export const upper = [0, 0, 0, 0, 0, 1, 1, -1]
export const pairs = (list: Value, multiples: Entries): Fields => ({ parallel: list, multiples: vectorOf(multiples) })
export const parallel = about(
  problemOf(parallelLayers(false), squared, parallelXs, parallelTargets),
  'local-minimum',
  point([1, 0, 0, 1], [-1, 1, 1, -1], [1, 0]),
  lastLayer([[[[0, '0']]], []], [parallelSpan(pairFunction, lower, upper)], pairs([[1, 0]], [2]))
)

/*
 * Two outputs, slopes 2 and 1: a_1 = h(x + 1) and a_2 = h(x + 10) see samples 0 to 2 and 3 to 5 as two groups, on each
 * of which the residuals (1, -2, 1; 1, -2, 1) and (2, -4, 2; 0, 0, 0) are orthogonal to 1 and x. The unit a_1 - 2 with
 * v = (1, 1) has sample 0 on its kink, at the right end of its slopes in both outputs; the unit -a_2 has v = 0.
 */
export const groupsSlopes = (...slopes: readonly string[]): Value => [[[[0, slopes]]], []]
const groupsSpan = span([0, 3], [1, -2, 1, 0, 0, 0], [0, 0, 0, 1, -2, 1])
export const groups = about(
  problemOf(
    [dense(2), twoSlope('2', '1'), dense(2), twoSlope('2', '1'), dense(2)],
    squared,
    [[0], [1], [2], [-5], [-6], [-7]],
    [
      [-1, -2],
      [6, 8],
      [7, 6],
      [-7, -6],
      [-5, -7],
      [-9, -8]
    ]
  ),
  'local-minimum',
  point([1, 1], [1, 10], [1, 0, 0, -1], [-2, 0], [1, 0, 1, 0], [0, 0]),
  lastLayer(groupsSlopes('2', '4'), [groupsSpan])
)
