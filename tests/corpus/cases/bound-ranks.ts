import type { Value } from '../digests.ts'
import { vectorOf } from '../planted.ts'
import {
  about,
  accept,
  bounding,
  type Case,
  dense,
  type Entries,
  type Fields,
  point,
  problemOf,
  reject,
  relu,
  squared
} from './case.ts'

/*
 * Linear networks through a layer of few units: y = A x with the singular values 3 and 1, through a layer of one unit.
 */

const linear = (hidden: number, bias = false): Value =>
  problemOf(
    [dense(hidden, bias), dense(2, bias)],
    squared,
    [
      [1, 0],
      [0, 1],
      ...(bias
        ? [
            [-1, 0],
            [0, -1]
          ]
        : [])
    ],
    bias
      ? [
          [4, 0],
          [1, 1],
          [-2, 0],
          [1, -1]
        ]
      : [
          [3, 0],
          [0, 1]
        ]
  )
const spectrum = (excess: readonly number[], shift = '1', map: Entries = [3, 0, 0, 1]): Fields => ({
  rule: 'rank-bound',
  map: vectorOf(map),
  shift,
  excess: vectorOf(excess)
})
const bestOfRankOne = point([1, 0], [3, 0])

export const boundRankCases = (): readonly Case[] => [
  accept(
    'rank-bound',
    'Two linear layers with one unit between them: the smaller singular value is lost.',
    bounding(linear(1), bestOfRankOne, '1/2', spectrum([8, 0, 0, 0]))
  ),
  accept(
    'rank-bound-global',
    'The same bound is the loss of the point: the best network.',
    about(linear(1), 'global-minimum', bestOfRankOne, spectrum([8, 0, 0, 0]))
  ),
  accept(
    'rank-bound-biases',
    'With biases the means are free.',
    bounding(linear(1, true), point([1, 0], [0], [3, 0], [1, 0]), '1', spectrum([16, 0, 0, 0], '2', [3, 0, 1, 0, 1, 0]))
  ),
  accept(
    'rank-bound-wide',
    'Two units lose nothing: the best affine fit.',
    bounding(linear(2), point([1, 0, 0, 1], [3, 0, 0, 1]), '0', spectrum([9, 0, 0, 1], '0'))
  ),
  reject(
    'rank-bound-above',
    'bound',
    'The bound is larger than what is proved.',
    bounding(linear(1), bestOfRankOne, '501/1000', spectrum([8, 0, 0, 0]))
  ),
  reject(
    'rank-bound-two-units',
    'bound',
    'Two units lose less.',
    bounding(linear(2), point([1, 0, 0, 1], [3, 0, 0, 1]), '1/2', spectrum([8, 0, 0, 0]))
  ),
  reject(
    'rank-bound-map',
    '\\(a\\)',
    'A map whose errors still have a moment.',
    bounding(linear(1), bestOfRankOne, '0', spectrum([8, 0, 0, 0], '1', [3, 0, 0, 0]))
  ),
  reject(
    'rank-bound-excess',
    '\\(b\\)',
    'An excess that is not semidefinite.',
    bounding(linear(1), bestOfRankOne, '0', spectrum([8, 0, 0, -1], '2'))
  ),
  reject(
    'rank-bound-shift',
    '\\(b\\)',
    'The excess and the shift are not above the moments.',
    bounding(linear(1), bestOfRankOne, '0', spectrum([7, 0, 0, 0]))
  ),
  reject(
    'rank-bound-symmetric',
    'excess',
    'A matrix that is not symmetric.',
    bounding(linear(1), bestOfRankOne, '0', spectrum([9, 1, 0, 1]))
  ),
  reject(
    'rank-bound-negative-shift',
    'shift',
    'A negative shift.',
    bounding(linear(1), bestOfRankOne, '0', spectrum([11, 0, 0, 3], '-1'))
  ),
  reject(
    'rank-bound-activation',
    'network',
    'A network with an activation is not linear.',
    bounding(
      problemOf(
        [dense(1, false), relu, dense(2, false)],
        squared,
        [
          [1, 0],
          [0, 1]
        ],
        [
          [3, 0],
          [0, 1]
        ]
      ),
      bestOfRankOne,
      '0',
      spectrum([8, 0, 0, 0])
    )
  )
]
