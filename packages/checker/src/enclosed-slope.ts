import { type Budget, hold, spend } from './budget.ts'
import { exponential } from './elementary.ts'
import {
  combination,
  enclose,
  floorDivide,
  growing,
  type Interval,
  minus,
  negative,
  one,
  plus,
  precision,
  reciprocal,
  shifted
} from './enclosure.ts'
import { greatestBitLength, greatestOf } from './integers.ts'
import { nothing, times, unit } from './nearby/intervals.ts'
import { slopesOf } from './nearby/slopes.ts'
import { denseParameters } from './parameters.ts'
import type { Point } from './point.ts'
import type { Layer, Loss, Network } from './problem.ts'
import type { Samples } from './samples.ts'
import { applySmooth } from './smooth-values.ts'
import { byChannel, patchesOf, positionsOf, shapesThrough, windowsOf } from './window.ts'

/** A number and its one-sided derivative along a direction of the parameters. */
type Moving = { readonly value: Interval; readonly slope: Interval }

const wordBits = Number(precision) * 4
const still: Moving = { value: nothing, slope: nothing }
const constant: Moving = { value: unit, slope: nothing }

/** The smallest interval that contains all of them. */
const hull = (intervals: readonly Interval[]): Interval => ({
  low: -greatestOf(intervals.map(({ low }) => -low)),
  high: greatestOf(intervals.map(({ high }) => high))
})

const isAwayFromZero = ({ low, high }: Interval): boolean => low > 0n || high < 0n

/** Value and slopes of an activation on an interval; with the slopes on both sides where it may have a kink. */
const bent = (layer: Extract<Layer, { kind: 'two-slope' | 'quadratic' | 'smooth' }>, z: Interval): Moving => {
  const hasKink = layer.kind === 'two-slope' || (layer.kind === 'smooth' && ['elu', 'selu'].includes(layer.name))
  if (!hasKink || isAwayFromZero(z)) {
    const { value, first } = slopesOf(layer, z)
    return { value, slope: first }
  }
  // The slopes below zero grow up to that at zero, which is beside that of an argument one unit below.
  const below = slopesOf(layer, { low: z.low < 0n ? z.low : -1n, high: -1n })
  const above = slopesOf(layer, { low: 1n, high: z.high > 0n ? z.high : 1n })
  const slope = hull([below.first, shifted(below.first, 8n), above.first])
  if (layer.kind === 'smooth') return { value: applySmooth(layer.name, z), slope }
  return { value: hull([below.value, above.value, nothing]), slope }
}

const greatest = (entries: readonly Moving[]): Moving => {
  const least = greatestOf(entries.map(({ value }) => value.low))
  return {
    value: { low: least, high: greatestOf(entries.map(({ value }) => value.high)) },
    slope: hull(entries.filter(({ value }) => value.high >= least).map(({ slope }) => slope))
  }
}

const mean = (entries: readonly Moving[]): Moving => {
  const ones = entries.map(() => 1n)
  const count = BigInt(entries.length)
  return {
    value: combination(
      ones,
      entries.map(({ value }) => value),
      count
    ),
    slope: combination(
      ones,
      entries.map(({ slope }) => slope),
      count
    )
  }
}

