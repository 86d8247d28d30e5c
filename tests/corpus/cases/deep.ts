import {
  about,
  accept,
  along,
  type Case,
  dense,
  firstOrder,
  point,
  problemOf,
  reject,
  relu,
  squared,
  twoSlope
} from './case.ts'

/** Two hidden layers of two units, a rectifier and a leaky one. */
const layers = [dense(2), relu, dense(2), twoSlope('1', '1/10'), dense(1)]
const xs = [[-1], [0], [1], [2]]
const deepPoint = point([1, -1], [0, 1], [1, '1/2', -1, 2], [0, -1], [1, -3], ['1/3'])
const deep = problemOf(layers, squared, xs, [[1], [0], [2], [5]])

/** All weights of the last layers zero: nothing moves at first order but the last bias. */
const origin = point([1, -1], [0, 1], [0, 0, 0, 0], [0, 0], [0, 0], [2])
const still = [
  [0, 0],
  [0, 0]
] as const

export const deepCases = (): readonly Case[] => [
  accept(
    'deep-value',
    'The loss of a network with two hidden layers.',
    about(deep, 'value', deepPoint, { rule: 'evaluation' })
  ),
  accept(
    'deep-not-stationary',
    'Two hidden layers: the loss falls at first order when the last bias moves.',
    about(deep, 'not-stationary', deepPoint, along(...still, [0, 0, 0, 0], [0, 0], [0, 0], [1]))
  ),
  accept(
    'deep-higher-order',
    'Two hidden layers, v = 0 and a zero weight before it: the loss falls at order 2 only.',
    about(
      problemOf(layers, squared, xs, [[1], [0], [2], [5]]),
      'not-a-local-minimum',
      origin,
      along(...still, [1, 0, 0, 0], [0, 0], [1, 0], [0])
    )
  ),
  accept(
    'deep-zero-loss',
    'Two hidden layers that fit every sample exactly.',
    about(
      problemOf([dense(1), relu, dense(1), relu, dense(1)], squared, xs, [[0], [0], [0], [3]]),
      'global-minimum',
      point([1], [0], [1], [-1], [3], [0]),
      { rule: 'zero-loss' }
    )
  ),
  accept(
    'zero-loss',
    'One hidden layer that fits every sample exactly.',
    about(
      problemOf([dense(1), relu, dense(1)], { kind: 'absolute', reduction: 'mean' }, xs, [[1], [1], [2], [3]]),
      'global-minimum',
      point([1], [0], [1], [1]),
      { rule: 'zero-loss' }
    )
  ),
  accept(
    'linear-network',
    'No hidden layer at all: the value of a linear model.',
    about(
      problemOf(
        [dense(2)],
        squared,
        [
          [1, 2],
          ['1/3', '-4']
        ],
        [
          [0, 0],
          [1, 1]
        ]
      ),
      'value',
      point([1, 2, 3, 4], [0, '1/7']),
      {
        rule: 'evaluation'
      }
    )
  ),
  accept(
    'activation-first',
    'A two-slope layer first, twice in a row, and dense layers without biases.',
    about(
      problemOf([twoSlope('2', '-1'), twoSlope('1', '1/2'), dense(1, false), dense(1, false)], squared, xs, [
        [0],
        [0],
        [1],
        [9]
      ]),
      'not-stationary',
      point([1], [1]),
      along([1], [0])
    )
  ),
  accept(
    'cubic-fall',
    'Three dense layers of zeros: the loss falls at order 3 only, for all three must move.',
    about(
      problemOf([dense(1, false), relu, dense(1, false), relu, dense(1, false)], squared, [[1]], [[1]]),
      'not-a-local-minimum',
      point([0], [0], [0]),
      along([1], [1], [1])
    )
  ),
  accept(
    'fall-along-a-kink',
    'The direction keeps a sample on the kink to first order and no longer.',
    about(
      problemOf([dense(1), relu, dense(1, false), relu, dense(1, false)], squared, [[0], [1]], [[5], [0]]),
      'not-a-local-minimum',
      point([0], [0], [0], [1]),
      along([-1], [1], [1], [0])
    )
  ),
  reject(
    'deep-wrong-order',
    'direction',
    'A fall of order 2, claimed to be of first order.',
    about(
      problemOf(layers, squared, xs, [[1], [0], [2], [5]]),
      'not-stationary',
      origin,
      along(...still, [1, 0, 0, 0], [0, 0], [1, 0], [0])
    )
  ),
  reject(
    'deep-first-order',
    'network',
    'The rule first-order is for one hidden layer.',
    about(deep, 'local-minimum', deepPoint, firstOrder('1', [[[]], [[]]]))
  ),
  reject(
    'linear-first-order',
    'network',
    'The rule first-order is for one hidden layer, and a linear model has none.',
    about(problemOf([dense(1)], squared, [[1]], [[0]]), 'local-minimum', point([0], [0]), firstOrder('1', []))
  ),
  reject(
    'nearly-zero-loss',
    'zero-loss',
    'A loss that is not zero, however small.',
    about(
      problemOf([dense(1), relu, dense(1)], squared, xs, [[1], [1], [2], [`${3n * 10n ** 30n + 1n}/${10n ** 30n}`]]),
      'global-minimum',
      point([1], [0], [1], [1]),
      { rule: 'zero-loss' }
    )
  )
]
