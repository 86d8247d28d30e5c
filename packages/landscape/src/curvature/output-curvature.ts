import type { LossKind } from '../loss/loss.ts'

/**
 * Gradient and Hessian of F ell(f, y) in the outputs f, for every sample of a batch (rows of m outputs). Approximate.
 * identity: the Hessian is F times the identity; diagonal: F diag(values); softmax: F (diag(p) - p p^T), p = values; zero.
 */
export interface OutputCurvature {
  readonly kind: 'identity' | 'diagonal' | 'softmax' | 'zero'
  readonly factor: number
  readonly values: Float64Array
  /** F times the gradient. */
  readonly slopes: Float64Array
  /** F times the sum of the losses of the batch. */
  readonly loss: number
}

const logistic = (t: number) => (t >= 0 ? 1 / (1 + Math.exp(-t)) : Math.exp(t) / (1 + Math.exp(t)))

/** @throws RangeError for a loss without a float version */
export function outputCurvature(
  loss: LossKind,
  f: Float64Array,
  y: Float64Array,
  m: number,
  factor: number
): OutputCurvature {
  const slopes = new Float64Array(f.length)
  const values = new Float64Array(loss === 'logistic' || loss === 'cross-entropy' ? f.length : 0)
  let total = 0
  if (loss === 'squared') {
    for (let k = 0; k < f.length; k++) {
      const e = f[k]! - y[k]!
      slopes[k] = factor * e
      total += (e * e) / 2
    }
    return { kind: 'identity', factor, values, slopes, loss: factor * total }
  }
  if (loss === 'cross-entropy') {
    for (let i = 0; i < f.length; i += m) {
      let top = Number.NEGATIVE_INFINITY
      for (let o = 0; o < m; o++) top = Math.max(top, f[i + o]!)
      let sum = 0
      for (let o = 0; o < m; o++) sum += values[i + o] = Math.exp(f[i + o]! - top)
      for (let o = 0; o < m; o++) {
        values[i + o] = values[i + o]! / sum
        slopes[i + o] = factor * (values[i + o]! - y[i + o]!)
        total -= y[i + o]! * (f[i + o]! - top - Math.log(sum))
      }
    }
    return { kind: 'softmax', factor, values, slopes, loss: factor * total }
  }
  if (loss === 'logistic') {
    // Labels 0 and 1: log(1 + exp(f)) - y f.
    for (let k = 0; k < f.length; k++) {
      const s = logistic(f[k]!)
      values[k] = s * (1 - s)
      slopes[k] = factor * (s - y[k]!)
      total += Math.max(f[k]!, 0) + Math.log1p(Math.exp(-Math.abs(f[k]!))) - y[k]! * f[k]!
    }
    return { kind: 'diagonal', factor, values, slopes, loss: factor * total }
  }
  if (loss === 'huber') throw new RangeError('curvature does not know the huber loss')
  for (let k = 0; k < f.length; k++) {
    const e = loss === 'absolute' ? f[k]! - y[k]! : 1 - y[k]! * f[k]!
    slopes[k] = factor * (loss === 'absolute' ? Math.sign(e) : e > 0 ? -y[k]! : 0)
    total += loss === 'absolute' ? Math.abs(e) : Math.max(0, e)
  }
  return { kind: 'zero', factor, values, slopes, loss: factor * total }
}

/** Row o of a matrix S with F S^T S the Hessian of a sample. Approximate. */
export function rootOfOutputCurvature(
  { kind, values }: OutputCurvature,
  m: number,
  sample: number,
  o: number
): Float64Array {
  const row = new Float64Array(m)
  const at = sample * m
  if (kind === 'zero') return row
  row[o] = kind === 'diagonal' ? Math.sqrt(values[at + o]!) : 1
  if (kind !== 'softmax') return row
  // diag(p) - p p^T = S^T S with S = diag(sqrt p) (1 - (1, ..., 1)^T p^T).
  const root = Math.sqrt(values[at + o]!)
  return row.map((entry, q) => root * (entry - values[at + q]!))
}

/** The Hessian of every sample times its row of m entries, in place. */
export function timesOutputCurvature(c: OutputCurvature, rows: Float64Array, m: number): void {
  if (c.kind === 'zero') rows.fill(0)
  else if (c.kind === 'identity') for (let k = 0; k < rows.length; k++) rows[k] = c.factor * rows[k]!
  else if (c.kind === 'diagonal') for (let k = 0; k < rows.length; k++) rows[k] = c.factor * c.values[k]! * rows[k]!
  else
    for (let i = 0; i < rows.length; i += m) {
      let mean = 0
      for (let o = 0; o < m; o++) mean += c.values[i + o]! * rows[i + o]!
      for (let o = 0; o < m; o++) rows[i + o] = c.factor * c.values[i + o]! * (rows[i + o]! - mean)
    }
}
