import {
  add,
  compare,
  definiteness,
  entry,
  integerMatrix,
  multiply,
  negate,
  overCommonDenominator,
  parseExact,
  type Rational,
  rankOf,
  rational,
  sign,
  subtract,
  zero
} from '@nadir/arithmetic'
import { symmetricEigenvalues } from '@nadir/kernels'
import type { Activation } from '../network/activation.ts'
import { activationName } from '../network/activation.ts'
import { type ExactPoint, toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { LayeredNetwork } from './layered.ts'
import { fanIn } from './layered.ts'
import { type Linearization, linearize } from './linearization.ts'
import type { PointView } from './point-view.ts'

/**
 * A statement about a point that follows from zeros of an activation or its derivatives at it (names as in the documentation). `proved`: its
 * premises hold exactly; else they hold in doubles, to the tolerance.
 */
export interface Statement {
  readonly id: 'S0' | 'S1' | 'S2' | 'S3' | 'S4' | 'last-activation'
  /** The hidden layer and unit that it speaks of. */
  readonly layer: number | undefined
  readonly unit: number | undefined
  readonly conclusion: 'null-directions' | 'strict-saddle' | 'local-minimum' | 'degenerate' | 'stationary'
  readonly proved: boolean
  readonly text: string
}

/** The statements that apply. Approximate but for those marked as proved. */
export function statementsAt<S>(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  point: ExactPoint | undefined,
  view: PointView<S>,
  exact: boolean
): readonly Statement[] {
  const n = problem.data.samples
  const { layers } = network
  const pass = linearize(problem, layers, theta, 0, n)
  const scale = Math.max(1e-300, ...pass.output.slopes.map(Math.abs))
  const list: Statement[] = []
  const s = view.scalars
  const everySample = (test: (i: number) => boolean) => Array.from({ length: n }, (_, i) => i).every(test)
  for (const [l, layer] of layers.slice(0, -1).entries()) {
    const above = layers[l + 1]!
    const smallZ = (j: number, of: 'value' | 'slope') => everySample((i) => s.isZero(view[of](l, i, j)))
    for (let j = 0; j < layer.outputs; j++) {
      const place = { layer: l, unit: j }
      const noValue = smallZ(j, 'value')
      const noSlope = smallZ(j, 'slope')
      if (noValue && everySample((i) => view.isOff(l, i, j))) {
        const count = fanIn(layer) + above.outputs
        list.push({
          id: 'S0',
          ...place,
          conclusion: 'null-directions',
          proved: exact,
          text: `dead on all ${n} samples: ${count} null directions, the loss is constant along them near the point`
        })
        continue
      }
      const silent = Array.from({ length: above.outputs }, (_, k) =>
        view.theta(above.weightAt + k * above.inputs + j)
      ).every(s.isZero)
      if (silent) {
        const crossing = largestCrossTerm(pass, l, j) > 1e-9 * scale
        list.push({
          id: noValue ? 'S2' : 'S1',
          ...place,
          conclusion: crossing ? 'strict-saddle' : 'null-directions',
          proved: false,
          text: crossing
            ? 'zero outgoing weights and a residual that its incoming weights could reduce: the Hessian is indefinite, a stationary point is a strict saddle'
            : `zero outgoing weights and no first-order use for the unit: ${fanIn(layer)} null directions`
        })
        continue
      }
      if (noValue && !noSlope)
        list.push({
          id: 'S2',
          ...place,
          conclusion: 'stationary',
          proved: exact,
          text: 'its activation is 0 on all samples: the loss is stationary in its outgoing weights whatever the residual'
        })
      if (noSlope && !noValue && pass.layers[l]!.bend) list.push(flatSlope(pass, l, j))
    }
  }
  list.push(...lastActivation(network, view, everySample))
  const constant = constantOutput(problem, network, theta, point)
  if (constant) list.push(constant)
  return list
}

/** The largest entry of sum_i delta_(l+1,k) sigma'(z_j) a~ over k: the second derivatives by outgoing and incoming weights of a unit. */
function largestCrossTerm(pass: Linearization, l: number, j: number): number {
  const { layer, input, slope } = pass.layers[l]!
  const above = pass.layers[l + 1]!
  const m = above.layer.outputs
  let largest = 0
  for (let k = 0; k < m; k++) {
    const sums = new Float64Array(layer.inputs + 1)
    for (let i = 0; i < pass.samples; i++) {
      const weight = above.delta[i * m + k]! * (slope?.[i * layer.outputs + j] ?? 1)
      for (let c = 0; c < layer.inputs; c++) sums[c] = sums[c]! + weight * input[i * layer.inputs + c]!
      sums[layer.inputs] = sums[layer.inputs]! + weight
    }
    const count = fanIn(layer)
    for (let c = 0; c < count; c++) largest = Math.max(largest, Math.abs(sums[c]!))
  }
  return largest
}

/** sigma' = 0 on all samples: the incoming weights of the unit see only K = sum_i g sigma'' a~ a~^T. */
function flatSlope(pass: Linearization, l: number, j: number): Statement {
  const { layer, input, bend } = pass.layers[l]!
  const width = fanIn(layer)
  const K = new Float64Array(width * width)
  let size = 0
  for (let i = 0; i < pass.samples; i++) {
    const row = Array.from({ length: width }, (_, k) => (k < layer.inputs ? input[i * layer.inputs + k]! : 1))
    const weight = bend![i * layer.outputs + j]!
    for (let a = 0; a < width; a++)
      for (let b = 0; b < width; b++) {
        K[a * width + b] = K[a * width + b]! + weight * row[a]! * row[b]!
        size = Math.max(size, Math.abs(weight * row[a]! * row[b]!))
      }
  }
  const lowest = symmetricEigenvalues(K, width)[0]!
  const tolerance = 1e-10 * size
  const conclusion = lowest < -tolerance ? 'strict-saddle' : lowest > tolerance ? 'local-minimum' : 'degenerate'
  const text = {
    'strict-saddle': 'its Hessian block is not positive semidefinite, a stationary point is a strict saddle',
    'local-minimum': 'its Hessian block is positive definite: the unit is at a strict minimum in its incoming weights',
    degenerate: 'its Hessian block is semidefinite with a null space: higher order decides'
  }[conclusion]
  return {
    id: 'S3',
    layer: l,
    unit: j,
    conclusion,
    proved: false,
    text: `the slope of its activation is 0 on all samples, so its incoming weights are stationary for any residual; ${text}`
  }
}

/** Only the last activation of a deep network decides such points. */
function lastActivation<S>(
  network: LayeredNetwork,
  view: PointView<S>,
  everySample: (test: (i: number) => boolean) => boolean
): Statement[] {
  const l = network.layers.length - 2
  if (l < 1) return []
  const width = network.layers[l]!.outputs
  const all = (of: 'value' | 'slope') =>
    everySample((i) => Array.from({ length: width }, (_, j) => j).every((j) => view.scalars.isZero(view[of](l, i, j))))
  const place = { id: 'last-activation', layer: l, unit: undefined, conclusion: 'stationary', proved: false } as const
  if (all('slope'))
    return [
      {
        ...place,
        text: 'the last activation has slope 0 on all samples: every earlier layer is stationary whatever it holds'
      }
    ]
  if (all('value'))
    return [{ ...place, text: 'the last activation is 0 on all samples: the loss is stationary in the last weights' }]
  return []
}

/**
 * Whether sigma''(b) is positive or negative; undefined at or next to its zeros, at kinks, and where it is not known in closed form. Exact.
 */
export function secondDerivativeSign(a: Activation, b: Rational): 1 | -1 | undefined {
  if (a.kind === 'two-slope') return undefined
  const nonZero = (s: -1 | 0 | 1) => (s === 0 ? undefined : s)
  const magnitude = sign(b) < 0 ? negate(b) : b
  switch (a.name) {
    case 'softplus':
    case 'quadratic':
      return 1
    case 'tanh':
    case 'sigmoid':
    case 'arctan':
      return nonZero(sign(negate(b)))
    case 'elu':
    case 'selu':
      return sign(b) < 0 ? 1 : undefined
    case 'gelu':
      return nonZero(compare(rational(2n), multiply(b, b)))
    case 'silu': {
      const below = parseExact('2.399357280515467667832739697')!
      const above = parseExact('2.399357280515467667832739698')!
      return compare(magnitude, below) < 0 ? 1 : compare(magnitude, above) > 0 ? -1 : undefined
    }
    case 'sine': {
      // -sin b for |b| < pi, decided well inside.
      const inside = compare(magnitude, rational(31n, 10n)) < 0
      return inside ? nonZero(sign(negate(b))) : undefined
    }
    case 'gelu-tanh':
      return undefined
  }
}

/**
 * One hidden layer, one output, all incoming weights 0, residual mean(y) - y uncorrelated with the inputs: the constant-output points. The
 * output bias is taken as mean(y) - sum_j v_j sigma(b_j), which the given one must be up to rounding. Exact premises: w_j = 0, sum r x = 0,
 * the signs of v_j sigma''(b_j), and S = sum r x x^T definite (or semidefinite with the null space of the centred inputs).
 */
function constantOutput(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  point: ExactPoint | undefined
): Statement | undefined {
  const { layers } = network
  const { data } = problem
  const [hidden, output] = layers
  if (layers.length !== 2 || !hidden?.activation || output!.activation || output!.outputs !== 1) return undefined
  if (hidden.biasAt === undefined || output!.biasAt === undefined || problem.loss !== 'squared') return undefined
  if (sign(problem.weightDecay) !== 0) return undefined
  if (theta.subarray(0, hidden.biasAt).some((w) => w !== 0)) return undefined
  const n = data.samples
  const d = data.inputCount
  const exact = toExact(problem.network, point ?? { kind: 'float', values: theta })
  const bias = exact.tensors[1]!
  const outer = exact.tensors[2]!
  let sum = zero
  for (let i = 0; i < n; i++) sum = add(sum, entry(data.targets, i))
  const mean = multiply(sum, rational(1n, BigInt(n)))
  const residuals = Array.from({ length: n }, (_, i) => subtract(mean, entry(data.targets, i)))
  const x = (i: number, k: number) => entry(data.inputs, i * d + k)
  const pass = linearize(problem, layers, theta, 0, n)
  const total = pass.output.slopes.reduce((a, b) => a + b, 0)
  const size = pass.output.slopes.reduce((a, b) => a + Math.abs(b), 0)
  if (Math.abs(total) > 1e-9 * Math.max(size, 1e-9)) return undefined
  for (let k = 0; k < d; k++) {
    const correlation = residuals.reduce((s, r, i) => add(s, multiply(r, x(i, k))), zero)
    if (sign(correlation) !== 0) return undefined
  }
  const entries = Array.from({ length: d * d }, (_, at) =>
    residuals.reduce((s, r, i) => add(s, multiply(r, multiply(x(i, Math.floor(at / d)), x(i, at % d)))), zero)
  )
  const S = integerMatrix(d, d, overCommonDenominator(entries).numerators)
  const centred = Array.from(
    { length: n * d },
    (_, at) => data.inputs.numerators[at]! - data.inputs.numerators[at % d]!
  )
  const rank = rankOf(integerMatrix(n, d, centred))
  const bends = Array.from({ length: hidden.outputs }, (_, j) => {
    const curvature = secondDerivativeSign(hidden.activation!, entry(bias, j))
    return curvature === undefined ? 0 : curvature * sign(entry(outer, j))
  })
  const place = { id: 'S4', layer: 0, unit: undefined } as const
  const name = activationName(hidden.activation)
  for (const orientation of [1, -1]) {
    if (!bends.every((b) => b === orientation)) continue
    const answer = definiteness(
      orientation === 1
        ? S
        : integerMatrix(
            d,
            d,
            S.entries.map((e) => -e)
          )
    )
    const fits =
      answer.kind === 'positive-definite' || (answer.kind === 'positive-semidefinite' && answer.rank === rank)
    if (fits)
      return {
        ...place,
        conclusion: 'local-minimum',
        proved: true,
        text: `constant output mean(y), uncorrelated residual, and v_j sigma''(b_j) S positive definite for every unit (${name}): with the output bias mean(y) - sum_j v_j sigma(b_j) a degenerate local minimum, at least ${2 * hidden.outputs} null directions`
      }
  }
  return constantByForm(problem, network, theta, place)
}

/** The exact rule beyond definite S, in doubles: Q(u) = sum_j v_j sigma''(b_j) u_j^T S u_j + sum_i (sum_j v_j sigma'(b_j) u_j.(x_i - mean))^2. */
function constantByForm(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  place: { readonly id: 'S4'; readonly layer: number; readonly unit: undefined }
): Statement | undefined {
  const { layers } = network
  const pass = linearize(problem, layers, theta, 0, problem.data.samples)
  const { slope, bend, layer } = pass.layers[0]!
  if (!slope || !bend) return undefined
  const d = layer.inputs
  const n = pass.samples
  const H = layer.outputs
  const X = problem.data.approximateInputs
  const mean = Array.from({ length: d }, (_, k) => X.reduce((sum, x, at) => sum + (at % d === k ? x : 0), 0) / n)
  const outer = theta.subarray(layers[1]!.weightAt, layers[1]!.weightAt + H)
  const factor = pass.output.factor
  const Q = new Float64Array(H * d * H * d)
  const width = H * d
  for (let i = 0; i < n; i++) {
    const row = Array.from({ length: width }, (_, c) => {
      const j = Math.floor(c / d)
      return outer[j]! * slope[i * H + j]! * (X[i * d + (c % d)]! - mean[c % d]!)
    })
    for (let a = 0; a < width; a++)
      for (let b = 0; b < width; b++) {
        Q[a * width + b] = Q[a * width + b]! + factor * row[a]! * row[b]!
        if (Math.floor(a / d) === Math.floor(b / d))
          Q[a * width + b] =
            Q[a * width + b]! + bend[i * H + Math.floor(a / d)]! * X[i * d + (a % d)]! * X[i * d + (b % d)]!
      }
  }
  const values = symmetricEigenvalues(Q, width)
  const tolerance = 1e-10 * Math.max(...values.map(Math.abs))
  const lowest = values[0]!
  if (Math.abs(lowest) <= tolerance)
    return {
      ...place,
      conclusion: 'degenerate',
      proved: false,
      text: 'constant output: the deciding quadratic form is degenerate'
    }
  return lowest > 0
    ? {
        ...place,
        conclusion: 'local-minimum',
        proved: false,
        text: 'constant output: the deciding quadratic form is positive definite'
      }
    : {
        ...place,
        conclusion: 'strict-saddle',
        proved: false,
        text: 'constant output: the deciding quadratic form takes negative values'
      }
}
