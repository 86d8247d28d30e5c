import { integerSlopes } from '../network/evaluate-exact.ts'
import { type EchelonBasis, emptyBasis, extend } from '../optimality/echelon-basis.ts'
import { outputJacobian } from './frozen-function.ts'
import { type KinkNetwork, placeOf } from './kink-network.ts'
import type { FirstOrder } from './linearise.ts'
import { rowSpace } from './orthogonal.ts'
import { feelingSamples } from './symmetries.ts'

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
  const most = network.outputs * pathSpanDimension(network, first)
  if (rank < most) return { kind: 'too-small', rank, most }
  const free = new Set(independentColumns(space.basis, space.independent.length, P))
  return { kind: 'spanned', frozen: Array.from({ length: P }, (_, k) => k).filter((k) => !free.has(k)) }
}

/** As many columns as rows, each the one that is farthest from those before it. */
function independentColumns(rows: Float64Array, count: number, length: number): number[] {
  const left = rows.slice()
  const chosen: number[] = []
  for (let step = 0; step < count; step++) {
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

/** The dimension of what one output can be near these parameters while all kinks stay kinks, products of weights along paths taken as free. Exact for these gates. */
function pathSpanDimension(network: KinkNetwork, first: FirstOrder): number {
  const { layers, samples: n, problem } = network
  const { inputs } = problem.data
  const width = layers[0]!.inputs
  const feels = feelingSamples(network, first.pass, first.kinks)
  const heldAt = new Set(first.kinks.map((kink) => `${kink.layer} ${placeOf(network, kink)}`))
  const columns = Array.from({ length: width }, (_, k) =>
    Array.from({ length: n }, (_, i) => inputs.numerators[i * width + k]!)
  )
  const activations = problem.network.layers.flatMap((layer) =>
    layer.kind === 'activation' ? [integerSlopes(layer.activation)!] : []
  )
  const constant = new Array<bigint>(n).fill(1n)
  let space = spannedBy(columns)
  for (const [l, { outputs, biasAt }] of layers.entries()) {
    if (biasAt >= 0) space = spannedBy([constant, ...space])
    if (l === layers.length - 1) break
    const passed: bigint[][] = []
    const slopes = activations[l]!
    for (let unit = 0; unit < outputs; unit++) {
      const slope = Array.from({ length: n }, (_, sample) => {
        const place = placeOf(network, { layer: l, unit, sample })
        if (feels[l]![sample] === 0 || heldAt.has(`${l} ${place}`)) return 0n
        return first.pass.arguments[l]![place]! > 0 ? slopes.positive : slopes.negative
      })
      let left = space
      for (const { layer, unit: j, sample } of first.kinks) {
        if (layer !== l || j !== unit) continue
        const pivot = left.find((f) => f[sample] !== 0n)
        if (pivot)
          left = left.flatMap((f) =>
            f === pivot ? [] : [f.map((x, i) => x * pivot[sample]! - pivot[i]! * f[sample]!)]
          )
      }
      for (const f of left) passed.push(f.map((x, i) => x * slope[i]!))
    }
    space = spannedBy(passed)
  }
  return space.length
}

function spannedBy(functions: readonly (readonly bigint[])[]): readonly (readonly bigint[])[] {
  const basis: EchelonBasis = emptyBasis()
  for (const f of functions) extend(basis, [...f])
  return basis.vectors.map(({ entries }) => entries)
}
