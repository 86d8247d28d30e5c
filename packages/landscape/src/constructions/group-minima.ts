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
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import { type AffineMap, combineMaps, valuesAt } from './affine-map.ts'
import { bestAffineFit } from './best-affine-fit.ts'
import type { Carrier, Shallow } from './carried-network.ts'
import { distinctLevels, gatedJump, type Partition, partitionAt } from './gated-jump.ts'
import { findHinge, type Hinge } from './one-hinge.ts'
import { provePoint, valued } from './prove-point.ts'
import { type Construction, refuse } from './theorem.ts'

export const separable = 'the inputs take enough different values along a direction to form the groups'
export const notPiecewise = 'some group is not fitted exactly by an affine map'

/** What the builder of group minima works on. */
export interface GroupSetting {
  readonly problem: Problem
  /** The samples with the features that affine maps are taken of: the inputs themselves, or what fixed filters make of them. */
  readonly features: Dataset
  readonly carrier: Carrier
  readonly groups: number
  readonly count: number
  readonly random: () => number
  /** The parameters of the network that computes a shallow network of the features. */
  readonly realise: (shallow: Shallow) => ExactPoint
  /** Whether the network has a unit more than the groups need. */
  readonly hasSpare: boolean
  /** A search of last resort for a point below a loss. */
  readonly search: (loss: ValuedPoint['loss']) => ValuedPoint | undefined
}

/**
 * For up to `count` partitions of the samples into groups the point at which the best affine map of the features fits every group; and one strictly better
 * than all of them: a hinge in a spare unit, else what the search finds, else the best of the points. Exact.
 */
export function groupMinima(setting: GroupSetting): Construction {
  const { problem, features, carrier, groups, count, random } = setting
  const partitions = choosePartitions(features, groups, count, random)
  if (partitions.length === 0) return refuse(separable, `fewer than ${groups} different inputs`)
  const jumps = partitions.map((partition): Jump => {
    const maps = partition.groups.map((members) => bestAffineFit(features, problem.loss, members))
    const shallow = gatedJump(partition, maps, features, carrier)
    return { partition, maps, value: valued(problem, setting.realise(shallow)) }
  })
  const open = jumps.filter(({ value }) => sign(value.loss) !== 0)
  if (open.length === 0) return refuse(notPiecewise, 'every group of every partition is fitted exactly: loss 0')
  const least = open.reduce((a, b) => (compare(b.value.loss, a.value.loss) < 0 ? b : a))
  const better =
    (setting.hasSpare ? hinged(setting, least) : undefined) ?? setting.search(least.value.loss) ?? least.value
  return {
    kind: 'built',
    better,
    notes: open.length < count ? [`${open.length} different partitions where ${count} were asked for`] : [],
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

interface Jump {
  readonly partition: Partition
  readonly maps: readonly (readonly AffineMap[])[]
  readonly value: ValuedPoint
}

/** The jump network with a hinge in one more unit; its affine part goes to the first group's map and so to all. */
function hinged(
  { problem, features, carrier, random, realise }: GroupSetting,
  { partition, maps, value }: Jump
): ValuedPoint | undefined {
  const { residuals } = evaluateExactly(problem, value.point)
  const hinge = findHinge(features, residuals, random)
  if (!hinge) return undefined
  for (let k = 0; k < 60; k++) {
    const step: Hinge = { ...hinge, coefficient: multiply(hinge.coefficient, rational(1n, 1n << BigInt(k))) }
    const shallow = withHinge(partition, maps, step, features, carrier)
    const found = valued(problem, realise(shallow))
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
