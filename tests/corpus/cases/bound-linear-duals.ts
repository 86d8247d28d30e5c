import type { Value } from '../digests.ts'
import { vectorOf } from '../planted.ts'
import {
  accept,
  bounding,
  type Case,
  claiming,
  decaying,
  dense,
  type Entries,
  point,
  problemOf,
  reject,
  relu,
  squared
} from './case.ts'

/*
 * Two linear layers with weight decay: the sum of the singular values of the map is what decays.
 */

type Pair = {
  readonly hidden?: number
  readonly biases?: readonly [boolean, boolean]
  readonly decayBiases?: boolean
  readonly mean?: boolean
  readonly factor: string
  readonly xs: readonly Entries[]
  readonly ys: readonly Entries[]
  readonly z: Entries
  readonly at: Value
}

const pairProblem = ({ hidden, biases, mean, xs, ys }: Pair): Value =>
  problemOf(
    [dense(hidden ?? 1, biases?.[0] ?? false), dense(2, biases?.[1] ?? false)],
    mean ? { kind: 'squared', reduction: 'mean' } : squared,
    xs,
    ys
  )
const linearDual = (pair: Pair, bound: string, problem = pairProblem(pair)): Value =>
  bounding(decaying(problem, pair.factor, pair.decayBiases ?? true), pair.at, bound, {
    rule: 'linear-dual',
    dual: vectorOf(pair.z)
  })

/** y = A x with the singular values 5 and 1; the decay takes 1 from each. */
const shrunk: Pair = {
  factor: '1',
  xs: [
    [1, 0],
    [0, 1]
  ],
  ys: [
    [5, 0],
    [0, 1]
  ],
  z: [1, 0, 0, 1],
  at: point([2, 0], [2, 0])
}
const shrunkWithBiases: Pair = {
  factor: '2',
  biases: [true, true],
  xs: [[1], [2]],
  ys: [
    [3, 1],
    [2, 2]
  ],
  z: [1, 0, 0, '1/2'],
  at: point([1], [0], [1, 1], [0, 0])
}
const freePair: Pair = {
  ...shrunkWithBiases,
  factor: '3',
  decayBiases: false,
  xs: [[-1], [1]],
  ys: [
    [3, 1],
    [0, 0]
  ],
  z: [1, 1, -1, -1]
}

export const boundLinearDualCases = (): readonly Case[] => [
  accept(
    'linear-dual',
    'Two linear layers with weight decay: a bound below what is proved.',
    linearDual(shrunk, '49/10')
  ),
  accept(
    'linear-dual-global',
    'The singular values 5 and 1 shrink to 4 and 0: the best network of any width.',
    claiming(linearDual(shrunk, '5'), 'global-minimum', { rule: 'linear-dual', dual: vectorOf(shrunk.z) })
  ),
  accept(
    'linear-dual-biases',
    'Both biases decay: the first is one more input, the second takes its share.',
    linearDual(shrunkWithBiases, '49/16')
  ),
  accept(
    'linear-dual-mean',
    'The mean of the losses: the decay counts n times.',
    linearDual({ ...shrunkWithBiases, mean: true, factor: '1' }, '49/32')
  ),
  accept('linear-dual-free-biases', 'Biases do not decay: the numbers add up to zero.', linearDual(freePair, '2')),
  accept(
    'linear-dual-two-units',
    'The bound does not depend on the number of hidden units.',
    linearDual({ ...shrunk, hidden: 2, at: point([2, 0, 0, 0], [2, 0, 0, 0]) }, '5')
  ),
  reject(
    'linear-dual-above',
    'bound',
    'The bound is larger by a billionth than what is proved.',
    linearDual(shrunk, '5000000001/1000000000')
  ),
  reject(
    'linear-dual-bias-share',
    'bound',
    'The share of the decaying second bias is forgotten.',
    linearDual(shrunkWithBiases, '27/8')
  ),
  reject(
    'linear-dual-of-sum',
    'bound',
    'The bound of the sum, claimed for the mean.',
    linearDual({ ...shrunkWithBiases, mean: true, factor: '1' }, '49/16')
  ),
  reject(
    'linear-dual-too-large',
    '\\(b\\)',
    'One of the moments is a little larger than the decay allows.',
    linearDual({ ...shrunk, z: ['10001/10000', 0, 0, 1] }, '0')
  ),
  reject(
    'linear-dual-together',
    '\\(b\\)',
    'Every moment is small enough, but not all directions of them.',
    linearDual({ ...shrunk, z: ['9/10', '9/10', '9/10', '9/10'] }, '0')
  ),
  reject(
    'linear-dual-first-bias',
    '\\(b\\)',
    'Small enough for the input alone, not for the decaying first bias.',
    linearDual({ ...shrunkWithBiases, factor: '3/2' }, '0')
  ),
  reject(
    'linear-dual-sum',
    '\\(a\\)',
    'Biases are free, and the numbers of one output add up to 1/100.',
    linearDual({ ...freePair, z: ['101/100', 1, -1, -1] }, '0')
  ),
  reject(
    'linear-dual-sum-first-bias',
    '\\(a\\)',
    'The same where only the first layer has a bias.',
    linearDual({ ...freePair, biases: [true, false], z: ['101/100', 1, -1, -1], at: point([1], [0], [1, 1]) }, '0')
  ),
  reject(
    'linear-dual-numbers',
    'dual',
    'Three numbers for two samples with two outputs.',
    linearDual({ ...shrunk, z: [1, 0, 0] }, '0')
  ),
  reject(
    'linear-dual-no-decay',
    'network',
    'Without weight decay nothing bounds the map.',
    bounding(pairProblem(shrunk), shrunk.at, '0', { rule: 'linear-dual', dual: vectorOf(shrunk.z) })
  ),
  reject(
    'linear-dual-three-layers',
    'network',
    'Three layers decay in another way.',
    linearDual(
      { ...shrunk, at: point([1, 0], [1], [1, 0]) },
      '0',
      problemOf([dense(1, false), dense(1, false), dense(2, false)], squared, shrunk.xs, shrunk.ys)
    )
  ),
  reject(
    'linear-dual-activation',
    'network',
    'A network with an activation is not linear.',
    linearDual(shrunk, '0', problemOf([dense(1, false), relu, dense(2, false)], squared, shrunk.xs, shrunk.ys))
  ),
  reject(
    'linear-dual-not-global',
    'bound',
    'The bound is below the loss of this point.',
    claiming(linearDual({ ...shrunk, at: point([1, 0], [2, 0]) }, '0'), 'global-minimum', {
      rule: 'linear-dual',
      dual: vectorOf(shrunk.z)
    })
  )
]
