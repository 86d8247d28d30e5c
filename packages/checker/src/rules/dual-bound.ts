import type { ConeTree, DualBound } from '../bound-evidence.ts'
import { type Budget, spend } from '../budget.ts'
import { bitLength, dot, greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { integerSlopes, withConstant } from '../parameters.ts'
import { oneHiddenLayer } from '../problem.ts'
import { compare, type Rational } from '../rational.ts'
import { type Cone, fan, majorant, partsOf, productBits, sizeOfSlopes } from './cones.ts'
import type { Context } from './context.ts'

type Slopes = ReturnType<typeof integerSlopes>

/** What the leaves of a tree must show: all integers are to be read over `scale`, the limit is that of |r|. */
type Demand = {
  readonly numbers: readonly bigint[]
  readonly slopes: Slopes
  /** The majorant over this number is the true one. */
  readonly scale: bigint
  /** The square of the greatest length of r. */
  readonly limit: Rational
  readonly freeBias: boolean
}

const requireLeaf = (
  cone: Cone,
  r: readonly bigint[],
  denominator: bigint,
  demand: Demand,
  step: string,
  budget: Budget
): void => {
  const { numbers, slopes, scale, limit } = demand
  if (r.length !== cone.generators.length) reject(step, `a vector of ${r.length} entries`)
  const bits = productBits(cone)
  const numberBits = greatestBitLength([numbers]) + sizeOfSlopes(slopes)
  spend(budget, [2, numbers.length, r.length], numberBits, bits)
  spend(budget, [6, numbers.length, r.length], bits, greatestBitLength(cone.generators))
  const leafBits = greatestBitLength([r])
  spend(budget, [r.length, r.length], leafBits + greatestBitLength(cone.generators), bitLength(scale) + 64)
  const heights = majorant(numbers, cone, slopes)
  for (const [k, generator] of cone.generators.entries()) {
    if (dot(r, generator) * scale < heights[k] * denominator) reject(`${step} (b)`, `the vector is below the majorant`)
  }
  if (compare({ numerator: dot(r, r), denominator: denominator * denominator }, limit) > 0) {
    reject(`${step} (c)`, 'the vector is too long')
  }
  if (demand.freeBias && r[r.length - 1] !== 0n) reject(`${step} (c)`, 'the last entry is not zero')
}

/** Rejects unless the nodes are trees over the cones, and every leaf shows what is demanded. */
const requireTree = (
  cones: readonly Cone[],
  { nodes, denominator }: ConeTree,
  demand: Demand,
  name: string,
  budget: Budget
): void => {
  const open = [...cones].reverse()
  for (const [index, node] of nodes.entries()) {
    const step = `${name} node ${index}`
    const cone = open.pop() ?? reject(step, 'a node after the end of the last tree')
    if (node.kind === 'leaf') {
      requireLeaf(cone, node.vector, denominator, demand, step, budget)
    } else {
      const [first, second] = partsOf(cone, node, step, budget)
      open.push(second, first)
    }
  }
  if (open.length > 0) reject(name, `${open.length} cones without a node`)
}

/** Rejects unless the conditions of the rule hold and its number B is at least the bound. */
export const requireDualBound = (context: Context, evidence: DualBound, bound: Rational): void => {
  const { problem, samples, budget } = context
  const layers = oneHiddenLayer(problem.network)
  const { decay, loss } = problem
  if (layers === undefined || problem.network.outputs !== 1 || loss.kind !== 'squared' || decay === undefined) {
    reject('network', 'the rule is for one hidden layer, one output, squared loss and weight decay')
    return
  }
  const { inputs, targets } = samples
  const count = targets.rows.length
  const { numerators: z, denominator } = evidence.dual
  if (z.length !== count) {
    reject('dual', `${z.length} numbers for ${count} samples`)
    return
  }
  const shares = loss.reduction === 'mean' ? BigInt(count) : 1n
  // L = lambda / F
  const l = { numerator: decay.factor.numerator * shares, denominator: decay.factor.denominator }
  const sum = z.reduce((total, entry) => total + entry, 0n)
  if (!decay.biases && layers.output.bias && sum !== 0n) reject('(a)', 'the numbers do not add up to zero')
  const vectors = layers.hidden.bias ? withConstant(inputs) : inputs
  const slopes = integerSlopes(layers.activation)
  const demand = {
    slopes,
    scale: denominator * slopes.denominator * vectors.denominator,
    limit: { numerator: l.numerator * l.numerator, denominator: l.denominator * l.denominator },
    freeBias: layers.hidden.bias && !decay.biases
  }
  const cones = fan(vectors.rows, budget)
  requireTree(cones, evidence.above, { ...demand, numbers: z }, 'above', budget)
  requireTree(cones, evidence.below, { ...demand, numbers: z.map((entry) => -entry) }, 'below', budget)
  const bits = greatestBitLength([z]) + bitLength(denominator)
  const targetBits = greatestBitLength(targets.rows) + bitLength(targets.denominator)
  spend(budget, [4, count], bits + targetBits, bits + targetBits)
  // Twice the bound over F, without the share of the output bias: over denominator^2 * targets.denominator.
  const twice =
    2n *
      denominator *
      dot(
        z,
        targets.rows.map(([y]) => y)
      ) -
    targets.denominator * dot(z, z)
  const withoutBias = { numerator: twice, denominator: denominator * denominator * targets.denominator }
  const free = layers.output.bias && decay.biases
  const biasShare = free
    ? { numerator: sum * sum * l.denominator, denominator: denominator * denominator * l.numerator }
    : { numerator: 0n, denominator: 1n }
  const proved = {
    numerator: withoutBias.numerator * biasShare.denominator - biasShare.numerator * withoutBias.denominator,
    denominator: 2n * shares * withoutBias.denominator * biasShare.denominator
  }
  if (compare(bound, proved) > 0) reject('bound', 'the proved bound is smaller')
}
