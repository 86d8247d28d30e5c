import {
  compare,
  divide,
  multiply,
  negate,
  one,
  overCommonDenominator,
  rational,
  sign,
  subtract,
  zero
} from '@nadir/arithmetic'
import { evaluateExactly } from '../cells/exact-evaluation.ts'
import type { ValuedPoint } from '../certification/certificate.ts'
import type { Dataset } from '../data/dataset.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { type AffineMap, combineMaps, valuesAt } from './affine-map.ts'
import { bestAffineFit } from './best-affine-fit.ts'
import { trainedBelow } from './better-by-training.ts'
import { type Carrier, carriedPoint, carrierOf, denseNetwork, type Shallow } from './carried-network.ts'
import { distinctLevels, gatedJump, jumpUnits, type Partition, partitionAt } from './gated-jump.ts'
import { findHinge, type Hinge } from './one-hinge.ts'
import { provePoint, valued } from './prove-point.ts'
import { type ConstructionRequest, lacksTwoSlopes, needsTwoSlopes, refuse, type Theorem } from './theorem.ts'

const separable = 'the inputs take enough different values along a direction to form the groups'
const widths = 'q groups and m outputs need m + (q - 1)(m + 1) units in the first hidden layer and m in the others'
const notPiecewise = 'some group is not fitted exactly by an affine map'
const attained = 'the best affine map of every group is attained and rational (squared, absolute or hinge loss)'

/** Local minima in which different linear pieces fit different groups of samples: many levels on one architecture. */
export const liu2022Groups: Theorem = {
  id: 'liu2022-groups',
  title: 'Spurious minima in which linear pieces fit groups of samples',
  source:
    'Liu, Spurious local minima are common for deep neural networks with piecewise linear activations (arXiv 2102.13233)',
  hypotheses: [needsTwoSlopes, attained, widths, separable, notPiecewise],
  conclusion:
    'a local minimum for every partition of the samples into intervals of a direction: as many levels as partitions',
  example: 'nadir construct liu2022-groups iris.csv --hidden 10,4 --groups 2 --count 4 --out out',
  data: 'yours',
  numbers: { groups: 'number of groups, at least 2 (default 2)' },
  build: (request) => {
    const { data, hidden, activation, loss, reduction, numbers, random } = request
    if (!data) return refuse('data are given', 'no data')
    const linear = lacksTwoSlopes(activation)
    if (linear) return refuse(needsTwoSlopes, linear)
    if ((loss !== 'squared' && loss !== 'absolute' && loss !== 'hinge') || (loss !== 'squared' && data.targetCount > 1))
      return refuse(attained, `the ${loss} loss with ${data.targetCount} outputs`)
    const groups = Number((numbers['groups'] ?? rational(2n)).numerator)
    const m = data.targetCount
    const needed = jumpUnits(m, groups)
    if (groups < 2 || hidden.length === 0 || hidden[0]! < needed || hidden.some((width) => width < m))
      return refuse(
        widths,
        `${groups} groups, ${m} output${m > 1 ? 's' : ''}: ${needed} units are needed, hidden layers have ${hidden.join(', ') || 'none'}`
      )
    const problem = empiricalRisk({
      network: denseNetwork(data.inputCount, hidden, m, activation),
      data,
      loss,
      reduction
    })
    const carrier = carrierOf(activation)
    const partitions = choosePartitions(data, groups, request.count, random)
    if (partitions.length === 0) return refuse(separable, `fewer than ${groups} different inputs`)
    const jumps = partitions.map((partition) => {
      const maps = partition.groups.map((members) => bestAffineFit(data, loss, members))
      const shallow = gatedJump(partition, maps, data, carrier)
      const point = carriedPoint(shallow, { ...request, spare: rational(-1n) }, carrier, data)
      return { partition, maps, value: valued(problem, point) }
    })
    const open = jumps.filter(({ value }) => sign(value.loss) !== 0)
    if (open.length === 0) return refuse(notPiecewise, `every group of every partition is fitted exactly: loss 0`)
    const least = open.reduce((a, b) => (compare(b.value.loss, a.value.loss) < 0 ? b : a))
    const better =
      (hidden[0]! > needed ? hinged(problem, least, carrier, request) : undefined) ??
      trainedBelow(problem, least.value.loss, random) ??
      least.value
    return {
      kind: 'built',
      better,
      notes:
        open.length < request.count
          ? [`${open.length} different partitions where ${request.count} were asked for`]
          : [],
      points: open.map(({ partition, value }) =>
        provePoint(
          `groups of ${partition.groups.map((members) => members.length).join(', ')} samples`,
          problem,
          value.point,
          better
        )
      )
    }
  }
}

