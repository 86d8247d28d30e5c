import { coneTree } from '../cones.ts'
import type { Value } from '../digests.ts'
import { add, type Fraction, fraction, inner, multiply, one, over, subtract, sum, text } from '../fraction.ts'
import { lossAt, parametersOf } from '../naive.ts'
import { vectorOf } from '../planted.ts'
import { narrowProblem, oneUnit, oneUnitTree } from './bound-patterns.ts'
import {
  about,
  accept,
  bounding,
  type Case,
  changed,
  claiming,
  decaying,
  decline,
  dense,
  type Entries,
  type Fields,
  firstOrder,
  parts,
  point,
  problemOf,
  reject,
  relu,
  squared,
  twoSlope
} from './case.ts'

/*
 * Weight decay, and lower bounds from duals with trees of cones. The inputs carry a hidden bias where `bias` says so.
 */

const half = fraction('1/2')
const list = (entries: Entries): readonly Fraction[] => entries.map(fraction)

type Dual = {
  readonly xs: readonly Entries[]
  readonly ys: Entries
  readonly z: Entries
  readonly factor: string
  readonly bias?: boolean
  readonly outputBias?: boolean
  readonly decayBiases?: boolean
  readonly slopes?: readonly [string, string]
  readonly mean?: boolean
  readonly at: Value
}

const dualProblem = ({ xs, ys, factor, bias, outputBias, decayBiases, slopes, mean }: Dual): Value =>
  decaying(
    problemOf(
      [dense(1, bias ?? true), slopes ? twoSlope(...slopes) : relu, dense(1, outputBias ?? false)],
      mean ? { kind: 'squared', reduction: 'mean' } : squared,
      xs,
      ys.map((y) => [y])
    ),
    factor,
    decayBiases ?? true
  )

const dualEvidence = ({ xs, z, factor, bias, decayBiases, slopes, mean }: Dual): Fields => {
  const vectors = xs.map((row) => [...list(row), ...((bias ?? true) ? [one] : [])])
  const [p, q] = list(slopes ?? ['1', '0'])
  const limit = multiply(fraction(factor), fraction(mean ? xs.length : 1))
  const free = (bias ?? true) && !(decayBiases ?? true)
  const tree = (sign: Fraction): Value =>
    coneTree(
      list(z).map((entry) => multiply(sign, entry)),
      vectors,
      [p, q],
      limit,
      free
    )
  return { rule: 'dual-bound', dual: vectorOf(z), above: tree(one), below: tree(fraction(-1)) }
}

/** The number B of the rule. */
const dualValue = ({ xs, ys, z, factor, outputBias, decayBiases, mean }: Dual): Fraction => {
  const n = fraction(mean ? xs.length : 1)
  const total = sum(list(z))
  const l = multiply(fraction(factor), n)
  const share =
    (outputBias ?? false) && (decayBiases ?? true)
      ? multiply(half, multiply(multiply(total, total), over(l.d, l.n)))
      : fraction(0)
  const energy = subtract(inner(list(z), list(ys)), multiply(half, inner(list(z), list(z))))
  return multiply(subtract(energy, share), over(n.d, n.n))
}

const dualBound = (dual: Dual, bound = text(dualValue(dual)), change: Fields = {}): Value =>
  bounding(dualProblem(dual), dual.at, bound, { ...dualEvidence(dual), ...change })

/** Targets for which one unit with weights (24, 10)/13 and v = 2 is the best network of any width. */
const planted: Dual = {
  xs: [[-3], [-2], [-1], [2], [3]],
  ys: [4, -4, 2, '155/13', '190/13'],
  z: [4, -4, 2, 3, 2],
  factor: '13',
  at: point(['24/13'], ['10/13'], [2])
}
const withOutputBias: Dual = {
  xs: [[-1], [0], [1], [2]],
  ys: [3, 0, 1, 2],
  z: [1, '-1/2', '1/2', '1/2'],
  factor: '2',
  outputBias: true,
  at: point([1], [0], [1], [0])
}
const freeBiases: Dual = {
  xs: [[-1], [0], [1]],
  ys: [2, -4, 2],
  z: [1, -2, 1],
  factor: '1',
  outputBias: true,
  decayBiases: false,
  at: point([1], [0], [1], [0])
}
const twoInputs: Dual = {
  xs: [
    [1, 0],
    [0, 1],
    [-1, 1],
    [1, -2]
  ],
  ys: [2, 1, 3, -1],
  z: [1, '1/2', 1, -1],
  factor: '3',
  bias: false,
  at: point([1, 1], [1])
}
const leakyMean: Dual = { ...withOutputBias, slopes: ['1', '-1/2'], factor: '3/4', mean: true }

// Nothing prevents a tree from splitting more often than it must.
const treeOf = (document: Value, name: 'above' | 'below'): { denominator: string; nodes: readonly Value[] } =>
  parts(document).proof.evidence[name] as unknown as { denominator: string; nodes: readonly Value[] }

