import type { Inertia } from '@nadir/arithmetic'
import { symmetricEigen, symmetricEigenvalues } from '@nadir/kernels'
import { type Point, toExact, toFloat } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Obstacle } from '../traits.ts'
import { denseCurvature } from './dense-curvature.ts'
import { type ExactCell, exactCell } from './exact-cell.ts'
import { exactHessian } from './exact-hessian.ts'
import { type ExactNullSpace, exactNullSpace, type NegativeCurvature } from './exact-null-space.ts'
import { type IllPosedness, illPosedness } from './ill-posedness.ts'
import { type KinkReport, kinkReport } from './kinks.ts'
import { type BoundedEigenvalue, extremalEigenvalues, norm } from './lanczos.ts'
import { asLayered, fanIn, type LayeredNetwork } from './layered.ts'
import { linearize, lossAndGradient } from './linearization.ts'
import { type Cause, nullCandidates, type UnitPlace } from './null-candidates.ts'
import { numericalNullDirections } from './null-directions.ts'
import {
  type Attribution,
  distinctRows,
  nameDirections,
  noDirections,
  withRemainder
} from './null-space-attribution.ts'
import { type CurvatureKind, curvatureOperator, type OperatorOptions } from './operator.ts'
import { exactView, floatView } from './point-view.ts'
import {
  type CurveOptions,
  type DensityCurve,
  densityCurve,
  exactDensityCurve,
  type QuadratureRule,
  spectralRules
} from './spectral-density.ts'
import { countSigns } from './splitting.ts'
import { type Statement, statementsAt } from './statements.ts'
import { structuredTrace, structuredTraceCost, type Trace, xtrace } from './trace.ts'
import { decayDiagonal } from './weight-decay.ts'

export type SpectrumStage = 'kinks' | 'matrix' | 'null space' | 'exact' | 'report' | 'extremes' | 'trace' | 'density'

export interface SpectrumOptions {
  readonly curvature?: CurvatureKind
  /** How many eigenvalues from either end; default 10. */
  readonly largest?: number
  readonly smallest?: number
  /** Up to this many parameters the matrix is formed and decomposed; default 1500. */
  readonly denseLimit?: number
  /** Up to this many parameters exact arithmetic is tried; default 250. */
  readonly exactLimit?: number
  /** Lanczos steps and probes of the density; default 100 and 4. */
  readonly steps?: number
  readonly probes?: number
  readonly seed?: number
  /** Eigenvalues up to this share of the largest count as zero; without it rounding and the gradient decide. */
  readonly tolerance?: number
  /** The distance within which samples are counted as near a kink; default 1e-5. */
  readonly reach?: number
  readonly curve?: CurveOptions
  readonly operator?: OperatorOptions
  /** Rules of an earlier, stopped run: complete ones are not repeated. */
  readonly previous?: readonly QuadratureRule[]
  readonly stop?: () => boolean
  readonly progress?: (stage: SpectrumStage, done: number, total: number) => void
}

export interface Nullity {
  /** Eigenvalues up to the tolerance; for large networks a lower bound from directions that are null by their form. */
  readonly value: number
  /** The Hessian at exactly this point is proved to have this nullity. */
  readonly proved: boolean
  readonly kind: 'counted' | 'at-least'
  /** What is proved of the Hessian at exactly this point, where it differs from what rounding can tell. */
  readonly exact: number | undefined
  /** The absolute limit, the largest magnitude below and the smallest above it. */
  readonly limit: number
  readonly gap: readonly [number, number]
}

/** The curvature of one layer, the others held fixed. */
export interface LayerSpectrum {
  readonly layer: number
  readonly parameters: number
  readonly largest: number
  readonly smallest: number
  readonly trace: number
}

/** The curvature at a point: figures with errors, the null space by causes, and what is proved. */
export interface Spectrum {
  readonly kind: 'spectrum'
  readonly curvature: CurvatureKind
  readonly method: 'all-eigenvalues' | 'lanczos'
  readonly parameters: number
  readonly samples: number
  readonly loss: number
  readonly gradientNorm: number
  readonly largest: readonly BoundedEigenvalue[]
  readonly smallest: readonly BoundedEigenvalue[]
  /** All of them, ascending, for small networks. */
  readonly eigenvalues: Float64Array | undefined
  readonly trace: Trace | undefined
  readonly density: DensityCurve | undefined
  /** To be given back as `previous` when work was stopped. */
  readonly rules: readonly QuadratureRule[]
  readonly layers: readonly LayerSpectrum[]
  readonly kinks: KinkReport
  readonly nullity: Nullity
  readonly inertia: (Inertia & { readonly proved: boolean }) | undefined
  readonly causes: Attribution
  readonly causeUnits: readonly { readonly cause: Cause; readonly units: readonly UnitPlace[] }[]
  readonly negativeCurvature: NegativeCurvature | undefined
  /** What exact arithmetic says, or why it was not asked. */
  readonly exact: ExactNullSpace | { readonly kind: string; readonly reason: string }
  readonly statements: readonly Statement[]
  readonly illPosedness: IllPosedness | undefined
  /** Stages that were not finished because work was stopped. */
  readonly unfinished: readonly SpectrumStage[]
}

