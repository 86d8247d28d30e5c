import { newtonDescent } from '../descent/newton-minimum.ts'
import type { KinkNetwork } from './kink-network.ts'
import type { KinkState } from './linearise.ts'
import { type MinimumNearby, type NoProof, proveOnKinks } from './prove-on-kinks.ts'
import { type KinkDescent, type KinkDescentOptions, settleOnKinks } from './settle-on-kinks.ts'
import { withoutWeakKinks } from './weak-kinks.ts'

/** Where descents on kinks led, and the evidence of a minimum there, or why there is none. */
export interface MinimumOnKinks {
  readonly descent: KinkDescent
  readonly proof: MinimumNearby | NoProof
}

/** Descents that are begun again, from a saddle or where kinks held nothing. */
const mostRounds = 12

/** A step costs about the cube of the number of parameters: so many at most, some seconds. */
const mostSteps = (parameters: number): number => Math.min(1000, Math.max(200, Math.round(2.4e9 / parameters ** 3)))

/**
 * Descends on kinks until there is evidence of a minimum: from where the proof sees a way down, and from beside kinks that hold nothing, it descends again. Approximate: the evidence is for a checker.
 */
export function minimumOnKinks(
  network: KinkNetwork,
  start: Float64Array,
  options: KinkDescentOptions = {}
): MinimumOnKinks {
  if (network.isLinear) return linearMinimum(network, start, options)
  let left = options.iterations ?? mostSteps(network.parameters)
  let iterations = 0
  let from: KinkState = { theta: start, kinks: [], collapsed: [] }
  for (let round = 0; ; round++) {
    const descent = settleOnKinks(network, from, { ...options, iterations: left })
    iterations += descent.iterations
    left -= descent.iterations
    const here = { ...descent, iterations }
    const proof = proveOnKinks(network, descent.state, options.stop)
    const isLast = left <= 0 || round === mostRounds || descent.outcome === 'stopped'
    if (proof.kind === 'minimum-nearby' || isLast) return { descent: here, proof }
    const next = proof.saddle ?? withoutWeakKinks(network, descent.state)
    if (next === undefined) return { descent: here, proof }
    from = next
  }
}

/** Below this part of the largest parameter a parameter is one that weight decay has drawn to 0. */
const dust = 1e-9

/** Dense layers alone: Newton's method, and the evidence at its end. */
function linearMinimum(network: KinkNetwork, start: Float64Array, { stop }: KinkDescentOptions): MinimumOnKinks {
  const end = newtonDescent(network.problem, start, () => stop?.() ?? false)
  const from = end?.theta ?? start
  const largest = from.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const theta = from.map((x) => (Math.abs(x) < dust * largest ? 0 : x))
  const state: KinkState = { theta, kinks: [], collapsed: [] }
  const outcome = stop?.() ? 'stopped' : end ? 'converged' : 'iteration-limit'
  return { descent: { state, loss: end?.loss ?? 0, iterations: 0, outcome }, proof: proveOnKinks(network, state) }
}
