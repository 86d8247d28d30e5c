import { type Narrow, regionTree } from '../cones.ts'
import type { Value } from '../digests.ts'
import { type Fraction, fraction, multiply, one, text } from '../fraction.ts'
import { lossAt, parametersOf } from '../naive.ts'
import {
  about,
  accept,
  bounding,
  type Case,
  changed,
  dense,
  type Entries,
  type Fields,
  parts,
  point,
  problemOf,
  reject,
  relu,
  squared,
  twoSlope
} from './case.ts'

/*
 * Lower bounds from trees of activation patterns.
 */

const list = (entries: Entries): readonly Fraction[] => entries.map(fraction)

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

export const narrowProblem = ({ xs, ys, units, bias, outputBias, slopes, mean }: Settings): Value =>
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

export const oneUnit: Settings = {
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

export const oneUnitTree = patternTree(oneUnit, '1/2')

export const boundPatternCases = (): readonly Case[] => [
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
  )
]
