import { type Point, toExact, toFloat } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Obstacle } from '../traits.ts'
import { type ExactCell, exactCell } from './exact-cell.ts'
import { kinkReport } from './kinks.ts'
import { norm } from './lanczos.ts'
import { largeSpectrum } from './large-spectrum.ts'
import { asLayered } from './layered.ts'
import { lossAndGradient } from './linearization.ts'
import { smallSpectrum } from './small-spectrum.ts'
import type { Setting, Spectrum, SpectrumOptions } from './spectrum-report.ts'

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

/** Products of integers that locating a point may take. */
const locatingWork = 5e6

function exactCellOf({ problem, network, point }: Setting): ExactCell | undefined {
  if (problem.data.samples * network.parameters > locatingWork) return undefined
  const cell = exactCell(problem, network, toExact(problem.network, point))
  return cell.kind === 'cell' ? cell : undefined
}
