import type { Linearization } from './linearization.ts'
import type { CurvatureKind } from './operator.ts'
import { derivativesBelow, outputDerivatives, timesOutputCurvatureByUnit } from './sensitivities.ts'

/**
 * Derivatives under shifts of pre-activations over the samples of a batch, one pair of units after the other. Unit (l, q) is unit q of layer
 * l. Approximate.
 */
export interface PairSensitivities {
  /**
   * Writes for each sample the second derivative G[(a, q), (b, r)] of its loss, b <= a. Gauss-Newton leaves out the curvature of the
   * outputs; the empirical Fisher takes products of first derivatives.
   */
  readonly secondDerivatives: (a: number, q: number, b: number, r: number, to: Float64Array) => void
  /** Writes d a_(l, k) / d z_(b, r), b <= l; for b = l the slope. */
  readonly activationChanges: (l: number, k: number, b: number, r: number, to: Float64Array) => void
}

export function pairSensitivities(pass: Linearization, theta: Float64Array, kind: CurvatureKind): PairSensitivities {
  const { samples: n, layers, output } = pass
  const widths = layers.map((l) => l.layer.outputs)
  const last = layers.length - 1
  const m = widths[last]!
  // All by units: the numbers of one unit, or of one pair of units, stand together.
  const turned = (rows: Float64Array | undefined, columns: number) => rows && transpose(rows, columns)
  if (kind === 'empirical-fisher') {
    const deltas = layers.map(({ delta }, l) => transpose(delta, widths[l]!))
    return {
      secondDerivatives(a, q, b, r, to) {
        const [x, y] = [deltas[a]!, deltas[b]!]
        for (let i = 0; i < n; i++) to[i] = (x[q * n + i]! * y[r * n + i]!) / output.factor
      },
      activationChanges: () => {}
    }
  }
  const derivatives = outputDerivatives(pass, theta)
  const curved = derivatives.map((J, l) =>
    transpose(timesOutputCurvatureByUnit(output, J, n, m, widths[l]!), widths[l]!)
  )
  const outputs = derivatives.map((J, l) => transpose(J, widths[l]!))
  const full = kind === 'hessian'
  const slopes = layers.map(({ slope }, l) => turned(slope, widths[l]!))
  const bends = layers.map(({ bend }, l) => (full ? turned(bend, widths[l]!) : undefined))
  // between[l][b]: d z_(l, k) / d z_(b, q) for b < l at ((k * width of b) + q) * n + sample.
  const between = layers.map((_, l) =>
    full && (l < last || bends[l])
      ? derivativesBelow(pass, theta, l).map((rows, b) => transpose(rows, widths[l]! * widths[b]!))
      : []
  )
  return {
    secondDerivatives(a, q, b, r, to) {
      const [x, y] = [curved[a]!, outputs[b]!]
      innerProducts(to, x, q * n * m, y, r * n * m, m)
      for (let l = a; l <= last; l++) {
        const bend = bends[l]
        if (!bend) continue
        if (l === a) {
          if (b === a && q !== r) continue
          const below = b < a ? between[a]![b]! : undefined
          const at = (q * widths[b]! + r) * n
          for (let i = 0; i < n; i++) to[i] = to[i]! + bend[q * n + i]! * (below ? below[at + i]! : 1)
          continue
        }
        const [up, down] = [between[l]![a]!, between[l]![b]!]
        for (let k = 0; k < widths[l]!; k++) {
          const [f, g] = [(k * widths[a]! + q) * n, (k * widths[b]! + r) * n]
          for (let i = 0; i < n; i++) to[i] = to[i]! + bend[k * n + i]! * up[f + i]! * down[g + i]!
        }
      }
    },
    activationChanges(l, k, b, r, to) {
      const slope = slopes[l]
      const below = b < l ? between[l]![b]! : undefined
      const at = (k * widths[b]! + r) * n
      if (slope) for (let i = 0; i < n; i++) to[i] = slope[k * n + i]!
      else to.fill(1)
      if (below) for (let i = 0; i < n; i++) to[i] = to[i]! * below[at + i]!
    }
  }
}

/** For each sample the inner product of m consecutive entries of x and of y. */
function innerProducts(to: Float64Array, x: Float64Array, s: number, y: Float64Array, t: number, m: number): void {
  // One output is common and much the quickest without the inner loop.
  if (m === 1) for (let i = 0; i < to.length; i++) to[i] = x[s + i]! * y[t + i]!
  else
    for (let i = 0, k = 0; i < to.length; i++) {
      let sum = 0
      for (let o = 0; o < m; o++, k++) sum += x[s + k]! * y[t + k]!
      to[i] = sum
    }
}

/** Rows of `columns` entries turned into columns, in blocks that stay in the cache. */
function transpose(from: Float64Array, columns: number): Float64Array {
  const rows = from.length / columns
  const to = new Float64Array(from.length)
  const block = 16
  for (let top = 0; top < rows; top += block)
    for (let left = 0; left < columns; left += block) {
      const bottom = Math.min(rows, top + block)
      const right = Math.min(columns, left + block)
      for (let j = left; j < right; j++) for (let i = top; i < bottom; i++) to[j * rows + i] = from[i * columns + j]!
    }
  return to
}
