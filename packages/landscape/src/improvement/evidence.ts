import { asLayered } from '../curvature/layered.ts'
import { linearize, lossAndGradient } from '../curvature/linearization.ts'
import { type Point, toFloat } from '../point.ts'
import type { Problem } from '../problem.ts'

/** What doubles say about a point of a network of dense layers. Approximate; proves nothing. */
export interface Evidence {
  /** Largest entry of the gradient; at kinks the slope of the non-positive side is taken. */
  readonly gradient: number
  /** Samples on which some unit with a kink has an argument below `reach` times the largest argument of its layer. */
  readonly samplesNearKinks: number
  readonly reach: number
}

const reach = 1e-6

/** Undefined for networks with other layers than dense ones. */
export function evidenceAt(problem: Problem, point: Point): Evidence | undefined {
  const network = asLayered(problem.network)
  if (network.kind !== 'layered' || problem.loss === 'huber') return undefined
  const theta = toFloat(point).values
  const { samples } = problem.data
  const { gradient } = lossAndGradient(problem, network.layers, theta)
  const isNear = new Uint8Array(samples)
  for (const { layer, preactivation } of linearize(problem, network.layers, theta, 0, samples).layers) {
    if (layer.activation?.kind !== 'two-slope') continue
    const most = preactivation.reduce((size, z) => Math.max(size, Math.abs(z)), 0)
    for (const [k, z] of preactivation.entries())
      if (Math.abs(z) <= reach * most) isNear[Math.floor(k / layer.outputs)] = 1
  }
  return {
    gradient: gradient.reduce((size, g) => Math.max(size, Math.abs(g)), 0),
    samplesNearKinks: isNear.reduce((sum, x) => sum + x, 0),
    reach
  }
}
