import { certificate, type Value } from '../digests.ts'
import { text } from '../fraction.ts'
import { lossAt, parametersOf } from '../naive.ts'
import {
  accept,
  bounding,
  type Case,
  decaying,
  dense,
  type Fields,
  point,
  problemOf,
  reject,
  relu,
  squared
} from './case.ts'

/*
 * Lower bounds from trees of boxes. Most are about v max(w x, 0) at three samples.
 */

const boxProblem = problemOf([dense(1, false), relu, dense(1, false)], squared, [[-1], [1], [2]], [[1], [2], [3]])
const boxed = (splits: readonly number[], bound: string, others: Fields = {}, evidence: Fields = {}): Value => {
  const at = point([1], ['8/5'])
  return certificate(
    boxProblem,
    {
      kind: 'lower-bound-in-box',
      point: at,
      loss: text(lossAt(boxProblem, parametersOf(at))),
      bound,
      low: point(['1/2'], [1]),
      high: point(['3/2'], [2]),
      ...others
    },
    { rule: 'box-tree', low: point(['1/2'], [1]), high: point(['3/2'], [2]), splits, ...evidence }
  )
}
/** Every node of a full tree splits the two parameters in turn. */
const fullTree = (depth: number, parameter = 1): readonly number[] =>
  depth === 0 ? [0] : [parameter, ...fullTree(depth - 1, 3 - parameter), ...fullTree(depth - 1, 3 - parameter)]

const decayedBox = (reach: number, splits: readonly number[], bound: string, biases = true, bias = false): Value => {
  const problem = decaying(
    problemOf([dense(1, bias), relu, dense(1, false)], squared, [[-1], [1]], [[0], [2]]),
    '1',
    biases
  )
  const at = bias ? point([1], [0], [1]) : point([1], [1])
  const ends = (sign: number): Value =>
    bias ? point([sign * reach], [sign * reach], [sign * reach]) : point([sign * reach], [sign * reach])
  return bounding(problem, at, bound, { rule: 'box-tree', low: ends(-1), high: ends(1), splits })
}

export const boundBoxCases = (): readonly Case[] => {
  const boxTree = boxed(fullTree(6), '101/200')
  return [
    accept('box-tree', 'Two weights in a box, by bounds of the gradient.', boxTree),
    accept(
      'box-tree-decay',
      'With weight decay a large box speaks of all parameters.',
      decayedBox(4, fullTree(10), '1/2')
    ),
    accept(
      'box-tree-smaller-claim',
      'The box of the claim is smaller than that of the evidence.',
      boxed(fullTree(6), '101/200', { low: point(['3/4'], [1]) })
    ),
    reject('box-tree-coarse', '\\(a\\)', 'The boxes are too large for the bound.', boxed(fullTree(4), '101/200')),
    reject(
      'box-tree-above',
      '\\(a\\)',
      'The bound is above the loss of some parameters of the box.',
      boxed(fullTree(8), '601/1000')
    ),
    reject(
      'box-tree-larger-claim',
      '\\(b\\)',
      'The claim is about a larger box.',
      boxed(fullTree(6), '101/200', { high: point(['3/2'], [3]) })
    ),
    reject(
      'box-tree-point-outside',
      'claim',
      'The point does not lie in its box.',
      boxed(fullTree(6), '101/200', { low: point([1], ['9/5']) })
    ),
    reject(
      'box-tree-turned',
      'box',
      'A box whose ends are turned around.',
      boxed(fullTree(6), '101/200', {}, { low: point(['7/4'], [1]) })
    ),
    reject(
      'box-tree-everywhere',
      '\\(b\\)',
      'A box without weight decay says nothing about what is outside.',
      certificate(
        boxProblem,
        {
          kind: 'lower-bound',
          point: point([1], ['8/5']),
          loss: text(lossAt(boxProblem, parametersOf(point([1], ['8/5'])))),
          bound: '101/200'
        },
        { rule: 'box-tree', low: point(['1/2'], [1]), high: point(['3/2'], [2]), splits: fullTree(6) }
      )
    ),
    reject(
      'box-tree-small-reach',
      '\\(b\\)',
      'The box ends where the decay is still below the bound.',
      decayedBox(1, fullTree(8), '3/4')
    ),
    reject(
      'box-tree-free-bias',
      '\\(b\\)',
      'A bias that does not decay may leave every box.',
      decayedBox(4, [0], '0', false, true)
    ),
    reject(
      'box-tree-parameter',
      'node 0',
      'A split of a parameter that the network does not have.',
      boxed([3, 0, 0], '0')
    ),
    reject('box-tree-missing', 'splits', 'A half without a node.', boxed([1, 0], '0')),
    reject('box-tree-more', 'node', 'A node after the end of the tree.', boxed([0, 0], '0'))
  ]
}
