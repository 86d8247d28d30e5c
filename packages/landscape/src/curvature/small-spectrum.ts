import { symmetricEigen, symmetricEigenvalues } from '@nadir/kernels'
import { toExact } from '../point.ts'
import { denseCurvature } from './dense-curvature.ts'
import { enclosedHessian } from './enclosed-hessian.ts'
import type { ExactCell } from './exact-cell.ts'
import { exactHessian } from './exact-hessian.ts'
import { exactNullSpace } from './exact-null-space.ts'
import { illPosedness } from './ill-posedness.ts'
import type { BoundedEigenvalue } from './lanczos.ts'
import type { LayeredNetwork } from './layered.ts'
import { linearize } from './linearization.ts'
import { nullCandidates } from './null-candidates.ts'
import { numericalNullDirections } from './null-directions.ts'
import { distinctRows, nameDirections, noDirections, withRemainder } from './null-space-attribution.ts'
import { exactView, floatView } from './point-view.ts'
import { exactDensityCurve } from './spectral-density.ts'
import { type LayerSpectrum, proceeds, type Setting, type Spectrum, type SpectrumPart } from './spectrum-report.ts'
import { countSigns } from './splitting.ts'
import { statementsAt } from './statements.ts'
import { verifiedSigns } from './verified-signs.ts'

/**
 * The magnitude up to which eigenvalues count as zero: rounding; near critical points also what the gradient leaves of the symmetries (for a
 * symmetry with generator xi, H xi = -(D xi)^T grad, which vanishes at critical points only).
 */
function nullLimit(size: number, scale: number, gradientNorm: number): number {
  const rounding = Math.max(1e-12, 64 * Number.EPSILON * size) * scale
  return 10 * gradientNorm <= 1e-7 * scale ? Math.max(rounding, 10 * gradientNorm) : rounding
}

/** All eigenvalues, and what is proved. */
export function smallSpectrum(setting: Setting, cell: ExactCell | undefined, gradientNorm: number): SpectrumPart {
  const { problem, network, point, theta, options } = setting
  const kind = options.curvature ?? 'hessian'
  const size = network.parameters
  options.progress?.('matrix', 0, 1)
  const matrix = denseCurvature(problem, network, theta, kind)
  const eigen = symmetricEigen(matrix, size)
  const { values } = eigen
  const scale = values.reduce((a, x) => Math.max(a, Math.abs(x)), 0)
  const limit = options.tolerance === undefined ? nullLimit(size, scale, gradientNorm) : options.tolerance * scale
  // Sums over the samples, Householder's reduction and QL: errors of a small multiple of eps |A|, taken generously.
  const error = 16 * Number.EPSILON * (Math.sqrt(size) + Math.sqrt(problem.data.samples)) * scale
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
  const definite = 'positive' in exact && exact.positive + exact.negative === size
  const inertia = agrees
    ? { ...proof.inertia!, proved: true }
    : definite
      ? { positive: exact.positive, negative: exact.negative, zero: 0, proved: true }
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
    rest: undefined,
    layers: layerSpectra(network, matrix),
    nullity: {
      value: definite ? 0 : nullCount,
      proved: agrees || definite,
      kind: 'counted',
      exact: proof?.nullity,
      limit,
      gap
    },
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
  if (network.parameters > (options.exactLimit ?? 250))
    return notAsked(`more than ${options.exactLimit ?? 250} parameters`)
  if (!proceeds(setting, 'exact')) return notAsked('stopped before')
  if (!cell) return enclosedSigns(setting, eigen)
  const curvature = exactHessian(problem, network, cell)
  if (curvature.kind === 'exact') return exactNullSpace(problem, network, cell, curvature, eigen)
  return curvature.kind === 'irrational-loss' ? enclosedSigns(setting, eigen) : curvature
}

/** What enclosures of the Hessian at these doubles prove of the signs of its eigenvalues. */
function enclosedSigns(
  { problem, network, theta }: Setting,
  { vectors }: ReturnType<typeof symmetricEigen>
): Spectrum['exact'] {
  const near = enclosedHessian(problem, network, theta)
  if ('reason' in near) return near
  const { size } = near
  const rows = Array.from({ length: size }, (_, k) => vectors.subarray(k * size, (k + 1) * size))
  return { kind: 'enclosed', ...verifiedSigns(near, rows) }
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
