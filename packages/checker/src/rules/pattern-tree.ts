import type { RegionNode } from '../bound-evidence.ts'
import { type Budget, hold, spend } from '../budget.ts'
import { bitLength, greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { integerSlopes, withConstant } from '../parameters.ts'
import type { Vector } from '../point.ts'
import { oneHiddenLayer } from '../problem.ts'
import { compare, type Rational } from '../rational.ts'
import type { Scaled } from '../samples.ts'
import { type Cone, fan, isSettled, partsOf, productBits, sizeOfSlopes } from './cones.ts'
import type { Context } from './context.ts'

/** For every unit the sign of its outgoing weight and a cone of its incoming weights. */
type Region = readonly { readonly sign: bigint; readonly cone: Cone }[]

/** All lists of cone numbers that ascend within the first `positives` units and within the others. */
const startNumbers = (units: number, positives: number, cones: number): readonly (readonly number[])[] => {
  let lists: readonly (readonly number[])[] = [[]]
  for (let unit = 0; unit < units; unit += 1) {
    lists = lists.flatMap((list) => {
      const least = unit === 0 || unit === positives ? 0 : list[unit - 1]
      return Array.from({ length: cones - least }, (_, k) => [...list, least + k])
    })
  }
  return lists
}

const startRegions = (cones: readonly Cone[], units: number, budget: Budget): readonly Region[] => {
  // There are more lists than those that ascend, and at least as much work.
  for (let unit = 0, count = 1; unit < units; unit += 1) {
    count *= cones.length
    hold(budget, [units + 1, count], 64)
  }
  return Array.from({ length: units + 1 }, (_, positives) =>
    startNumbers(units, positives, cones.length).map((numbers) =>
      numbers.map((number, unit) => ({ sign: unit < positives ? 1n : -1n, cone: cones[number] }))
    )
  ).flat()
}

type Terms = {
  readonly vectors: Scaled
  readonly targets: Scaled
  readonly slopes: ReturnType<typeof integerSlopes>
  readonly outputBias: boolean
  /** F = 1 / shares. */
  readonly shares: bigint
  readonly bound: Rational
}

/** The outputs kappa_j h(t_ijk) of every unit and generator, settled samples only; without the denominators. */
const columnsOf = (region: Region, { slopes }: Terms, settled: readonly boolean[]): Scaled['rows'] =>
  region.flatMap(({ sign, cone }) =>
    cone.products.map((product) =>
      product.map((t, sample) => (settled[sample] ? sign * (t >= 0n ? slopes.positive : slopes.negative) * t : 0n))
    )
  )

/** Rejects unless conditions (a) and (b) hold at the leaf and its bound is large enough. */
const requireLeaf = (region: Region, coefficients: Vector, terms: Terms, step: string, budget: Budget): void => {
  const { vectors, targets, slopes, outputBias, shares, bound } = terms
  const count = targets.rows.length
  const sides = region.reduce((total, { cone }) => total + cone.generators.length, 0)
  const wanted = sides + (outputBias ? 1 : 0)
  const { numerators, denominator } = coefficients
  if (numerators.length !== wanted) reject(step, `${numerators.length} numbers where ${wanted} are due`)
  const settled = targets.rows.map((_, sample) => region.every(({ cone }) => isSettled(cone, sample)))
  const bits = Math.max(...region.map(({ cone }) => productBits(cone))) + sizeOfSlopes(slopes)
  const shared = denominator * slopes.denominator * vectors.denominator
  const zBits = bits + greatestBitLength([numerators]) + greatestBitLength(targets.rows) + bitLength(shared) + 32
  spend(budget, [2, count, wanted + 2], bits, zBits)
  spend(budget, [3, count], zBits, zBits)
  hold(budget, [count, wanted], bits)
  const columns = columnsOf(region, terms, settled)
  // z_i over shared * targets.denominator.
  const common = shared * targets.denominator
  const constant = outputBias ? numerators[sides] * slopes.denominator * vectors.denominator : 0n
  const z = targets.rows.map(([y], sample) => {
    if (!settled[sample]) return 0n
    let output = constant
    for (const [k, column] of columns.entries()) output += numerators[k] * column[sample]
    return y * shared - output * targets.denominator
  })
  let sum = 0n
  let energy = 0n
  for (const [sample, entry] of z.entries()) {
    sum += entry
    // z (2 y - z)
    energy += entry * (2n * targets.rows[sample][0] * shared - entry)
  }
  for (const [k, column] of columns.entries()) {
    let product = 0n
    for (const [sample, entry] of z.entries()) product += entry * column[sample]
    if (product > 0n) reject(`${step} (a)`, `the numbers do not lie below generator ${k}`)
  }
  if (outputBias && sum !== 0n) reject(`${step} (b)`, 'the numbers do not add up to zero')
  if (compare(bound, { numerator: energy, denominator: 2n * common * common * shares }) > 0) {
    reject(`${step} bound`, 'the proved bound is smaller')
  }
}

/** Rejects unless the nodes are trees over all regions at the start, and every leaf proves the bound. */
export const requirePatternTree = (context: Context, nodes: readonly RegionNode[], bound: Rational): void => {
  const { problem, samples, budget } = context
  const layers = oneHiddenLayer(problem.network)
  if (layers === undefined || problem.network.outputs !== 1 || problem.loss.kind !== 'squared') {
    reject('network', 'the rule is for one hidden layer, one output and squared loss')
    return
  }
  const vectors = layers.hidden.bias ? withConstant(samples.inputs) : samples.inputs
  const terms: Terms = {
    vectors,
    targets: samples.targets,
    slopes: integerSlopes(layers.activation),
    outputBias: layers.output.bias,
    shares: problem.loss.reduction === 'mean' ? BigInt(samples.targets.rows.length) : 1n,
    bound
  }
  const open = [...startRegions(fan(vectors.rows, budget), layers.hidden.outputs, budget)].reverse()
  for (const [index, node] of nodes.entries()) {
    const step = `node ${index}`
    const region = open.pop() ?? reject(step, 'a node after the end of the last tree')
    if (node.kind === 'leaf') {
      requireLeaf(region, node.coefficients, terms, step, budget)
      continue
    }
    if (node.unit >= region.length) reject(step, `a split of unit ${node.unit} of ${region.length}`)
    const parts = partsOf(region[node.unit].cone, node, step, budget)
    const [first, second] = parts.map((cone) =>
      region.map((one, unit) => (unit === node.unit ? { sign: one.sign, cone } : one))
    )
    open.push(second, first)
  }
  if (open.length > 0) reject('nodes', `${open.length} regions without a node`)
}
