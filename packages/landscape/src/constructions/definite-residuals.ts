import { fromNumber, integerMatrix, type RationalVector, reduceVector, solveLinear } from '@nadir/arithmetic'
import type { Dataset } from '../data/dataset.ts'

const steps = 400

/**
 * Residuals r with sum r_i = 0 and sum r_i x_i = 0 whose second moments sum r_i x_i x_i^T are, if possible, near a multiple of those of the inputs about
 * their mean, hence definite: values of a quadratic form of the inputs less their best affine fit, the form found by conjugate gradients in doubles and
 * rounded. The two equations hold exactly; whether the moments are definite is for others to say. Undefined when all such residuals vanish.
 */
export function definiteResiduals(data: Dataset): RationalVector | undefined {
  const { samples: n, inputCount: d, approximateInputs: x } = data
  const scales = Float64Array.from({ length: d }, (_, k) => scaleOf(Array.from({ length: n }, (_, i) => x[i * d + k]!)))
  const u = x.map((value, at) => value / scales[at % d]!)
  const form = definiteForm(u, n, d)
  const rounded = roundedForm(form, d)
  // The form in the units of the data: scales are powers of two.
  const entries = rounded.map((value, at) => value / (scales[Math.floor(at / d)]! * scales[at % d]!))
  const matrix = entries.map(fromNumber)
  const denominator = matrix.reduce((most, { denominator: q }) => (q > most ? q : most), 1n)
  const integers = matrix.map(({ numerator, denominator: q }) => numerator * (denominator / q))
  const values = Array.from({ length: n }, (_, i) => {
    const row = data.inputs.numerators.slice(i * d, (i + 1) * d)
    return row.reduce((sum, a, k) => sum + a * row.reduce((part, b, l) => part + integers[k * d + l]! * b, 0n), 0n)
  })
  const r = lessAffineFit(data, values)
  return r.numerators.every((a) => a === 0n) ? undefined : scaledToOne(r)
}

/** A power of two near the standard deviation; 1 for a constant. */
function scaleOf(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length
  return variance > 0 ? 2 ** Math.round(Math.log2(variance) / 2) : 1
}

/**
 * A symmetric form M for which sum_i r_i u_i u_i^T is near C = sum (u_i - mean)(u_i - mean)^T, r the values u^T M u less their best affine fit: conjugate gradients for
 * this linear equation, whose operator is symmetric and semidefinite. Approximate.
 */
function definiteForm(u: Float64Array, n: number, d: number): Float64Array {
  const basis = affineBasis(u, n, d)
  const moments = (r: Float64Array): Float64Array => {
    const sums = new Float64Array(d * d)
    for (let i = 0; i < n; i++)
      for (let a = 0; a < d; a++) for (let b = 0; b < d; b++) sums[a * d + b]! += r[i]! * u[i * d + a]! * u[i * d + b]!
    return sums
  }
  const residuals = (m: Float64Array): Float64Array => {
    const values = new Float64Array(n)
    for (let i = 0; i < n; i++)
      for (let a = 0; a < d; a++)
        for (let b = 0; b < d; b++) values[i]! += m[a * d + b]! * u[i * d + a]! * u[i * d + b]!
    for (const e of basis) {
      let share = 0
      for (let i = 0; i < n; i++) share += e[i]! * values[i]!
      for (let i = 0; i < n; i++) values[i]! -= share * e[i]!
    }
    return values
  }
  const apply = (m: Float64Array) => moments(residuals(m))
  const product = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, k) => sum + value * b[k]!, 0)
  const centred = residualsOfMean(u, n, d)
  const target = new Float64Array(d * d)
  for (let i = 0; i < n; i++)
    for (let a = 0; a < d; a++)
      for (let b = 0; b < d; b++) target[a * d + b]! += centred[i * d + a]! * centred[i * d + b]!
  const m = new Float64Array(d * d)
  let rest = target
  let direction = target
  let size = product(rest, rest)
  const enough = 1e-16 * size
  for (let k = 0; k < steps && size > enough; k++) {
    const image = apply(direction)
    const curvature = product(direction, image)
    if (!(curvature > 0)) break
    const step = size / curvature
    for (let at = 0; at < m.length; at++) m[at]! += step * direction[at]!
    const next = rest.map((value, at) => value - step * image[at]!)
    const nextSize = product(next, next)
    const share = nextSize / size
    direction = next.map((value, at) => value + share * direction[at]!)
    rest = next
    size = nextSize
  }
  return m
}

function residualsOfMean(u: Float64Array, n: number, d: number): Float64Array {
  const means = Float64Array.from({ length: d }, (_, k) => {
    let sum = 0
    for (let i = 0; i < n; i++) sum += u[i * d + k]!
    return sum / n
  })
  return u.map((value, at) => value - means[at % d]!)
}

/** Orthonormal functions of the samples that span 1 and the inputs. Approximate. */
function affineBasis(u: Float64Array, n: number, d: number): Float64Array[] {
  const basis: Float64Array[] = []
  for (let k = -1; k < d; k++) {
    const f = Float64Array.from({ length: n }, (_, i) => (k < 0 ? 1 : u[i * d + k]!))
    const before = Math.hypot(...f)
    for (const e of [...basis, ...basis]) {
      let share = 0
      for (let i = 0; i < n; i++) share += e[i]! * f[i]!
      for (let i = 0; i < n; i++) f[i]! -= share * e[i]!
    }
    const length = Math.hypot(...f)
    if (length > 1e-9 * before) basis.push(f.map((value) => value / length))
  }
  return basis
}

/** A symmetric form with few bits: entries are multiples of the largest one's 2^-16th part. */
function roundedForm(form: Float64Array, d: number): number[] {
  const largest = form.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (largest === 0) return Array.from(form)
  const unit = 2 ** (Math.floor(Math.log2(largest)) - 16)
  return Array.from({ length: d * d }, (_, at) => {
    const [a, b] = [Math.floor(at / d), at % d]
    return Math.round((form[a * d + b]! + form[b * d + a]!) / 2 / unit) * unit
  })
}

/** Values less their best affine fit in the inputs. Exact. */
function lessAffineFit({ inputs, inputCount: d, samples: n }: Dataset, values: readonly bigint[]): RationalVector {
  const rows = Array.from({ length: n }, (_, i) => [...inputs.numerators.slice(i * d, (i + 1) * d), inputs.denominator])
  const width = d + 1
  const gram = new Array<bigint>(width * width).fill(0n)
  const right = new Array<bigint>(width).fill(0n)
  for (const [i, row] of rows.entries())
    for (let a = 0; a < width; a++) {
      right[a]! += row[a]! * values[i]!
      for (let b = 0; b < width; b++) gram[a * width + b]! += row[a]! * row[b]!
    }
  const fit = solveLinear(integerMatrix(width, width, gram), right)
  if (fit.kind === 'inconsistent') throw new Error('lessAffineFit: normal equations always have a solution')
  return reduceVector({
    denominator: fit.denominator,
    numerators: rows.map((row, i) =>
      row.reduce((sum, a, k) => sum - a * fit.numerators[k]!, values[i]! * fit.denominator)
    )
  })
}

/** The same up to a power of two, the largest entry about one. */
function scaledToOne({ denominator, numerators }: RationalVector): RationalVector {
  const largest = numerators.reduce((most, a) => (a > most ? a : -a > most ? -a : most), 1n)
  const excess = largest.toString(2).length - denominator.toString(2).length
  return reduceVector(
    excess > 0
      ? { denominator: denominator << BigInt(excess), numerators }
      : { denominator, numerators: numerators.map((a) => a << BigInt(-excess)) }
  )
}
