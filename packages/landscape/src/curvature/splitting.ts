import type { Inertia } from '@nadir/arithmetic'
import { symmetricEigen, symmetricEigenvalues } from '@nadir/kernels'
import type { Network } from '../network/network.ts'
import type { Problem } from '../problem.ts'
import { denseCurvature } from './dense-curvature.ts'
import { asLayered, fanIn, incomingIndices, type LayeredNetwork } from './layered.ts'
import { linearize } from './linearization.ts'

/** A network in which one unit was replaced by two copies, and what the splitting theorem says of its Hessian. */
export interface Split {
  readonly problem: Problem
  readonly theta: Float64Array
  /** inertia(H_small) + inertia(share (1 - share) B) + one zero. */
  readonly predicted: Inertia
  /** Eigenvalues of B = sum_i g_i sigma''(z_i) x~_i x~_i^T, ascending. */
  readonly bend: Float64Array
  /** Their unit eigenvectors, one after the other: directions in which the two copies part. */
  readonly partings: Float64Array
}

/**
 * Replaces unit j of a network with one hidden layer, one output and a smooth activation by two copies with outgoing weights share v and
 * (1 - share) v, at a critical point with v not 0 (Fukumizu and Amari 2000). The inertia, not the eigenvalues, is predicted: the Hessian is
 * congruent to H_small (+) share (1 - share) B (+) 0. Approximate: eigenvalues below `tolerance` times the largest count as 0.
 * @throws RangeError for other networks
 */
export function splitUnit(problem: Problem, theta: Float64Array, unit: number, share: number, tolerance = 1e-9): Split {
  const network = asLayered(problem.network)
  if (network.kind !== 'layered') throw new RangeError(`splitUnit: ${network.reason}`)
  const [hidden, output] = network.layers
  if (network.layers.length !== 2 || output!.outputs !== 1 || hidden!.activation?.kind !== 'smooth')
    throw new RangeError('splitUnit: needs one hidden layer with a smooth activation and one output')
  const width = fanIn(hidden!)
  const pass = linearize(problem, network.layers, theta, 0, problem.data.samples)
  const { input, bend } = pass.layers[0]!
  const B = new Float64Array(width * width)
  for (let i = 0; i < pass.samples; i++) {
    const row = Array.from({ length: width }, (_, k) => (k < hidden!.inputs ? input[i * hidden!.inputs + k]! : 1))
    const weight = bend![i * hidden!.outputs + unit]!
    for (let a = 0; a < width; a++)
      for (let b = 0; b < width; b++) B[a * width + b] = B[a * width + b]! + weight * row[a]! * row[b]!
  }
  const small = symmetricEigenvalues(denseCurvature(problem, network, theta, 'hessian'), network.parameters)
  const { values: bendValues, vectors: partings } = symmetricEigen(B, width)
  const scale = share * (1 - share)
  const first = countSigns(small, tolerance)
  const second = countSigns(
    bendValues.map((x) => scale * x),
    tolerance
  )
  return {
    ...wider(problem, network, theta, unit, share),
    bend: bendValues,
    partings,
    predicted: {
      positive: first.positive + second.positive,
      negative: first.negative + second.negative,
      zero: first.zero + second.zero + 1
    }
  }
}

/** Positive, negative and zero eigenvalues; those below tolerance times the largest count as zero. */
export function countSigns(values: Float64Array, tolerance: number): Inertia {
  const limit = tolerance * values.reduce((a, x) => Math.max(a, Math.abs(x)), 0)
  const positive = values.filter((x) => x > limit).length
  const negative = values.filter((x) => x < -limit).length
  return { positive, negative, zero: values.length - positive - negative }
}

function wider(problem: Problem, network: LayeredNetwork, theta: Float64Array, unit: number, share: number) {
  const [hidden, output] = network.layers
  const first = problem.network.layers.findIndex((l) => l.kind === 'dense')
  const wide: Network = {
    ...problem.network,
    layers: problem.network.layers.map((l, k) =>
      k === first && l.kind === 'dense' ? { ...l, outputs: l.outputs + 1 } : l
    )
  }
  const target = asLayered(wide) as LayeredNetwork
  const values = new Float64Array(target.parameters)
  for (let j = 0; j <= hidden!.outputs; j++) {
    const from = incomingIndices(hidden!, Math.min(j, hidden!.outputs) === hidden!.outputs ? unit : j)
    for (const [k, at] of incomingIndices(target.layers[0]!, j).entries()) values[at] = theta[from[k]!]!
    const v = theta[output!.weightAt + (j === hidden!.outputs ? unit : j)]!
    values[target.layers[1]!.weightAt + j] = j === hidden!.outputs ? (1 - share) * v : j === unit ? share * v : v
  }
  if (output!.biasAt !== undefined) values[target.layers[1]!.biasAt!] = theta[output!.biasAt]!
  return { problem: { ...problem, network: wide }, theta: values }
}
