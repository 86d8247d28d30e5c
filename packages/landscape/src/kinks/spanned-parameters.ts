import { outputJacobian } from './frozen-function.ts'
import type { KinkNetwork } from './kink-network.ts'
import type { FirstOrder } from './linearise.ts'
import { rowSpace } from './orthogonal.ts'
import { pathSpans } from './path-spans.ts'

/** Parameters that may be frozen because the others move the outputs through all of the path span; or how far they are from that. */
export type Spanned =
  | { readonly kind: 'spanned'; readonly frozen: readonly number[] }
  | { readonly kind: 'too-small'; readonly rank: number; readonly most: number }

/**
 * As many free parameters as kinks and dimensions that the outputs can move in, those on which the derivatives of outputs and kinks are most independent, when these dimensions are all that paths of
 * weights reach. The rank is approximate, the dimension of the path span exact for the gates in doubles. `rows` are the normals of the kinks.
 */
export function spannedParameters(
  network: KinkNetwork,
  theta: Float64Array,
  first: FirstOrder,
  rows: Float64Array
): Spanned {
  const P = network.parameters
  const J = outputJacobian(network, theta, first.pass)
  const all = new Float64Array(rows.length + J.length)
  all.set(rows)
  all.set(J, rows.length)
  const count = all.length / P
  const space = rowSpace(all, count, P, { tolerance: 1e-8, complete: false })
  const rank = space.independent.length - first.kinks.length
  const apart = network.outputs - (network.problem.loss === 'cross-entropy' ? 1 : 0)
  const most = apart * pathSpans(network, first).outputs.length
  if (rank < most) return { kind: 'too-small', rank, most }
  const free = new Set(independentColumns(space.basis, space.independent.length, P, space.independent.length))
  return { kind: 'spanned', frozen: Array.from({ length: P }, (_, k) => k).filter((k) => !free.has(k)) }
}

/** So many columns of `count` rows, each the one that is farthest from those before it. */
export function independentColumns(rows: Float64Array, count: number, length: number, wanted: number): number[] {
  const left = rows.slice()
  const chosen: number[] = []
  for (let step = 0; step < wanted; step++) {
    let best = -1
    let most = 0
    for (let c = 0; c < length; c++) {
      let sum = 0
      for (let r = 0; r < count; r++) sum += left[r * length + c]! ** 2
      if (sum > most) {
        most = sum
        best = c
      }
    }
    if (best < 0) break
    chosen.push(best)
    const direction = Float64Array.from({ length: count }, (_, r) => left[r * length + best]! / Math.sqrt(most))
    for (let c = 0; c < length; c++) {
      let along = 0
      for (let r = 0; r < count; r++) along += direction[r]! * left[r * length + c]!
      for (let r = 0; r < count; r++) left[r * length + c] = left[r * length + c]! - along * direction[r]!
    }
  }
  return chosen
}