/** The outputs of a network and their one-sided derivatives when the parameters move from a point in a direction, one row for each sample. */
const outputsMoving = (
  network: Network,
  point: Point,
  direction: Point,
  { inputs }: Samples,
  budget: Budget
): readonly (readonly Moving[])[] => {
  const shapes = shapesThrough(network)
  let rows: readonly (readonly Moving[])[] = inputs.rows.map((row) =>
    row.map((entry) => ({ value: enclose(entry, inputs.denominator), slope: nothing }))
  )
  let tensor = 0
  for (const [index, layer] of network.layers.entries()) {
    const shape = shapes[index]
    const counts = [rows.length, rows[0].length]
    if (layer.kind === 'dense' || layer.kind === 'conv') {
      const end = tensor + (layer.bias ? 2 : 1)
      const weights = denseParameters(layer, point.slice(tensor, end))
      const moves = denseParameters(layer, direction.slice(tensor, end))
      tensor = end
      const windows = layer.kind === 'conv' ? windowsOf(layer, shape, shapes[index + 1], budget) : []
      const places = layer.kind === 'conv' ? windows.length : 1
      const bits = greatestBitLength([...weights.rows, ...moves.rows])
      spend(budget, [6, rows.length, places, layer.outputs, weights.rows[0].length], bits, wordBits)
      hold(budget, [4, rows.length, places, layer.outputs], wordBits)
      const weighed = (patch: readonly Moving[]): readonly Moving[] => {
        const terms = layer.bias ? [...patch, constant] : patch
        const values = terms.map(({ value }) => value)
        const slopes = terms.map(({ slope }) => slope)
        return weights.rows.map((row, output) => ({
          value: combination(row, values, weights.denominator),
          slope: plus(
            combination(row, slopes, weights.denominator),
            combination(moves.rows[output], values, moves.denominator)
          )
        }))
      }
      rows = rows.map((row) =>
        layer.kind === 'dense' ? weighed(row) : byChannel(patchesOf(row, windows, shape, still).map(weighed))
      )
    } else if (layer.kind === 'average-pool' || layer.kind === 'max-pool') {
      const windows = windowsOf(layer, shape, shapes[index + 1], budget)
      const positions = positionsOf(shape)
      spend(budget, [4, rows.length, shape.channels, windows.length, windows[0].length], wordBits, 1)
      hold(budget, [4, rows.length, shape.channels, windows.length], wordBits)
      const pool = layer.kind === 'max-pool' ? greatest : mean
      rows = rows.map((row) =>
        Array.from({ length: shape.channels }, (_, channel) =>
          windows.map((window) => pool(window.map((position) => row[channel * positions + position])))
        ).flat()
      )
    } else if (layer.kind !== 'flatten') {
      spend(budget, [layer.kind === 'smooth' ? 2048 : 8, ...counts], wordBits, wordBits)
      hold(budget, [4, ...counts], wordBits)
      rows = rows.map((row) =>
        row.map(({ value: z, slope }) => {
          const { value, slope: factor } = bent(layer, z)
          return { value, slope: times(factor, slope) }
        })
      )
    }
  }
  return rows
}

/** e^f_o / sum of e^f_k for every o. */
const shares = (outputs: readonly Interval[]): readonly Interval[] => {
  const top = outputs.reduce((most, { low }) => (low > most ? low : most), outputs[0].low)
  const shift = -floorDivide(top, one) * one
  const powers = outputs.map((f) => growing(exponential)(shifted(f, shift)))
  const whole = reciprocal(powers.reduce(plus))
  return powers.map((power) => times(power, whole))
}

const cutOff = ({ low, high }: Interval): Interval => {
  const cut = (end: bigint): bigint => (end > one ? one : end < -one ? -one : end)
  return { low: cut(low), high: cut(high) }
}

/** Subgradients of the loss of one sample, whose target of output o is targets[o] / denominator: all of them where there are several. */
const subgradients = (
  kind: Loss['kind'],
  outputs: readonly Interval[],
  targets: readonly bigint[],
  denominator: bigint
): readonly Interval[] => {
  const wanted = targets.map((target) => enclose(target, denominator))
  if (kind === 'cross-entropy') return shares(outputs).map((share, o) => minus(share, wanted[o]))
  return outputs.map((f, o) => {
    if (kind === 'logistic') return minus(applySmooth('sigmoid', f), wanted[o])
    const error = minus(f, wanted[o])
    if (kind === 'squared') return error
    if (kind === 'huber') return cutOff(error)
    if (kind === 'absolute') {
      return { low: error.low > 0n ? one : -one, high: error.high < 0n ? -one : one }
    }
    const margin = minus(unit, combination([targets[o]], [f], denominator))
    if (margin.high < 0n) return nothing
    return margin.low > 0n ? negative(wanted[o]) : hull([nothing, negative(wanted[o])])
  })
}

/** An enclosure of the one-sided derivative of the sum of the losses, without its factor and without weight decay. */
export const enclosedSlope = (
  network: Network,
  loss: Loss,
  samples: Samples,
  point: Point,
  direction: Point,
  budget: Budget
): Interval => {
  const rows = outputsMoving(network, point, direction, samples, budget)
  const { targets } = samples
  spend(budget, [1024, rows.length, network.outputs], wordBits + greatestBitLength(targets.rows), wordBits)
  return rows
    .flatMap((row, sample) => {
      const factors = subgradients(
        loss.kind,
        row.map(({ value }) => value),
        targets.rows[sample],
        targets.denominator
      )
      return row.map(({ slope }, output) => times(factors[output], slope))
    })
    .reduce(plus)
}
