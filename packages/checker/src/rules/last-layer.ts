import { type Budget, hold, spend } from '../budget.ts'
import { forwardThrough } from '../forward.ts'
import { greatestBitLength } from '../integers.ts'
import { reject } from '../outcome.ts'
import { integerSlopes } from '../parameters.ts'
import type { Dense, TwoSlope } from '../problem.ts'
import type { LastLayer } from '../proof.ts'
import type { Scaled } from '../samples.ts'
import { kinkSlopes, type UnitSlopes } from '../unit.ts'
import { requireBalancedResiduals, requireBalancedUnits, type Unit } from './balance.ts'
import type { Context } from './context.ts'
import { requireSlopes } from './first-order.ts'
import { requireSpans, requireVanishing } from './path-span.ts'

/*
 * first-order for the last two-slope layer of a network, in which the lower layers move the arguments: the vector of
 * sample i is X_i = D e_i, e_i the i-th unit vector and D the denominator of the multiples, and the weight of unit j
 * is (z_1j, z_2j, ...). A sum C + sum_k m_k X_k is then a function on the samples, not zero but silent.
 */

/** A sample whose vector is multiple / D times that of the representative of its class. */
type Member = { readonly sample: number; readonly multiple: bigint }

/** For every representative the members of its class, itself first. */
type Classes = ReadonlyMap<number, readonly Member[]>

/** The classes that the pairs say. Rejects what are no pairs of a sample and an earlier representative. */
const classesOf = ({ parallel, multiples }: LastLayer, samples: number): Classes => {
  const { denominator, numerators } = multiples
  if (numerators.length !== parallel.length) {
    reject('parallel', `${numerators.length} multiples where there are ${parallel.length} pairs`)
  }
  const later = new Set(parallel.map(([sample]) => sample))
  const classes = new Map<number, Member[]>()
  for (let sample = 0; sample < samples; sample += 1) {
    if (!later.has(sample)) classes.set(sample, [{ sample, multiple: denominator }])
  }
  for (const [index, [sample, representative]] of parallel.entries()) {
    const step = `parallel ${index}`
    const multiple = numerators[index]
    if (sample >= samples) reject(step, `there is no sample ${sample}`)
    if (index > 0 && sample <= parallel[index - 1][0]) reject(step, 'the samples do not ascend')
    if (representative >= sample) reject(step, `sample ${representative} does not come before sample ${sample}`)
    if (multiple === 0n) reject(step, 'the multiple is zero')
    const members = classes.get(representative)
    if (members === undefined) reject(step, `sample ${representative} is itself a multiple of another`)
    else members.push({ sample, multiple })
  }
  return classes
}

/** The function on so many samples that is zero but for these entries. */
const functionOf = (samples: number, entries: readonly Member[], budget: Budget): readonly bigint[] => {
  hold(budget, [samples], greatestBitLength([entries.map(({ multiple }) => multiple)]))
  const f = Array.from({ length: samples }, () => 0n)
  for (const { sample, multiple } of entries) f[sample] = multiple
  return f
}

/** The units whose arguments are the columns, conditions (a) and (b) having been checked. */
const unitsOf = (
  context: Context,
  { slopes: evidence, multiples }: LastLayer,
  classes: Classes,
  columns: Scaled['rows'],
  activation: TwoSlope,
  output: Dense
): readonly Unit[] => {
  const { point, budget } = context
  const subgradients = requireBalancedResiduals(context, evidence, columns.length, output.bias)
  const { positive, negative, denominator } = integerSlopes(activation)
  const scale = multiples.denominator
  const slopeBits = greatestBitLength([
    [positive, negative],
    [scale, ...multiples.numerators]
  ])
  const bits = greatestBitLength(subgradients.rows) + 2 * slopeBits
  const counts = [columns.length, columns[0].length, output.outputs]
  spend(budget, counts, bits, greatestBitLength(columns))
  spend(budget, [2], slopeBits, slopeBits)
  hold(budget, counts, bits)
  const [ahead, behind] = [scale * positive, scale * negative]
  const directions = new Map<number, readonly bigint[]>()
  const directionOf = (sample: number): readonly bigint[] => {
    const direction = directions.get(sample) ?? functionOf(columns[0].length, [{ sample, multiple: 1n }], budget)
    directions.set(sample, direction)
    return direction
  }
  const slopesOf = (unit: number): UnitSlopes => {
    const column = columns[unit]
    const kinks = [...classes].filter(([representative]) => column[representative] === 0n)
    spend(budget, [2, kinks.length + 1, column.length, output.outputs], bits, bits)
    const factors = column.map((z) => (z > 0n ? ahead : z < 0n ? behind : 0n))
    return {
      constant: subgradients.rows[0].map((_, o) => factors.map((s, sample) => subgradients.rows[sample][o] * s)),
      classes: kinks.map(([representative, members]) => ({
        representative,
        direction: directionOf(representative),
        multiple: scale,
        ...kinkSlopes(members, subgradients.rows, { positive, negative })
      }))
    }
  }
  const outer = point[point.length - (output.bias ? 2 : 1)]
  return requireBalancedUnits(columns, outer, slopesOf, denominator * subgradients.denominator, evidence)
}

/** Rejects unless conditions (a) to (f) hold. */
export const requireLastLayer = (context: Context, evidence: LastLayer): void => {
  const { problem, samples, point, budget } = context
  const { layers } = problem.network
  const below = layers.slice(0, -2)
  const [activation, output] = layers.slice(-2)
  if (below.at(-1)?.kind !== 'dense' || activation.kind !== 'two-slope' || output.kind !== 'dense') {
    reject('network', 'the rule is for networks that end with dense, two-slope and dense layers')
    return
  }
  requireSpans(below, evidence.spans)
  const values = forwardThrough(problem.network, point, samples.inputs, budget)
  const { rows } = values[below.length]
  const columns = rows[0].map((_, unit) => rows.map((row) => row[unit]))
  const classes = classesOf(evidence, rows.length)
  const units = unitsOf(context, evidence, classes, columns, activation, output)
  const functions = [...classes].flatMap(([sample, [{ multiple: scale }, ...others]]) =>
    others.map((other) => {
      const entries = [
        { sample, multiple: -other.multiple },
        { sample: other.sample, multiple: scale }
      ]
      return functionOf(rows.length, entries, budget)
    })
  )
  const keep = (sum: readonly bigint[]): void => {
    hold(budget, [sum.length], greatestBitLength([sum]))
    functions.push(sum)
  }
  requireSlopes(units, evidence.slopes.denominator, keep, budget)
  const residuals = rows.map(() => [1n])
  requireVanishing(context, { depth: below.length, functions, residuals, spans: evidence.spans, values }, '(f) ')
}
