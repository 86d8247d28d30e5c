import { primitive } from '../cells/configuration.ts'
import type { OneHiddenLayer } from '../traits.ts'

/**
 * The data of a one-hidden-layer problem with one output and squared loss, samples of equal x~ merged (weight, mean target): the loss
 * differs by a constant only. Kinks come in classes of parallel x~; with a hidden bias each class is one merged sample. Approximate.
 */
export interface MergedData {
  readonly samples: number
  readonly width: number
  /** samples x width, row-major: x~. */
  readonly x: Float64Array
  /** The same by columns, width x samples. */
  readonly columns: Float64Array
  readonly y: Float64Array
  readonly weight: Float64Array
  /** The class of each merged sample, and its factor: x~_i = factor_i * (x~ of the first member). */
  readonly classOf: Int32Array
  readonly factor: Float64Array
  /** Members of each class; the first one represents it. */
  readonly classes: readonly (readonly number[])[]
  /** Merged sample of each original sample. */
  readonly mergedOf: Int32Array
  /** A half of sum of squares that no function of the inputs can remove: the loss is this plus the merged loss. */
  readonly offset: number
}

export function mergeData(view: OneHiddenLayer): MergedData {
  const { samples: n, width, extended, problem } = view
  const { data } = problem
  const d = view.hiddenBias ? width - 1 : width
  const mergedOf = new Int32Array(n)
  const groups = new Map<string, number[]>()
  for (let i = 0; i < n; i++) {
    const key = extended.slice(i * width, (i + 1) * width).join(' ')
    const known = groups.get(key)
    if (known) known.push(i)
    else groups.set(key, [i])
  }
  const merged = [...groups.values()]
  const x = new Float64Array(merged.length * width)
  const y = new Float64Array(merged.length)
  const weight = new Float64Array(merged.length)
  const classOf = new Int32Array(merged.length)
  const factor = new Float64Array(merged.length).fill(1)
  const lines = new Map<string, { index: number; factor: bigint }>()
  const classes: number[][] = []
  let offset = 0
  for (const [g, members] of merged.entries()) {
    const first = members[0]!
    for (let k = 0; k < d; k++) x[g * width + k] = data.approximateInputs[first * d + k]!
    if (view.hiddenBias) x[g * width + d] = 1
    let mean = 0
    for (const i of members) {
      mergedOf[i] = g
      mean += data.approximateTargets[i]! / members.length
    }
    for (const i of members) offset += (data.approximateTargets[i]! - mean) ** 2 / 2
    y[g] = mean
    weight[g] = members.length
    if (view.hiddenBias) {
      classOf[g] = g
      classes.push([g])
      continue
    }
    const line = primitive(extended.slice(first * width, (first + 1) * width))
    if (line === undefined) {
      // x~ = 0 never moves and never matters: a class of its own that is never hit.
      classOf[g] = classes.length
      classes.push([g])
      continue
    }
    const key = line.vector.join(' ')
    const known = lines.get(key)
    if (known) {
      classOf[g] = known.index
      factor[g] = Number(line.factor) / Number(known.factor)
      classes[known.index]!.push(g)
    } else {
      lines.set(key, { index: classes.length, factor: line.factor })
      classOf[g] = classes.length
      classes.push([g])
    }
  }
  const columns = new Float64Array(x.length)
  for (let i = 0; i < merged.length; i++)
    for (let k = 0; k < width; k++) columns[k * merged.length + i] = x[i * width + k]!
  return { samples: merged.length, width, x, columns, y, weight, classOf, factor, classes, mergedOf, offset }
}