const withNodes = (
  document: Value,
  name: 'above' | 'below',
  change: (nodes: readonly Value[]) => readonly Value[]
): Value => {
  const { denominator, nodes } = treeOf(document, name)
  return changed(document, { evidence: { [name]: { denominator, nodes: change(nodes) } } })
}

/** The longest vector of a tree made longer or shorter by a factor. */
const stretched = (document: Value, name: 'above' | 'below', n: bigint, d: bigint): Value => {
  const { denominator, nodes } = treeOf(document, name)
  const size = (node: readonly string[]): bigint => node.reduce((total, entry) => total + BigInt(entry) ** 2n, 0n)
  const leaves = nodes.filter((node): node is readonly string[] => typeof (node as Value[])[0] === 'string')
  const longest = leaves.reduce((best, node) => (size(node) > size(best) ? node : best))
  return changed(document, {
    evidence: {
      [name]: {
        denominator: `${BigInt(denominator) * d}`,
        nodes: nodes.map((node) =>
          typeof (node as Value[])[0] === 'string'
            ? (node as string[]).map((entry) => `${BigInt(entry) * (node === longest ? n : d)}`)
            : node
        )
      }
    }
  })
}

export const boundDualCases = (): readonly Case[] => {
  const global = claiming(dualBound(planted), 'global-minimum', dualEvidence(planted))
  const freeDual = dualBound(freeBiases)
  return [
    accept(
      'decay-value',
      'The loss of a point with weight decay, biases included.',
      claiming(dualBound(withOutputBias), 'value', { rule: 'evaluation' })
    ),
    accept(
      'decay-value-free-biases',
      'The same where biases do not decay.',
      claiming(dualBound(freeBiases), 'value', { rule: 'evaluation' })
    ),
    accept(
      'decay-zero-loss',
      'Targets zero and all parameters zero: nothing is smaller, with weight decay too.',
      about(
        decaying(problemOf([dense(1), relu, dense(1)], squared, [[1], [2]], [[0], [0]]), '1/3'),
        'global-minimum',
        point([0], [0], [0], [0]),
        { rule: 'zero-loss' }
      )
    ),
    accept(
      'dual-bound-global',
      'A dual vector whose bound is the loss of one unit: the best network of any width.',
      global
    ),
    accept(
      'dual-bound',
      'A lower bound with a decaying output bias, which takes its share.',
      dualBound(withOutputBias)
    ),
    accept('dual-bound-below', 'The bound may be smaller than what is proved.', dualBound(withOutputBias, '1/7')),
    accept(
      'dual-bound-free-biases',
      'Biases do not decay: the numbers add up to zero, and no vector uses the bias.',
      freeDual
    ),
    accept('dual-bound-two-inputs', 'Two inputs, no biases at all.', dualBound(twoInputs)),
    accept(
      'dual-bound-leaky-mean',
      'Slopes 1 and -1/2, the mean of the losses: the decay counts n times.',
      dualBound(leakyMean)
    ),
    accept(
      'dual-bound-zero',
      'The dual vector zero proves the bound zero: every cone of the fan is a leaf.',
      dualBound({ ...planted, z: [0, 0, 0, 0, 0] })
    ),
    reject(
      'dual-bound-above',
      'bound',
      'The bound is larger by a billionth than what is proved.',
      dualBound(withOutputBias, text(add(dualValue(withOutputBias), fraction('1/1000000000'))))
    ),
    reject(
      'dual-bound-bias-share',
      'bound',
      'The share of the decaying output bias is forgotten.',
      dualBound(withOutputBias, text(dualValue({ ...withOutputBias, outputBias: false })))
    ),
    reject(
      'dual-bound-mean',
      'bound',
      'The bound of the sum, claimed for the mean.',
      dualBound(leakyMean, text(multiply(dualValue(leakyMean), fraction(4))))
    ),
    reject(
      'dual-bound-sum',
      '\\(a\\)',
      'The output bias is free, but the numbers add up to 1/2.',
      changed(freeDual, { evidence: { dual: vectorOf(['3/2', -2, 1]) } })
    ),
    reject(
      'dual-bound-too-large',
      'above node . \\(b\\)',
      'Numbers twice as large, with the vectors of the others.',
      changed(dualBound(planted), { evidence: { dual: vectorOf([8, -8, 4, 6, 4]) } })
    ),
    reject(
      'dual-bound-one-sign',
      'above node . \\(b\\)',
      'The tree of one sign stands for both.',
      changed(dualBound(planted), { evidence: { above: treeOf(dualBound(planted), 'below') } })
    ),
    reject(
      'dual-bound-short-vector',
      'above node . \\(b\\)',
      'The longest vector is a little too short for its cone.',
      stretched(dualBound(planted), 'above', 9999n, 10000n)
    ),
    reject(
      'dual-bound-long-vector',
      'above node . \\(c\\)',
      'The longest vector is a little longer than allowed.',
      stretched(dualBound(planted), 'above', 10001n, 10000n)
    ),
    reject(
      'dual-bound-free-bias-used',
      '\\(c\\)',
      'A vector uses the bias, which does not decay.',
      withNodes(freeDual, 'above', (nodes) =>
        nodes.map((node) => (typeof (node as Value[])[0] === 'string' ? [(node as string[])[0], '1'] : node))
      )
    ),
    reject(
      'dual-bound-cone-missing',
      'above',
      'The last cone of the fan has no tree.',
      withNodes(dualBound({ ...planted, z: [0, 0, 0, 0, 0] }), 'above', (nodes) => nodes.slice(1))
    ),
    reject(
      'dual-bound-cone-more',
      'below node',
      'A leaf after the end of the last tree.',
      withNodes(dualBound({ ...planted, z: [0, 0, 0, 0, 0] }), 'below', (nodes) => [...nodes, nodes[0]])
    ),
    reject(
      'dual-bound-split-order',
      'above node 0',
      'A split through a generator and itself.',
      withNodes(dualBound({ ...planted, z: [0, 0, 0, 0, 0] }), 'above', (nodes) => [
        [1, 1, '1', '1'],
        nodes[0],
        ...nodes
      ])
    ),
    reject(
      'dual-bound-split-far',
      'above node 0',
      'A split through a generator that the cone does not have.',
      withNodes(dualBound({ ...planted, z: [0, 0, 0, 0, 0] }), 'above', (nodes) => [
        [0, 2, '1', '1'],
        nodes[0],
        ...nodes
      ])
    ),
    reject(
      'dual-bound-vector-length',
      'above node 0',
      'A vector of three entries in two dimensions.',
      withNodes(dualBound({ ...planted, z: [0, 0, 0, 0, 0] }), 'above', (nodes) => [['0', '0', '0'], ...nodes.slice(1)])
    ),
    reject(
      'dual-bound-numbers',
      'dual',
      'Four numbers for five samples.',
      changed(dualBound(planted), { evidence: { dual: vectorOf([4, -4, 2, 3]) } })
    ),
    reject(
      'dual-bound-no-decay',
      'network',
      'Without weight decay nothing bounds the weights.',
      bounding(
        narrowProblem({ ...oneUnit, ys: planted.ys, xs: planted.xs, outputBias: false }),
        planted.at,
        '0',
        dualEvidence(planted)
      )
    ),
    reject(
      'dual-bound-as-minimum',
      'rule',
      'A lower bound, claimed to be a local minimum.',
      claiming(dualBound(planted), 'local-minimum', dualEvidence(planted))
    ),
    reject(
      'dual-bound-not-global',
      'bound',
      'The bound is below the loss of this point.',
      claiming(dualBound(withOutputBias), 'global-minimum', dualEvidence(withOutputBias))
    ),
    reject(
      'decay-forgotten',
      'evaluation',
      'The loss without its decay.',
      changed(dualBound(planted), { claim: { loss: '49/2' } })
    ),
    reject(
      'decay-first-order',
      'decay',
      'A local minimum of the loss without weight decay, claimed with it.',
      about(
        decaying(problemOf([dense(1), relu, dense(1)], squared, [[-1], [0], [1], [2]], [[1], [-2], [3], [1]]), '1'),
        'local-minimum',
        point([1], [0], [1], [0]),
        firstOrder('1', [[[[1, '1']]]])
      )
    ),
    reject(
      'decay-pattern-tree',
      'decay',
      'A tree of patterns proves nothing about weight decay.',
      changed(oneUnitTree, {
        problem: { decay: { factor: '1/1000000', biases: true } },
        claim: { loss: text(lossAt(decaying(narrowProblem(oneUnit), '1/1000000'), parametersOf(oneUnit.at))) }
      })
    ),
    decline(
      'decay-zero',
      'decay.factor',
      'Weight decay with the factor 0: the field must be left out.',
      changed(dualBound(planted), { problem: { decay: { factor: '0', biases: true } } })
    ),
    decline(
      'decay-negative',
      'decay.factor',
      'Weight decay with a negative factor.',
      changed(dualBound(planted), { problem: { decay: { factor: '-13', biases: true } } })
    ),
    decline(
      'decay-lowest-terms',
      'decay.factor',
      'A factor that is not in lowest terms.',
      changed(dualBound(planted), { problem: { decay: { factor: '26/2', biases: true } } })
    ),
    decline(
      'decay-field',
      'decay',
      'Weight decay without a word about biases.',
      changed(dualBound(planted), { problem: { decay: { factor: '13' } } })
    ),
    decline(
      'dual-bound-negative-split',
      'positive integer',
      'A split with a negative number.',
      withNodes(dualBound(planted), 'above', (nodes) => [[0, 1, '1', '-1'], ...nodes.slice(1)])
    ),
    decline(
      'lower-bound-field',
      'bound',
      'A lower bound that names no bound.',
      claiming(dualBound(planted), 'lower-bound', dualEvidence(planted))
    )
  ]
}
