import { coneTree, type Narrow, regionTree } from '../cones.ts'
import { certificate, type Value } from '../digests.ts'
import { add, type Fraction, fraction, inner, multiply, one, over, subtract, sum, text } from '../fraction.ts'
import { lossAt, parametersOf } from '../naive.ts'
import { vectorOf } from '../planted.ts'
import {
  about,
  accept,
  type Case,
  changed,
  claiming,
  decline,
  dense,
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
 * Lower bounds: duals with trees of cones, trees of patterns, trees of boxes, spectra.
 */

type Entries = readonly (number | string)[]

const half = fraction('1/2')
const list = (entries: Entries): readonly Fraction[] => entries.map(fraction)
const decaying = (problem: Value, factor: string, biases = true): Value => ({
  ...(problem as Fields),
  decay: { factor, biases }
})
const bounding = (problem: Value, at: Value, bound: string, evidence: Value, others: Fields = {}): Value =>
  certificate(
    problem,
    { kind: 'lower-bound', point: at, loss: text(lossAt(problem, parametersOf(at))), bound, ...others },
    evidence
  )

// Duals. The inputs carry a hidden bias where `bias` says so.

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

// Patterns.

type Settings = {
  readonly xs: readonly Entries[]
  readonly ys: Entries
  readonly units: number
  readonly bias?: boolean
  readonly outputBias?: boolean
  readonly slopes?: readonly [string, string]
  readonly mean?: boolean
  readonly at: Value
}

const narrowOf = ({ xs, ys, units, bias, outputBias, slopes }: Settings): Narrow => {
  const [p, q] = list(slopes ?? ['1', '0'])
  return {
    xs: xs.map((row) => [...list(row), ...((bias ?? true) ? [one] : [])]),
    ys: list(ys),
    slopes: [p, q],
    units,
    outputBias: outputBias ?? true
  }
}

const narrowProblem = ({ xs, ys, units, bias, outputBias, slopes, mean }: Settings): Value =>
  problemOf(
    [dense(units, bias ?? true), slopes ? twoSlope(...slopes) : relu, dense(1, outputBias ?? true)],
    mean ? { kind: 'squared', reduction: 'mean' } : squared,
    xs,
    ys.map((y) => [y])
  )

/** For reduction `mean` the bound is that of the sum divided by the number of samples. */
const patternTree = (
  settings: Settings,
  bound: string,
  kind: 'lower-bound' | 'global-minimum' = 'lower-bound'
): Value => {
  const problem = narrowProblem(settings)
  const nodes = regionTree(
    narrowOf(settings),
    multiply(fraction(bound), fraction(settings.mean ? settings.xs.length : 1))
  )
  const evidence = { rule: 'pattern-tree', nodes }
  return kind === 'lower-bound'
    ? bounding(problem, settings.at, bound, evidence)
    : about(problem, kind, settings.at, evidence)
}

const oneUnit: Settings = {
  xs: [[-1], [0], [1], [2]],
  ys: [1, -1, 3, 1],
  units: 1,
  at: point([1], ['1/6'], [1], [0])
}
/** Its best network is found by trying: a right-facing unit with its kink between the second and the third sample. */
const bestOfOneUnit: Settings = {
  ...oneUnit,
  xs: [[-2], [-1], [1], [2]],
  ys: [1, -1, 1, 3],
  at: point([2], [-1], [1], [0])
}
const withoutBiases: Settings = {
  xs: [[1], [2], [-1]],
  ys: [1, 3, -2],
  units: 1,
  bias: false,
  outputBias: false,
  at: point([1], [1])
}
const twoUnits: Settings = {
  ...withoutBiases,
  xs: [
    [1, 0],
    [0, 1],
    [1, -1]
  ],
  ys: [1, 2, -1],
  units: 2,
  at: point([1, 0, 0, 1], [1, 1])
}
const leakyNarrow: Settings = { ...oneUnit, slopes: ['1', '1/2'], mean: true }

const nodesOf = (document: Value): readonly Value[] =>
  parts(document).proof.evidence['nodes'] as unknown as readonly Value[]
const withRegionNodes = (document: Value, change: (nodes: readonly Value[]) => readonly Value[]): Value =>
  changed(document, { evidence: { nodes: change(nodesOf(document)) } })

/** The first leaf with other numbers. */
const withFirstLeaf = (document: Value, change: (numerators: readonly string[]) => readonly string[]): Value => {
  const at = nodesOf(document).findIndex((node) => !Array.isArray(node))
  return withRegionNodes(document, (nodes) =>
    nodes.map((node, k) => {
      if (k !== at) return node
      const { denominator, numerators } = node as unknown as { denominator: string; numerators: readonly string[] }
      return { denominator, numerators: change(numerators) }
    })
  )
}

// Boxes: v max(w x, 0) at three samples.

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

// Spectra: y = A x with the singular values 3 and 1, through a layer of one unit.

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

// Two linear layers with weight decay: the sum of the singular values of the map is what decays.

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

export const boundCases = (): readonly Case[] => {
  const global = claiming(dualBound(planted), 'global-minimum', dualEvidence(planted))
  const oneUnitTree = patternTree(oneUnit, '1/2')
  const freeDual = dualBound(freeBiases)
  const boxTree = boxed(fullTree(6), '101/200')
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
    ),

    accept('pattern-tree', 'One unit with both biases, and a bound below its best loss.', oneUnitTree),
    accept(
      'pattern-tree-global',
      'The best network of one unit: the bound is its loss.',
      patternTree(
        bestOfOneUnit,
        text(lossAt(narrowProblem(bestOfOneUnit), parametersOf(bestOfOneUnit.at))),
        'global-minimum'
      )
    ),
    accept(
      'pattern-tree-no-biases',
      'One input, one unit, no biases: two cones of one generator.',
      patternTree(withoutBiases, '1')
    ),
    accept('pattern-tree-two-units', 'Two units on two inputs, without biases.', patternTree(twoUnits, '0')),
    accept('pattern-tree-leaky-mean', 'Slopes 1 and 1/2, the mean of the losses.', patternTree(leakyNarrow, '1/8')),
    reject(
      'pattern-tree-above',
      'bound',
      'The bound is larger than what the leaves prove.',
      changed(patternTree(bestOfOneUnit, '1/100'), { claim: { bound: '2' } })
    ),
    reject(
      'pattern-tree-generator',
      '\\(a\\)',
      'The numbers of a leaf are not below one of its generators.',
      withFirstLeaf(oneUnitTree, (numerators) => ['-100', ...numerators.slice(1)])
    ),
    reject(
      'pattern-tree-sum',
      '\\(b\\)',
      'The numbers of a leaf do not add up to zero.',
      withFirstLeaf(oneUnitTree, (numerators) => [
        ...numerators.slice(0, -1),
        `${BigInt(numerators[numerators.length - 1]) - 1n}`
      ])
    ),
    reject(
      'pattern-tree-numbers',
      'node',
      'A leaf with a number too few.',
      withFirstLeaf(oneUnitTree, (numerators) => numerators.slice(1))
    ),
    reject(
      'pattern-tree-region-missing',
      'nodes',
      'The last region has no tree.',
      withRegionNodes(oneUnitTree, (nodes) => nodes.slice(0, -1))
    ),
    reject(
      'pattern-tree-region-more',
      'node',
      'A leaf after the end of the last tree.',
      withRegionNodes(oneUnitTree, (nodes) => [...nodes, nodes[nodes.length - 1]])
    ),
    reject(
      'pattern-tree-unit',
      'node 0',
      'A split of a unit that the network does not have.',
      withRegionNodes(oneUnitTree, (nodes) => [[1, 0, 1, '1', '1'], ...nodes])
    ),
    reject(
      'pattern-tree-one-unit-for-two',
      'node',
      'The tree of one unit, claimed for two.',
      changed(oneUnitTree, {
        problem: { network: (narrowProblem({ ...oneUnit, units: 2 }) as Fields)['network'] },
        claim: { point: point([1, 0], ['1/6', 0], [1, 0], [0]) }
      })
    ),

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
    reject('box-tree-more', 'node', 'A node after the end of the tree.', boxed([0, 0], '0')),

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
      bounding(
        linear(1, true),
        point([1, 0], [0], [3, 0], [1, 0]),
        '1',
        spectrum([16, 0, 0, 0], '2', [3, 0, 1, 0, 1, 0])
      )
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
    ),

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
}
