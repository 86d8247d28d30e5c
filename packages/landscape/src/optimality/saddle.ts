import type { Configuration } from '../cells/configuration.ts'
import type { Decision } from './decision.ts'
import { type Direction, directionOf } from './direction.ts'
import type { FirstOrderEvidence } from './slope-evidence.ts'

/**
 * A stationary point with a direction of descent is a saddle when it is no local maximum either. Moving the output bias, or the outgoing
 * weight of a unit that is not silent, changes the squared loss by a positive second-order term at a stationary point.
 */
export function saddle(
  configuration: Configuration,
  stationarity: FirstOrderEvidence,
  descent: Direction,
  reason: string
): Decision {
  const ascent = squareAscent(configuration)
  return ascent
    ? { kind: 'saddle', stationarity, descent, ascent, reason }
    : { kind: 'not-a-local-minimum', direction: descent, reason }
}

function squareAscent(configuration: Configuration): Direction | undefined {
  const { view, activations } = configuration
  if (view.problem.loss !== 'squared') return undefined
  const unitVector = {
    denominator: 1n,
    numerators: Array.from({ length: view.outputs }, (_, o) => (o === 0 ? 1n : 0n))
  }
  if (view.outputBias) return directionOf(view, { bias: unitVector })
  for (let j = 0; j < view.units; j++) {
    const silent = activations.numerators.slice(j * view.samples, (j + 1) * view.samples).every((a) => a === 0n)
    if (!silent) return directionOf(view, { outer: { unit: j, change: unitVector } })
  }
  return undefined
}
