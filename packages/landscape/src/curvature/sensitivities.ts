import { type Linearization, timesWeights } from './linearization.ts'
import type { CurvatureKind } from './operator.ts'
import { timesOutputCurvature } from './output-curvature.ts'

/**
 * Derivatives under shifts of pre-activations, for a batch: the parameters enter a network only through them. Units are numbered layer
 * by layer, (l, q) is unit q of layer l. Approximate.
 */
export interface Sensitivities {
  /**
   * Writes the second derivatives G[unit, u] of the loss of one sample, u <= unit = (layer, q); false when all of them are zero.
   * Gauss-Newton leaves out the curvature of the outputs; the empirical Fisher takes products of first derivatives.
   */
  readonly secondDerivativeRow: (sample: number, layer: number, q: number, row: Float64Array) => boolean
  /** G[unit, unit], and the sum of the magnitudes of its terms. */
  readonly secondDerivativeDiagonal: (sample: number, layer: number, q: number) => { sum: number; size: number }
  /** Writes d a_(layer, k) / d z_u for the units u of the layers below; false when sigma'(z_k) = 0. */
  readonly activationRow: (sample: number, layer: number, k: number, row: Float64Array) => boolean
}

export function sensitivities(pass: Linearization, theta: Float64Array, kind: CurvatureKind): Sensitivities {
  const { samples: n, layers, output } = pass
  const widths = layers.map((l) => l.layer.outputs)
  const first = widths.map((_, l) => widths.slice(0, l).reduce((a, b) => a + b, 0))
  const last = layers.length - 1
  const m = widths[last]!
  const outputs = kind === 'empirical-fisher' ? [] : outputDerivatives(pass, theta)
  const curved = outputs.map((J, l) => columnwise(J, n, m, widths[l]!, (rows) => timesOutputCurvature(output, rows, m)))
  const full = kind === 'hessian'
  // between[l][b]: d z_(l, k) / d z_(b, q) as rows (sample, k), for b < l.
  const between = layers.map(({ bend }, l) => (full && (l < last || bend) ? derivativesBelow(pass, theta, l) : []))

  return {
    secondDerivativeRow(i, a, q, row) {
      row.fill(0)
      if (kind === 'empirical-fisher') {
        const own = layers[a]!.delta[i * widths[a]! + q]! / output.factor
        for (let b = 0; b <= a; b++)
          for (let p = 0; p < widths[b]!; p++) row[first[b]! + p] = own * layers[b]!.delta[i * widths[b]! + p]!
        return own !== 0
      }
      let live = false
      for (let o = 0; o < m; o++) {
        const factor = curved[a]![(i * m + o) * widths[a]! + q]!
        if (factor === 0) continue
        live = true
        for (let b = 0; b <= a; b++) addRow(row, first[b]!, outputs[b]!, (i * m + o) * widths[b]!, widths[b]!, factor)
      }
      if (!full) return live
      for (let l = a; l <= last; l++) {
        const bend = layers[l]!.bend
        if (!bend) continue
        const width = widths[l]!
        for (let k = l === a ? q : 0; k < (l === a ? q + 1 : width); k++) {
          const bent = bend[i * width + k]!
          const factor = l === a ? bent : bent * between[l]![a]![(i * width + k) * widths[a]! + q]!
          if (factor === 0) continue
          live = true
          for (let b = 0; b < Math.min(l, a + 1); b++)
            addRow(row, first[b]!, between[l]![b]!, (i * width + k) * widths[b]!, widths[b]!, factor)
          if (l === a) row[first[a]! + q] = row[first[a]! + q]! + factor
        }
      }
      return live
    },
    secondDerivativeDiagonal(i, a, q) {
      if (kind === 'empirical-fisher') {
        const sum = layers[a]!.delta[i * widths[a]! + q]! ** 2 / output.factor
        return { sum, size: sum }
      }
      let sum = 0
      let size = 0
      for (let o = 0; o < m; o++) {
        const at = (i * m + o) * widths[a]! + q
        const term = curved[a]![at]! * outputs[a]![at]!
        sum += term
        size += Math.abs(term)
      }
      for (let l = a; full && l <= last; l++) {
        const { bend } = layers[l]!
        if (!bend) continue
        for (let k = l === a ? q : 0; k < (l === a ? q + 1 : widths[l]!); k++) {
          const through = l === a ? 1 : between[l]![a]![(i * widths[l]! + k) * widths[a]! + q]!
          const term = bend[i * widths[l]! + k]! * through * through
          sum += term
          size += Math.abs(term)
        }
      }
      return { sum, size }
    },
    activationRow(i, l, k, row) {
      const slope = layers[l]!.slope?.[i * widths[l]! + k] ?? 1
      if (slope === 0) return false
      for (let b = 0; b < l; b++) {
        row.fill(0, first[b], first[b]! + widths[b]!)
        addRow(row, first[b]!, between[l]![b]!, (i * widths[l]! + k) * widths[b]!, widths[b]!, slope)
      }
      return true
    }
  }
}

