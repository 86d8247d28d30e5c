import { enclose, type Interval, plus } from '../enclosure.ts'
import type { Box } from '../nearby/curvature.ts'
import { nothing, times } from '../nearby/intervals.ts'
import { slopesOf } from '../nearby/slopes.ts'
import { reject } from '../outcome.ts'
import type { Layer, Problem } from '../problem.ts'
import type { Samples } from '../samples.ts'

/** A dense layer: where its parameters are among all, and the layers up to the next one. */
type DensePlace = {
  readonly weight: number
  readonly bias: number | undefined
  readonly inputs: number
  readonly outputs: number
  readonly between: readonly Layer[]
}

export const densePlaces = ({ network }: Problem): readonly DensePlace[] => {
  const { layers } = network
  let next = 0
  let inputs = network.inputs
  return layers.flatMap((layer, at) => {
    if (layer.kind !== 'dense') return []
    const { outputs } = layer
    const weight = next
    const bias = layer.bias ? weight + inputs * outputs : undefined
    next += inputs * outputs + (layer.bias ? outputs : 0)
    const end = layers.findIndex((other, k) => k > at && other.kind === 'dense')
    const place = { weight, bias, inputs, outputs, between: layers.slice(at + 1, end < 0 ? layers.length : end) }
    inputs = outputs
    return [place]
  })
}

/** The unit of a dense layer that a parameter leads to, and the entry that it is applied to unless it is a bias. */
type Role = { readonly layer: number; readonly unit: number; readonly entry: number | undefined }

export const roleOf = (places: readonly DensePlace[], parameter: number): Role => {
  for (const [layer, { weight, bias, inputs, outputs }] of places.entries()) {
    const offset = parameter - weight
    if (offset < inputs * outputs) return { layer, unit: Math.floor(offset / inputs), entry: offset % inputs }
    if (bias !== undefined && parameter < bias + outputs) return { layer, unit: parameter - bias, entry: undefined }
  }
  return reject('parameters', `there is no parameter ${parameter}`)
}

const isZeroSlope = (layer: Layer, z: Interval): boolean =>
  layer.kind === 'two-slope' && (z.low > 0n ? layer.positive : layer.negative).numerator === 0n

/** Layer by layer, which entries are silent on a sample, and which units are unheard. */
type Silence = { readonly silent: readonly boolean[]; readonly unheard: readonly boolean[] }

/**
 * Condition (b), sample by sample: an entry is silent when it is a zero of the sample or behind a slope 0, a unit is unheard when nothing but slopes 0 is behind it. Rejects where an argument of a kink may be zero.
 */
export const silences = (problem: Problem, samples: Samples, at: Box): readonly (readonly Silence[])[] => {
  const { layers } = problem.network
  const places = densePlaces(problem)
  return samples.inputs.rows.map((row) => {
    let values: readonly Interval[] = row.map((entry) => enclose(entry, samples.inputs.denominator))
    let silent: readonly boolean[] = row.map((entry) => entry === 0n)
    let cut: readonly boolean[] = []
    let dense = -1
    const found: { silent: readonly boolean[]; cut: readonly boolean[] }[] = []
    for (const layer of layers) {
      if (layer.kind === 'dense') {
        if (dense >= 0) found[dense] = { ...found[dense], cut }
        dense += 1
        found.push({ silent, cut: [] })
        const { weight, bias, inputs, outputs } = places[dense]
        const before = values
        values = Array.from({ length: outputs }, (_, u) =>
          before.reduce(
            (sum, value, k) => plus(sum, times(at[weight + u * inputs + k], value)),
            bias === undefined ? nothing : at[bias + u]
          )
        )
        silent = values.map(() => false)
        cut = silent
      } else if (layer.kind === 'two-slope' || layer.kind === 'quadratic' || layer.kind === 'smooth') {
        const zero = values.map((z) => isZeroSlope(layer, z))
        values = values.map((z) => slopesOf(layer, z).value)
        silent = zero
        if (dense >= 0) cut = cut.map((known, u) => known || zero[u])
      }
    }
    const result: Silence[] = []
    let isSilentAbove = false
    for (let l = found.length - 1; l >= 0; l -= 1) {
      const isLast = l === found.length - 1
      const unheard = Array.from({ length: places[l].outputs }, (_, u) => !isLast && (isSilentAbove || found[l].cut[u]))
      isSilentAbove = unheard.every((is) => is)
      result.unshift({ silent: found[l].silent, unheard })
    }
    return result
  })
}
