import type { Value } from '../digests.ts'
import {
  about,
  accept,
  along,
  type Case,
  changed,
  dense,
  firstOrder,
  point,
  problemOf,
  reject,
  squared
} from './case.ts'

const quadratic: Value = { kind: 'quadratic' }
const layers = [dense(1), quadratic, dense(1)]

/** One unit at the zero of the derivative, the output at the mean: sum r = 0, sum r x = -2. */
const flat = problemOf(layers, squared, [[-1], [0], [1]], [[0], [0], [3]])
const flatPoint = point([0], [0], [2], [1])
const curve = (...at: readonly (readonly number[])[]): Value => [[1, point(...at)]]
const saddle = (descent: Value, ascent: Value): Value => ({ rule: 'differentiable-saddle', descent, ascent })

/** Three samples on a line, two units: (x1 + 2 x2)^2 and (-x1 + 2 x2)^2, their difference fits the third sample. */
const two = problemOf(
  [dense(2, false), quadratic, dense(1, false)],
  squared,
  [
    [1, 0],
    [0, 1],
    ['1/2', '1/2']
  ],
  [[0], [0], [1]]
)

export const quadraticCases = (): readonly Case[] => [
  accept(
    'quadratic-value',
    'A quadratic activation, then a rectifier: all values are rational.',
    about(
      problemOf([dense(2), quadratic, dense(2), quadratic, dense(1)], squared, [[1], [-2]], [['1/2'], [0]]),
      'value',
      point([1, '1/3'], [0, -1], [1, 1, 2, -1], [0, '1/2'], [1, -1], [0]),
      { rule: 'evaluation' }
    )
  ),
  accept(
    'quadratic-zero-loss',
    'Two quadratic units that fit three samples exactly.',
    about(two, 'global-minimum', point([1, 2, -1, 2], ['1/2', '-1/2']), {
      rule: 'zero-loss'
    })
  ),
  accept(
    'quadratic-not-stationary',
    'The loss falls at first order along a direction of the output.',
    about(flat, 'not-stationary', point([0], [1], [2], [1]), along([0], [0], [0], [-1]))
  ),
  accept(
    'quadratic-saddle',
    'At the zero of the derivative all residuals leave the weights of the unit alone; bias and weight together do not.',
    about(flat, 'saddle', flatPoint, saddle(curve([1], [1], [0], [0]), curve([1], [-1], [0], [0])))
  ),
  accept(
    'quadratic-higher-order',
    'The same descent, as a direction of second order.',
    about(flat, 'not-a-local-minimum', flatPoint, along([1], [1], [0], [0]))
  ),
  reject(
    'quadratic-saddle-turned',
    'descent',
    'Descent and ascent have changed places.',
    about(flat, 'saddle', flatPoint, saddle(curve([1], [-1], [0], [0]), curve([1], [1], [0], [0])))
  ),
  reject(
    'quadratic-gradient',
    '\\(b\\) layer 2',
    'The residuals do not add up to zero.',
    about(flat, 'saddle', point([0], [0], [2], [2]), saddle(curve([1], [1], [0], [0]), curve([1], [-1], [0], [0])))
  ),
  reject(
    'quadratic-first-order',
    'network',
    'The rule first-order is for two-slope layers.',
    about(flat, 'local-minimum', flatPoint, firstOrder('1', [[[]]]))
  ),
  reject(
    'quadratic-path-span',
    'network',
    'The rule path-span is for networks without smooth layers.',
    about(flat, 'local-minimum', flatPoint, { rule: 'path-span', spans: [] })
  ),
  reject(
    'quadratic-loss',
    'evaluation',
    'The loss of another activation.',
    changed(about(flat, 'value', point([2], [0], [1], [0]), { rule: 'evaluation' }), { claim: { loss: '13/2' } })
  )
]
