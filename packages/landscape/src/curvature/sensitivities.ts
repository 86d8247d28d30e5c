import { type Linearization, timesWeights } from './linearization.ts'
import type { CurvatureKind } from './operator.ts'
import { type OutputCurvature, timesOutputCurvature } from './output-curvature.ts'

/**
 * The second derivative of the loss of one sample under a shift of the pre-activation of unit q of a layer, G[unit, unit], and the sum of the
 * magnitudes of its terms, for a batch. Gauss-Newton leaves out the curvature of the outputs; the empirical Fisher takes squares of first
 * derivatives. Approximate.
 */
export function secondDerivativeDiagonal(
  pass: Linearization,
  theta: Float64Array,
  kind: CurvatureKind
): (sample: number, layer: number, q: number) => { sum: number; size: number } {
  const { samples: n, layers, output } = pass
  const widths = layers.map((l) => l.layer.outputs)
  const last = layers.length - 1
  const m = widths[last]!
  if (kind === 'empirical-fisher')
    return (i, a, q) => {
      const sum = layers[a]!.delta[i * widths[a]! + q]! ** 2 / output.factor
      return { sum, size: sum }
    }
  const outputs = outputDerivatives(pass, theta)
  const curved = outputs.map((J, l) => timesOutputCurvatureByUnit(output, J, n, m, widths[l]!))
  const full = kind === 'hessian'
  // between[l][b]: d z_(l, k) / d z_(b, q) as rows (sample, k), for b < l.
  const between = layers.map(({ bend }, l) => (full && bend ? derivativesBelow(pass, theta, l) : []))
  return (i, a, q) => {
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
  }
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
export function derivativesBelow(pass: Linearization, theta: Float64Array, l: number): readonly Float64Array[] {
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

/** The Hessian of the loss of every sample in the outputs times every column of a matrix of rows (sample, output). */
export function timesOutputCurvatureByUnit(
  output: OutputCurvature,
  matrix: Float64Array,
  samples: number,
  m: number,
  width: number
): Float64Array {
  if (output.kind === 'identity') return matrix.map((x) => output.factor * x)
  const result = new Float64Array(matrix.length)
  const rows = new Float64Array(samples * m)
  for (let q = 0; q < width; q++) {
    for (let r = 0; r < rows.length; r++) rows[r] = matrix[r * width + q]!
    timesOutputCurvature(output, rows, m)
    for (let r = 0; r < rows.length; r++) result[r * width + q] = rows[r]!
  }
  return result
}
