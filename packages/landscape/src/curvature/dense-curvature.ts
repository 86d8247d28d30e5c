import { type BlockSums, blockSums } from '@nadir/kernels'
import type { Problem } from '../problem.ts'
import { fanIn, incomingIndices, type LayeredNetwork } from './layered.ts'
import { batches, type Linearization, linearize } from './linearization.ts'
import type { CurvatureKind } from './operator.ts'
import { type Sensitivities, sensitivities } from './sensitivities.ts'
import { decayDiagonal } from './weight-decay.ts'

/** A unit and the place of its incoming parameters when units stand one after the other. */
interface Unit {
  readonly layer: number
  readonly index: number
  readonly at: number
  readonly width: number
}

/**
 * The full curvature matrix, P x P row-major, written down instead of differentiated. With a~ = (a_(l-1), 1) the incoming values of the
 * units u and u', and G_i the second derivatives of the loss of sample i under shifts of the pre-activations,
 *   H[(u,k),(u',k')] = sum_i G_i[u,u'] a~_k a~'_k'   +   sum_i delta_u d a_k / d(u',k')   for weights (u',k') below the unit k.
 * Units that are off for a sample have zero rows in G_i, so only the live samples of each unit enter its products. Approximate.
 */
export function denseCurvature(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  kind: CurvatureKind
): Float64Array {
  const { layers, parameters: size } = network
  const units = unitTable(network)
  const samples = Math.max(16, Math.min(512, Math.floor(4e6 / (units.length * (units.length + 8)))))
  // Sources: for each layer its incoming values a~ and its gradients delta.
  const widths = layers.flatMap((layer) => [fanIn(layer), layer.outputs])
  const blocks = units.map((u) => ({ source: 2 * u.layer, column: u.at }))
  const sums = blockSums(size, Math.min(samples, problem.data.samples), widths, blocks)
  for (const [from, to] of batches(problem.data.samples, samples)) {
    const pass = linearize(problem, layers, theta, from, to)
    addBatch(pass, units, sensitivities(pass, theta, kind), kind, sums)
  }
  const order = units.flatMap((u) => incomingIndices(layers[u.layer]!, u.index))
  const decay = decayDiagonal(problem, kind)
  const matrix = fromLowerTriangle(sums, order)
  for (let p = 0; p < size; p++) matrix[p * (size + 1)] = matrix[p * (size + 1)]! + decay[p]!
  return matrix
}

function unitTable(network: LayeredNetwork): readonly Unit[] {
  let at = 0
  return network.layers.flatMap((layer, l) =>
    Array.from({ length: layer.outputs }, (_, index): Unit => {
      const width = fanIn(layer)
      const unit = { layer: l, index, at, width }
      at += width
      return unit
    })
  )
}

function addBatch(
  pass: Linearization,
  units: readonly Unit[],
  s: Sensitivities,
  kind: CurvatureKind,
  sums: BlockSums
): void {
  const { samples: n, layers } = pass
  const count = units.length
  for (const [l, { layer, input, delta }] of layers.entries()) {
    sums.load(2 * l, extended(input, n, layer.inputs, fanIn(layer)))
    sums.load(2 * l + 1, delta)
  }
  const row = new Float64Array(count)
  for (const [number, { layer, index, at }] of units.entries()) {
    let live = 0
    for (let i = 0; i < n; i++) {
      if (!s.secondDerivativeRow(i, layer, index, row)) continue
      sums.coefficients.set(row, live * count)
      sums.live[live++] = i
    }
    sums.add(live, 2 * layer, { at, stride: 1 }, 0, number + 1)
  }
  if (kind !== 'hessian') return
  // The weights from unit k of the layer below times the change of that unit's activation by its own and by earlier parameters.
  let below = 0
  for (let l = 1; l < layers.length; l++) {
    const { layer } = layers[l]!
    const above = below + layer.inputs
    for (let k = 0; k < layer.inputs; k++) {
      let live = 0
      for (let i = 0; i < n; i++) {
        if (!s.activationRow(i, l - 1, k, row)) continue
        row[below + k] = layers[l - 1]!.slope?.[i * layer.inputs + k] ?? 1
        sums.coefficients.set(row, live * count)
        sums.live[live++] = i
      }
      const rows = { at: units[above]!.at + k, stride: fanIn(layer) }
      sums.add(live, 2 * l + 1, rows, 0, below)
      sums.add(live, 2 * l + 1, rows, below + k, below + k + 1)
    }
    below = above
  }
}

/** Rows a~ = (a, 1), or a where there is no bias. */
function extended(input: Float64Array, samples: number, inputs: number, width: number): Float64Array {
  if (width === inputs) return input
  const rows = new Float64Array(samples * width)
  for (let i = 0; i < samples; i++) {
    for (let k = 0; k < inputs; k++) rows[i * width + k] = input[i * inputs + k]!
    rows[i * width + inputs] = 1
  }
  return rows
}

const tile = 32

/** The symmetric matrix with this lower triangle, entry (a, b) at (order[a], order[b]). Tiles keep the rows of both triangles in the cache. */
function fromLowerTriangle({ matrix: lower, stride }: BlockSums, order: readonly number[]): Float64Array {
  const size = order.length
  const matrix = new Float64Array(size * size)
  for (let top = 0; top < size; top += tile)
    for (let left = 0; left <= top; left += tile)
      for (let a = top; a < Math.min(size, top + tile); a++) {
        const p = order[a]!
        for (let b = left; b <= Math.min(a, left + tile - 1); b++) {
          const q = order[b]!
          const x = lower[a * stride + b]!
          matrix[p * size + q] = x
          matrix[q * size + p] = x
        }
      }
  return matrix
}
