import { type Budget, hold, spend } from './budget.ts'
import { combination, enclose, type Interval, precision, squareOf } from './enclosure.ts'
import { greatestBitLength, greatestOf } from './integers.ts'
import { denseParameters, integerSlopes } from './parameters.ts'
import type { Point } from './point.ts'
import type { Layer, Network } from './problem.ts'
import type { Scaled } from './samples.ts'
import { applySmooth } from './smooth-values.ts'
import { byChannel, patchesOf, positionsOf, shapesThrough, windowsOf } from './window.ts'

type Row = readonly Interval[]

/** An upper bound of the length of an interval's ends. */
const wordBits = Number(precision) * 4
const constant = enclose(1n, 1n)
const outside = enclose(0n, 1n)

const leastOf = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a))

const greatest = (entries: Row): Interval => ({
  low: greatestOf(entries.map(({ low }) => low)),
  high: greatestOf(entries.map(({ high }) => high))
})

const mean = (entries: Row): Interval =>
  combination(
    entries.map(() => 1n),
    entries,
    BigInt(entries.length)
  )

/** What a layer that works entry by entry does to an interval. */
const entryByEntry = (layer: Exclude<Layer, { kind: 'dense' | 'conv' | 'average-pool' | 'max-pool' }>) => {
  if (layer.kind === 'smooth') return (z: Interval): Interval => applySmooth(layer.name, z)
  if (layer.kind === 'quadratic') return squareOf
  if (layer.kind === 'flatten') return (z: Interval): Interval => z
  const { positive, negative, denominator } = integerSlopes(layer)
  // Linear on both sides of zero: the extremes are at the ends or at zero.
  return ({ low, high }: Interval): Interval => {
    const ends = [low, high].map((z) => (z > 0n ? positive : negative) * z)
    if (low < 0n && high > 0n) ends.push(0n)
    return combination([1n], [{ low: leastOf(ends), high: greatestOf(ends) }], denominator)
  }
}

/** Enclosures of the outputs of a network at a point of its shape, one row for each row of inputs. */
export const enclosedForward = (network: Network, point: Point, inputs: Scaled, budget: Budget): readonly Row[] => {
  const shapes = shapesThrough(network)
  let values: readonly Row[] = inputs.rows.map((row) => row.map((entry) => enclose(entry, inputs.denominator)))
  let tensor = 0
  for (const [index, layer] of network.layers.entries()) {
    const shape = shapes[index]
    const counts = [values.length, values[0].length]
    if (layer.kind === 'dense' || layer.kind === 'conv') {
      const end = tensor + (layer.bias ? 2 : 1)
      const { rows, denominator } = denseParameters(layer, point.slice(tensor, end))
      tensor = end
      const windows = layer.kind === 'conv' ? windowsOf(layer, shape, shapes[index + 1], budget) : []
      const places = layer.kind === 'conv' ? windows.length : 1
      spend(budget, [2, values.length, places, layer.outputs, rows[0].length], greatestBitLength(rows), wordBits)
      hold(budget, [2, values.length, places, layer.outputs], wordBits)
      const weighed = (patch: Row): Row => {
        const terms = layer.bias ? [...patch, constant] : patch
        return rows.map((weights) => combination(weights, terms, denominator))
      }
      values = values.map((row) =>
        layer.kind === 'dense' ? weighed(row) : byChannel(patchesOf(row, windows, shape, outside).map(weighed))
      )
    } else if (layer.kind === 'average-pool' || layer.kind === 'max-pool') {
      const windows = windowsOf(layer, shape, shapes[index + 1], budget)
      const positions = positionsOf(shape)
      spend(budget, [2, values.length, shape.channels, windows.length, windows[0].length], wordBits, 1)
      hold(budget, [2, values.length, shape.channels, windows.length], wordBits)
      const pool = layer.kind === 'max-pool' ? greatest : mean
      values = values.map((row) =>
        Array.from({ length: shape.channels }, (_, channel) =>
          windows.map((window) => pool(window.map((position) => row[channel * positions + position])))
        ).flat()
      )
    } else {
      const apply = entryByEntry(layer)
      spend(budget, [layer.kind === 'smooth' ? 1024 : 4, ...counts], wordBits, wordBits)
      hold(budget, [2, ...counts], wordBits)
      values = values.map((row) => row.map(apply))
    }
  }
  return values
}
