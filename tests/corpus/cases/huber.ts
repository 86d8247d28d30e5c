import type { Value } from '../digests.ts'
import { fraction, subtract, text } from '../fraction.ts'
import { about, accept, along, type Case, dense, firstOrder, point, problemOf, reject, relu } from './case.ts'

const huber: Value = { kind: 'huber', reduction: 'sum' }

/** N(x) = x on three positive samples; the targets leave these errors. */
const line = (...errors: readonly string[]): Value =>
  problemOf(
    [dense(1), relu, dense(1)],
    huber,
    [[1], [2], [3]],
    errors.map((error, i) => [text(subtract(fraction(i + 1), fraction(error)))])
  )
const linePoint = point([1], [0], [1], [0])
const slopes = firstOrder('1', [[[]]])
const ones: Value = {
  rule: 'path-span',
  spans: [{ pivots: [0], functions: [{ denominator: '1', numerators: ['1', '1', '1'] }] }]
}

/** Two samples with equal inputs, N = 0. */
const twice = (first: string, second: string): Value =>
  problemOf([dense(1), relu, dense(1)], huber, [[1], [1]], [[first], [second]])

export const huberCases = (): readonly Case[] => [
  accept(
    'huber-value',
    'Huber loss: squares of small errors, sizes of large ones.',
    about(line('1/2', '-5', '7'), 'value', linePoint, { rule: 'evaluation' })
  ),
  accept(
    'huber-minimum',
    'Large errors pull with the force 1: the subgradients 1/2, -1, 1/2 balance.',
    about(line('1/2', '-5', '1/2'), 'local-minimum', linePoint, slopes)
  ),
  accept(
    'huber-path-span',
    'The same by path spans.',
    about(line('1/2', '-9', '1/2'), 'local-minimum', linePoint, ones)
  ),
  accept(
    'huber-not-stationary',
    'One error is exactly 1 and shrinks.',
    about(line('1', '-3', '1/2'), 'not-stationary', linePoint, along([0], [-1], [0], [0]))
  ),
  accept(
    'huber-edge',
    'At an error of exactly 1 that grows the loss is a line: no fall of second order.',
    about(
      problemOf([dense(1), relu, dense(1)], huber, [[1]], [[-1]]),
      'not-stationary',
      point([0], [0], [1], [0]),
      along([0], [0], [0], [-1])
    )
  ),
  accept(
    'huber-same-inputs',
    'Equal inputs, errors of any size on both sides: the forces 1 and -1 cancel.',
    about(twice('3', '-7'), 'global-minimum', point([0], [-1], [0], [0]), { rule: 'same-input-bound' })
  ),
  reject(
    'huber-as-squares',
    '\\(a\\)',
    'Errors that balance, forces that do not.',
    about(line('5/2', '-5', '5/2'), 'local-minimum', linePoint, slopes)
  ),
  reject(
    'huber-same-inputs-errors',
    'same-input-bound',
    'Errors that add up to zero, forces that do not.',
    about(
      problemOf([dense(1), relu, dense(1)], huber, [[1], [1], [1]], [['4'], ['-2'], ['-2']]),
      'global-minimum',
      point([0], [-1], [0], [0]),
      { rule: 'same-input-bound' }
    )
  ),
  reject(
    'huber-rising',
    'direction',
    'An error of exactly 1 that grows: the loss rises.',
    about(
      problemOf([dense(1), relu, dense(1)], huber, [[1]], [[-1]]),
      'not-stationary',
      point([0], [0], [1], [0]),
      along([0], [0], [0], [1])
    )
  ),
  reject(
    'huber-subgradients',
    'subgradients',
    'The Huber loss has no choice of subgradients.',
    about(
      line('1/2', '-5', '1/2'),
      'local-minimum',
      linePoint,
      firstOrder('1', [[[]]], { subgradients: { denominator: '1', numerators: [] } })
    )
  )
]