/**
 * The curvature of the loss at a point of a dense network: eigenvalues with error bounds, trace, density, null space split into causes,
 * statements that apply, and what to change. Small networks get all eigenvalues and, when piecewise linear and off kinks, proofs in exact
 * arithmetic; large ones Lanczos and quadrature. Approximate but for what is marked as proved. Work that `stop` ends keeps what it has.
 */
export function spectrum(problem: Problem, point: Point, options: SpectrumOptions = {}): Spectrum | Obstacle {
  const network = asLayered(problem.network)
  if (network.kind !== 'layered') return network
  if (problem.loss === 'huber')
    return { kind: 'obstacle', reason: 'curvature does not know the huber loss', tryNext: 'use the squared loss' }
  const theta = toFloat(point).values
  const setting: Setting = { problem, network, point, theta, options, unfinished: [] }
  const { loss, gradient } = lossAndGradient(problem, network.layers, theta)
  options.progress?.('kinks', 0, 1)
  const cell = exactCellOf(setting)
  const kinks = kinkReport(problem, network, theta, cell, options.reach ?? 1e-5)
  const common = {
    kind: 'spectrum' as const,
    curvature: options.curvature ?? 'hessian',
    parameters: network.parameters,
    samples: problem.data.samples,
    loss,
    gradientNorm: norm(gradient),
    kinks
  }
  const part =
    network.parameters <= (options.denseLimit ?? 1500)
      ? smallSpectrum(setting, cell, common.gradientNorm)
      : largeSpectrum(setting)
  return { ...common, ...part, unfinished: setting.unfinished }
}

interface Setting {
  readonly problem: Problem
  readonly network: LayeredNetwork
  readonly point: Point
  readonly theta: Float64Array
  readonly options: SpectrumOptions
  readonly unfinished: SpectrumStage[]
}

type Part = Omit<
  Spectrum,
  'kind' | 'curvature' | 'parameters' | 'samples' | 'loss' | 'gradientNorm' | 'kinks' | 'unfinished'
>

/** Products of integers that locating a point may take. */
const locatingWork = 5e6

function exactCellOf({ problem, network, point }: Setting): ExactCell | undefined {
  if (problem.data.samples * network.parameters > locatingWork) return undefined
  const cell = exactCell(problem, network, toExact(problem.network, point))
  return cell.kind === 'cell' ? cell : undefined
}

/** Whether to go on with a stage; notes it as unfinished when not. */
function proceeds({ options, unfinished }: Setting, stage: SpectrumStage): boolean {
  if (options.stop?.()) {
    unfinished.push(stage)
    return false
  }
  options.progress?.(stage, 0, 1)
  return true
}

/**
 * The magnitude up to which eigenvalues count as zero: rounding; near critical points also what the gradient leaves of the symmetries (for a
 * symmetry with generator xi, H xi = -(D xi)^T grad, which vanishes at critical points only).
 */
function nullLimit(size: number, scale: number, gradientNorm: number): number {
  const rounding = Math.max(1e-12, 64 * Number.EPSILON * size) * scale
  return 10 * gradientNorm <= 1e-7 * scale ? Math.max(rounding, 10 * gradientNorm) : rounding
}