interface Jump {
  readonly partition: Partition
  readonly maps: readonly (readonly AffineMap[])[]
  readonly value: ValuedPoint
}

/** The jump network with a hinge in one more unit; its affine part goes to the first group's map and so to all. */
function hinged(
  problem: Problem,
  { partition, maps, value }: Jump,
  carrier: Carrier,
  request: ConstructionRequest
): ValuedPoint | undefined {
  const { data } = problem
  const { residuals } = evaluateExactly(problem, value.point)
  const hinge = findHinge(data, residuals, request.random)
  if (!hinge) return undefined
  for (let k = 0; k < 60; k++) {
    const step: Hinge = { ...hinge, coefficient: multiply(hinge.coefficient, rational(1n, 1n << BigInt(k))) }
    const shallow = withHinge(partition, maps, step, data, carrier)
    const found = valued(problem, carriedPoint(shallow, { ...request, spare: rational(-1n) }, carrier, data))
    if (compare(found.loss, value.loss) < 0) return found
  }
  return undefined
}

function withHinge(
  partition: Partition,
  maps: Jump['maps'],
  { map, output, coefficient }: Hinge,
  data: Dataset,
  carrier: Carrier
): Shallow {
  const { positive, negative } = carrier
  const unit = divide(coefficient, subtract(positive, negative))
  const moved = maps.map((group) =>
    group.map((piece, o) =>
      o === output
        ? combineMaps([
            [one, piece],
            [negate(multiply(unit, negative)), map]
          ])
        : piece
    )
  )
  const shallow = gatedJump(partition, moved, data, carrier)
  return {
    units: [...shallow.units, map],
    weights: shallow.weights.map((row, o) => [...row, o === output ? unit : zero]),
    constants: shallow.constants
  }
}

/**
 * Up to `count` different partitions into this many groups: along the coordinate with the most different values, cuts spread over the samples and
 * put where neighbouring values are far apart; more along other directions when one does not give enough.
 */
function choosePartitions(data: Dataset, groups: number, count: number, random: () => number): Partition[] {
  const d = data.inputCount
  const line = (a: readonly number[]): AffineMap => overCommonDenominator([...a.map((x) => rational(BigInt(x))), zero])
  const coordinates = Array.from({ length: d }, (_, k) => line(Array.from({ length: d }, (_, j) => (j === k ? 1 : 0))))
  const levelsOf = (direction: AffineMap) => distinctLevels(valuesAt(direction, data).numerators).length
  const directions = coordinates
    .map((direction) => ({ direction, levels: levelsOf(direction) }))
    .sort((a, b) => b.levels - a.levels)
    .slice(0, 3)
    .map(({ direction }) => direction)
  for (let k = 0; k < 6; k++)
    directions.push(line(Array.from({ length: d }, () => Math.round((2 * random() - 1) * (2 + 8 * k)))))
  const found = new Map<string, Partition>()
  for (let attempt = 0; attempt < 20 * count && found.size < count; attempt++) {
    const direction = directions[Math.floor(attempt / (4 * count)) % directions.length]!
    const levels = levelsOf(direction)
    if (levels < groups) continue
    const cuts = new Set<number>()
    // The first cuts are even; later ones are random.
    for (let g = 1; cuts.size < groups - 1; g++) {
      const share = attempt === 0 && g < groups ? g / groups : random()
      cuts.add(Math.min(levels - 1, Math.max(1, Math.round(share * levels))))
    }
    const partition = partitionAt(
      direction,
      [...cuts].sort((a, b) => a - b),
      data
    )
    const key = partition.groups.map((members) => members.join()).join('|')
    if (!found.has(key)) found.set(key, partition)
  }
  return [...found.values()]
}
