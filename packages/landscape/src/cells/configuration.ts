import { absolute, gcd, lcm, type Rational, type RationalVector, rational } from '@nadir/arithmetic'
import type { ExactPoint } from '../point.ts'
import type { OneHiddenLayer } from '../traits.ts'

/**
 * Where a point lies and what it computes, exactly: the sign of every pre-activation z_ij (the cell, and the kinks where it is 0), the
 * outputs, the subgradients r_i where the loss is differentiable, and the loss.
 */
export interface Configuration {
  readonly view: OneHiddenLayer
  readonly point: ExactPoint
  /** signs[j * samples + i] is the sign of z_ij. */
  readonly signs: Int8Array
  /** activations[j * samples + i] / activations.denominator = h(z_ij). */
  readonly activations: RationalVector
  /** outputs[o * samples + i] / outputs.denominator = N_o(x_i). */
  readonly outputs: RationalVector
  /**
   * residuals[o * samples + i]: the gradient of ell(., y_i) at N(x_i), without the reduction's factor; where the loss has a kink there
   * (tie), any one subgradient. Squared: N - y.
   */
  readonly residuals: RationalVector
  /** Samples where the absolute or hinge loss is not differentiable, ascending. */
  readonly ties: readonly number[]
  /** outer[j][o] = v_j^o. */
  readonly outer: readonly (readonly Rational[])[]
  readonly loss: Rational
}

const signOf = (a: bigint): -1 | 0 | 1 => (a > 0n ? 1 : a < 0n ? -1 : 0)

/** The four tensors of a one-hidden-layer network; absent biases are undefined. */
export function tensorsOf(view: OneHiddenLayer, point: ExactPoint) {
  const tensors = [...point.tensors]
  const hiddenWeight = tensors.shift()!
  const hiddenBias = view.hiddenBias ? tensors.shift()! : undefined
  const outerWeight = tensors.shift()!
  const outerBias = view.outputBias ? tensors.shift()! : undefined
  return { hiddenWeight, hiddenBias, outerWeight, outerBias }
}

/** The columns w~_j = (w_j, b_j) as rows of one integer matrix over one denominator. Exact. */
export function hiddenRows(view: OneHiddenLayer, point: ExactPoint): { denominator: bigint; rows: bigint[][] } {
  const { hiddenWeight, hiddenBias } = tensorsOf(view, point)
  const d = view.hiddenBias ? view.width - 1 : view.width
  const denominator = hiddenBias ? lcm(hiddenWeight.denominator, hiddenBias.denominator) : hiddenWeight.denominator
  const weightFactor = denominator / hiddenWeight.denominator
  const rows: bigint[][] = []
  for (let j = 0; j < view.units; j++) {
    const row = hiddenWeight.numerators.slice(j * d, (j + 1) * d).map((n) => n * weightFactor)
    if (hiddenBias) row.push(hiddenBias.numerators[j]! * (denominator / hiddenBias.denominator))
    rows.push(row)
  }
  return { denominator, rows }
}