function smallSpectrum(setting: Setting, cell: ExactCell | undefined, gradientNorm: number): Part {
  const { problem, network, point, theta, options } = setting
  const kind = options.curvature ?? 'hessian'
  const size = network.parameters
  options.progress?.('matrix', 0, 1)
  const matrix = denseCurvature(problem, network, theta, kind)
  const eigen = symmetricEigen(matrix, size)
  const { values } = eigen
  const scale = values.reduce((a, x) => Math.max(a, Math.abs(x)), 0)
  const limit = options.tolerance === undefined ? nullLimit(size, scale, gradientNorm) : options.tolerance * scale
  // Householder's reduction and QL: errors of a small multiple of eps |A|, taken generously.
  const error = 4 * Number.EPSILON * Math.sqrt(size) * scale
  const bounded = (value: number): BoundedEigenvalue => ({ value, error })
  const nullCount = values.filter((x) => Math.abs(x) <= limit).length
  const gap = [
    values.reduce((a, x) => (Math.abs(x) <= limit ? Math.max(a, Math.abs(x)) : a), 0),
    values.reduce((a, x) => (Math.abs(x) > limit ? Math.min(a, Math.abs(x)) : a), Number.POSITIVE_INFINITY)
  ] as const

  const view = floatView(problem, network, theta, 1e-10)
  const candidates = nullCandidates(view, problem.loss)
  const named = proceeds(setting, 'null space')
    ? nameDirections(candidates, numericalNullDirections({ columns: matrix, rows: size, size }, limit))
    : noDirections
  const numericalCauses = withRemainder(named, {
    nullity: nullCount,
    parameters: size,
    distinctOutputs: distinctRows(problem.data.approximateInputs, problem.data.inputCount) * problem.data.targetCount,
    zeroMisfit: fitsAll(setting)
  })
  const exact = kind === 'hessian' ? exactPart(setting, cell, eigen) : notAsked('only the Hessian is proved')
  const proof = 'nullity' in exact && exact.proved ? exact : undefined
  const agrees = proof !== undefined && proof.nullity === nullCount
  const inertia = agrees
    ? { ...proof.inertia!, proved: true }
    : { ...countSigns(values, scale > 0 ? limit / scale : 0), proved: false }
  const isExact = cell !== undefined
  const statements = isExact
    ? statementsAt(
        problem,
        network,
        theta,
        toExact(problem.network, point),
        exactView(network, cell, problem.data.samples),
        true
      )
    : statementsAt(problem, network, theta, point.kind === 'exact' ? point : undefined, view, false)
  const report = proceeds(setting, 'report')
    ? illPosedness(problem, network, theta, point, { values, nullLimit: limit, candidates })
    : undefined
  let sum = 0
  for (let k = 0; k < size; k++) sum += matrix[k * (size + 1)]!
  return {
    method: 'all-eigenvalues',
    largest: Array.from(values.slice(-(options.largest ?? 10)).reverse(), bounded),
    smallest: Array.from(values.slice(0, options.smallest ?? 10), bounded),
    eigenvalues: values,
    trace: { value: sum, error: size * error, method: 'structured', products: 0 },
    density: exactDensityCurve(values, options.curve),
    rules: [],
    layers: layerSpectra(network, matrix),
    nullity: { value: nullCount, proved: agrees, kind: 'counted', exact: proof?.nullity, limit, gap },
    inertia,
    causes: agrees ? proof.causes! : numericalCauses,
    causeUnits: candidates.map(({ cause, units }) => ({ cause, units })),
    negativeCurvature: 'nullity' in exact ? exact.negativeCurvature : undefined,
    exact,
    statements,
    illPosedness: report
  }
}

const notAsked = (reason: string) => ({ kind: 'not-asked', reason })

function exactPart(
  setting: Setting,
  cell: ExactCell | undefined,
  eigen: ReturnType<typeof symmetricEigen>
): Spectrum['exact'] {
  const { problem, network, options } = setting
  if (!cell) return notAsked('exact arithmetic covers piecewise linear networks of moderate size')
  if (network.parameters > (options.exactLimit ?? 250))
    return notAsked(`more than ${options.exactLimit ?? 250} parameters`)
  if (!proceeds(setting, 'exact')) return notAsked('stopped before')
  const curvature = exactHessian(problem, network, cell)
  return curvature.kind === 'exact' ? exactNullSpace(problem, network, cell, curvature, eigen) : curvature
}

/** Whether all outputs equal their targets up to rounding, for the squared loss without weight decay. */
function fitsAll({ problem, network, theta }: Setting): boolean {
  if (problem.loss !== 'squared' || problem.weightDecay.numerator !== 0n) return false
  const { output, layers } = linearize(problem, network.layers, theta, 0, problem.data.samples)
  const largest = (a: Float64Array) => a.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
  const size = Math.max(largest(problem.data.approximateTargets), largest(layers.at(-1)!.preactivation))
  return largest(output.slopes) <= 1e-12 * output.factor * size
}

function layerSpectra(network: LayeredNetwork, matrix: Float64Array): readonly LayerSpectrum[] {
  const size = network.parameters
  return network.layers.map(({ weightAt }, layer) => {
    const end = network.layers[layer + 1]?.weightAt ?? size
    const count = end - weightAt
    const block = new Float64Array(count * count)
    for (let a = 0; a < count; a++)
      block.set(matrix.subarray((weightAt + a) * size + weightAt, (weightAt + a) * size + end), a * count)
    const values = symmetricEigenvalues(block, count)
    const trace = values.reduce((sum, x) => sum + x, 0)
    return { layer, parameters: count, largest: values.at(-1)!, smallest: values[0]!, trace }
  })
}

