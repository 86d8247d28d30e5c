import { definiteness, integerMatrix } from '@nadir/arithmetic'
import type { Configuration } from '../cells/configuration.ts'
import type { Direction } from './direction.ts'

/**
 * A direction of negative curvature of the squared loss at a point of one hidden layer where no sample is on a kink, from an exact
 * LDL^T of the Hessian; undefined on a kink or when the Hessian is positive semidefinite. Exact.
 *
 * H = sum_i J_i^T J_i + sum_i sum_o r_i^o Hess N_o(x_i); the only second derivatives of N couple v_j^o with w~_j: s_ij x~_i.
 */
export function differentiableDescent(configuration: Configuration): Direction | undefined {
  const { view, signs, residuals, outer, activations } = configuration
  if (signs.includes(0) || view.problem.loss !== 'squared') return undefined
  const { units, outputs: m, samples: n, width, extended, scale, slopes } = view
  // Everything times common factors: x~ scale, slopes.denominator; v over one denominator; activations over theirs.
  let outerDenominator = 1n
  for (const row of outer) for (const v of row) outerDenominator *= v.denominator
  const unit = slopes.denominator * scale
  const hiddenSize = units * width
  const size = hiddenSize + m * units + (view.outputBias ? m : 0)
  const common = unit * outerDenominator * activations.denominator * residuals.denominator
  const H = new Array<bigint>(size * size).fill(0n)
  for (let i = 0; i < n; i++) {
    const slope = (j: number) => (signs[j * n + i]! > 0 ? slopes.positive : slopes.negative)
    for (let o = 0; o < m; o++) {
      // Row of the Jacobian, times `common`.
      const J = new Array<bigint>(size).fill(0n)
      for (let j = 0; j < units; j++) {
        const v = outer[j]![o]!
        for (let k = 0; k < width; k++)
          J[j * width + k] = (v.numerator * (common / v.denominator) * slope(j) * extended[i * width + k]!) / unit
        J[hiddenSize + o * units + j] = activations.numerators[j * n + i]! * (common / activations.denominator)
      }
      if (view.outputBias) J[hiddenSize + m * units + o] = common
      for (let a = 0; a < size; a++) {
        if (J[a] === 0n) continue
        for (let b = 0; b < size; b++) H[a * size + b]! += J[a]! * J[b]!
      }
      const r = residuals.numerators[o * n + i]! * (common / residuals.denominator)
      for (let j = 0; j < units; j++)
        for (let k = 0; k < width; k++) {
          const second = (r * common * slope(j) * extended[i * width + k]!) / unit
          const a = j * width + k
          const b = hiddenSize + o * units + j
          H[a * size + b]! += second
          H[b * size + a]! += second
        }
    }
  }
  const curvature = definiteness(integerMatrix(size, size, H))
  if (curvature.kind !== 'not-positive-semidefinite') return undefined
  const d = view.hiddenBias ? width - 1 : width
  const { direction } = curvature
  const hidden = Array.from({ length: units }, (_, j) => direction.slice(j * width, (j + 1) * width))
  const tensors = [{ denominator: 1n, numerators: hidden.flatMap((row) => row.slice(0, d)) }]
  if (view.hiddenBias) tensors.push({ denominator: 1n, numerators: hidden.map((row) => row[d]!) })
  tensors.push({ denominator: 1n, numerators: direction.slice(hiddenSize, hiddenSize + m * units) })
  if (view.outputBias) tensors.push({ denominator: 1n, numerators: direction.slice(hiddenSize + m * units) })
  return { kind: 'exact', tensors }
}