function addRow(to: Float64Array, at: number, from: Float64Array, start: number, count: number, factor: number): void {
  for (let k = 0; k < count; k++) to[at + k] = to[at + k]! + factor * from[start + k]!
}

/** For each layer d f_o / d z_(l, q) as rows (sample, output). */
export function outputDerivatives(pass: Linearization, theta: Float64Array): readonly Float64Array[] {
  const { samples: n, layers } = pass
  const m = layers.at(-1)!.layer.outputs
  let rows: Float64Array = new Float64Array(n * m * m)
  for (let r = 0; r < n * m; r++) rows[r * m + (r % m)] = 1
  const derivatives: Float64Array[] = []
  for (let l = layers.length - 1; l >= 0; l--) {
    timesSlopes(layers[l]!.slope, rows, n, m, layers[l]!.layer.outputs)
    derivatives.unshift(rows)
    if (l > 0) rows = timesWeights(layers[l]!.layer, theta, rows, n * m)
  }
  return derivatives
}

/** For each layer b < l, d z_(l, k) / d z_(b, q) as rows (sample, k). */
function derivativesBelow(pass: Linearization, theta: Float64Array, l: number): readonly Float64Array[] {
  const { samples: n, layers } = pass
  const derivatives: Float64Array[] = []
  if (l === 0) return derivatives
  const { layer } = layers[l]!
  const count = layer.outputs
  const weights = theta.subarray(layer.weightAt, layer.weightAt + count * layer.inputs)
  let rows: Float64Array = new Float64Array(n * weights.length)
  for (let i = 0; i < n; i++) rows.set(weights, i * weights.length)
  for (let b = l - 1; b >= 0; b--) {
    timesSlopes(layers[b]!.slope, rows, n, count, layers[b]!.layer.outputs)
    derivatives.unshift(rows)
    if (b > 0) rows = timesWeights(layers[b]!.layer, theta, rows, n * count)
  }
  return derivatives
}

/** Multiplies the `count` rows of each sample by its slopes. */
function timesSlopes(
  slope: Float64Array | undefined,
  rows: Float64Array,
  samples: number,
  count: number,
  width: number
): void {
  if (!slope) return
  for (let i = 0; i < samples; i++)
    for (let r = 0; r < count; r++) {
      const at = (i * count + r) * width
      for (let q = 0; q < width; q++) rows[at + q] = rows[at + q]! * slope[i * width + q]!
    }
}

/** Applies a map on rows (sample, m entries) to every column of a matrix of rows (sample, output). */
function columnwise(
  matrix: Float64Array,
  samples: number,
  m: number,
  width: number,
  map: (rows: Float64Array) => void
): Float64Array {
  const result = new Float64Array(matrix.length)
  const rows = new Float64Array(samples * m)
  for (let q = 0; q < width; q++) {
    for (let r = 0; r < rows.length; r++) rows[r] = matrix[r * width + q]!
    map(rows)
    for (let r = 0; r < rows.length; r++) result[r * width + q] = rows[r]!
  }
  return result
}