function largeSpectrum(setting: Setting): Part {
  const { problem, network, theta, options } = setting
  const kind = options.curvature ?? 'hessian'
  const seed = options.seed ?? 0
  const operator = curvatureOperator(problem, network, theta, kind, options.operator)
  const watch = (stage: SpectrumStage) => ({
    stop: options.stop,
    progress: (done: number, total: number) => options.progress?.(stage, done, total)
  })
  const nothing = { largest: [], smallest: [] }
  const extremes = proceeds(setting, 'extremes')
    ? extremalEigenvalues(operator, {
        largest: options.largest ?? 10,
        smallest: options.smallest ?? 10,
        seed,
        ...watch('extremes')
      })
    : nothing
  const trace = proceeds(setting, 'trace') ? largeTrace(setting, operator, watch('trace')) : undefined
  const probes = options.probes ?? 4
  const rules = proceeds(setting, 'density')
    ? spectralRules(operator, {
        steps: options.steps ?? 100,
        probes,
        seed,
        previous: options.previous ?? [],
        ...watch('density')
      })
    : (options.previous ?? [])
  if (rules.filter((r) => r.complete).length < probes && !setting.unfinished.includes('density'))
    setting.unfinished.push('density')
  const { causes, units, value } = nullByForm(setting)
  return {
    method: 'lanczos',
    largest: extremes.largest,
    smallest: extremes.smallest,
    eigenvalues: undefined,
    trace,
    density: rules.length > 0 ? densityCurve(rules, network.parameters, options.curve) : undefined,
    rules,
    layers: [],
    nullity: { value, proved: false, kind: 'at-least', exact: undefined, limit: 0, gap: [0, 0] },
    inertia: undefined,
    causes,
    causeUnits: units,
    negativeCurvature: undefined,
    exact: notAsked('the network is large'),
    statements: [],
    illPosedness: undefined
  }
}

function largeTrace(
  { problem, network, theta, options }: Setting,
  operator: ReturnType<typeof curvatureOperator>,
  watch: { stop: (() => boolean) | undefined; progress: (done: number, total: number) => void }
): Trace | undefined {
  const kind = options.curvature ?? 'hessian'
  const bends = kind === 'hessian' && network.layers.some((l) => l.activation?.kind === 'smooth')
  if (structuredTraceCost(network, bends) > 60)
    return xtrace(operator, { probes: 16, seed: options.seed ?? 0, ...watch })
  return structuredTrace(problem, network, theta, kind, watch)
}

/**
 * For large networks: directions that are null by their form at any point, counted without the matrix. Units that are off on all samples take
 * their incoming and outgoing parameters; inputs that are 0 on all samples take one weight of every other unit of the first layer; outputs
 * that cross-entropy sees only up to a common shift take one direction for each incoming value of the last layer.
 */
function nullByForm({ problem, network, theta }: Setting) {
  const view = floatView(problem, network, theta, 0)
  const { layers } = network
  const dead: UnitPlace[] = []
  const indices = new Set<number>()
  for (const [l, layer] of layers.slice(0, -1).entries())
    for (let j = 0; j < layer.outputs; j++) {
      let off = true
      for (let i = 0; off && i < problem.data.samples; i++) off = view.isOff(l, i, j) && view.value(l, i, j) === 0
      if (!off) continue
      dead.push({ layer: l, unit: j })
      const above = layers[l + 1]!
      for (let k = 0; k < layer.inputs; k++) indices.add(layer.weightAt + j * layer.inputs + k)
      if (layer.biasAt !== undefined) indices.add(layer.biasAt + j)
      for (let k = 0; k < above.outputs; k++) indices.add(above.weightAt + k * above.inputs + j)
    }
  const decay = decayDiagonal(problem, 'hessian')
  const deadCount = [...indices].filter((k) => decay[k] === 0).length
  const { approximateInputs: X, inputCount: d } = problem.data
  const used = new Uint8Array(d)
  for (let at = 0; at < X.length; at++) if (X[at] !== 0) used[at % d] = 1
  const liveFirst = layers[0]!.outputs - (layers.length > 1 ? dead.filter((u) => u.layer === 0).length : 0)
  const unused = problem.weightDecay.numerator === 0n ? used.filter((x) => x === 0).length * liveFirst : 0
  // Cross-entropy: one direction for each incoming value of the last layer that is not always 0.
  const last = layers.at(-1)!
  const shifts = problem.loss === 'cross-entropy' && !last.activation && problem.weightDecay.numerator === 0n
  const above = dead.filter((u) => u.layer === layers.length - 2).length
  const shift = shifts ? fanIn(last) - above : 0
  const counted = { 'dead-units': deadCount, 'inputs-not-spanning': unused, 'shared-output-shift': shift }
  const causes: Attribution = { ...noDirections, ...counted, remaining: 0 }
  return { causes, value: deadCount + unused + shift, units: [{ cause: 'dead-units' as const, units: dead }] }
}