/** Everything about a point of a one-hidden-layer problem that integers can say. Exact. */
export function locate(view: OneHiddenLayer, point: ExactPoint): Configuration {
  const { units, outputs: m, samples: n, width, extended, scale, slopes, problem } = view
  const { outerWeight, outerBias } = tensorsOf(view, point)
  const { denominator: hiddenDenominator, rows } = hiddenRows(view, point)
  const signs = new Int8Array(units * n)
  // h(z_ij) = activated[j][i] / (hiddenDenominator * scale * slopes.denominator)
  const activated: bigint[][] = []
  for (let j = 0; j < units; j++) {
    const row = rows[j]!
    const values: bigint[] = []
    for (let i = 0; i < n; i++) {
      let z = 0n
      for (let k = 0; k < width; k++) z += row[k]! * extended[i * width + k]!
      signs[j * n + i] = signOf(z)
      values.push(z > 0n ? z * slopes.positive : z * slopes.negative)
    }
    activated.push(values)
  }
  const activatedDenominator = hiddenDenominator * scale * slopes.denominator
  const outer = Array.from({ length: units }, (_, j) =>
    Array.from({ length: m }, (_, o) => rational(outerWeight.numerators[o * units + j]!, outerWeight.denominator))
  )
  // v h(z) over as small a denominator as possible: after a settled point the row is a multiple of the denominator of v.
  let outputDenominator = outerBias ? lcm(activatedDenominator, outerBias.denominator) : activatedDenominator
  const terms: { numerators: readonly bigint[]; factor: bigint; denominator: bigint; output: number }[] = []
  for (let j = 0; j < units; j++) {
    for (let o = 0; o < m; o++) {
      const v = outer[j]![o]!
      if (v.numerator === 0n) continue
      const cancels = v.denominator === 1n || rows[j]!.every((w) => w % v.denominator === 0n)
      const denominator = cancels ? activatedDenominator : activatedDenominator * v.denominator
      if (outputDenominator % denominator !== 0n) outputDenominator = lcm(outputDenominator, denominator)
      const numerators =
        cancels && v.denominator !== 1n
          ? activated[j]!.map((a) => a / v.denominator)
          : (activated[j] as readonly bigint[])
      terms.push({ numerators, factor: v.numerator, denominator, output: o })
    }
  }
  const sums: bigint[] = []
  for (let o = 0; o < m; o++) {
    const c = outerBias ? outerBias.numerators[o]! * (outputDenominator / outerBias.denominator) : 0n
    for (let i = 0; i < n; i++) sums.push(c)
  }
  for (const { numerators, factor, denominator, output } of terms) {
    const f = factor * (outputDenominator / denominator)
    for (let i = 0; i < n; i++) if (numerators[i] !== 0n) sums[output * n + i]! += numerators[i]! * f
  }
  const { residuals, ties, loss } = lossAt(view, sums, outputDenominator)
  const reduced = problem.reduction === 'mean' ? rational(loss.numerator, loss.denominator * BigInt(n)) : loss
  return {
    view,
    point,
    signs,
    activations: { denominator: activatedDenominator, numerators: activated.flat() },
    outputs: { denominator: outputDenominator, numerators: sums },
    residuals,
    ties,
    outer,
    loss: reduced
  }
}

/** Sum of the losses, subgradients and ties of outputs f/denominator (m x n). Exact. */
function lossAt(view: OneHiddenLayer, f: readonly bigint[], denominator: bigint) {
  const { samples: n, outputs: m, problem } = view
  const y = problem.data.targets
  if (problem.loss === 'squared') {
    const common = lcm(denominator, y.denominator)
    const ff = common / denominator
    const fy = common / y.denominator
    const numerators: bigint[] = []
    let squares = 0n
    for (let o = 0; o < m; o++)
      for (let i = 0; i < n; i++) {
        const r = f[o * n + i]! * ff - y.numerators[i * m + o]! * fy
        numerators.push(r)
        squares += r * r
      }
    return {
      residuals: { denominator: common, numerators },
      ties: [],
      loss: rational(squares, 2n * common * common)
    }
  }
  const ties: number[] = []
  const numerators: bigint[] = []
  let total = 0n
  if (problem.loss === 'absolute') {
    const common = lcm(denominator, y.denominator)
    for (let i = 0; i < n; i++) {
      const e = f[i]! * (common / denominator) - y.numerators[i]! * (common / y.denominator)
      if (e === 0n) ties.push(i)
      numerators.push(BigInt(signOf(e)))
      total += absolute(e)
    }
    return { residuals: { denominator: 1n, numerators }, ties, loss: rational(total, common) }
  }
  // hinge: 1 - y f over denominator * y.denominator; the subgradient -y over y.denominator
  const common = denominator * y.denominator
  for (let i = 0; i < n; i++) {
    const yi = y.numerators[i]!
    const margin = common - yi * f[i]!
    if (margin === 0n && yi !== 0n) ties.push(i)
    numerators.push(margin > 0n ? -yi : 0n)
    if (margin > 0n) total += margin
  }
  return { residuals: { denominator: y.denominator, numerators }, ties, loss: rational(total, common) }
}

/** The common factor of a vector taken out, first non-zero entry positive: one vector for each line through 0. */
export function primitive(vector: readonly bigint[]): { vector: bigint[]; factor: bigint } | undefined {
  let g = 0n
  for (const x of vector) g = gcd(g, x)
  if (g === 0n) return undefined
  const lead = vector.find((x) => x !== 0n)!
  const factor = lead < 0n ? -g : g
  return { vector: vector.map((x) => x / factor), factor }
}
