import { type SlabMemory, type Slabs, slabIndex, slabMemory, strip } from '@nadir/kernels'
import type { Problem } from '../problem.ts'
import { type DenseLayer, fanIn, type LayeredNetwork } from './layered.ts'
import { batches, linearize } from './linearization.ts'
import type { CurvatureKind } from './operator.ts'
import { type PairSensitivities, pairSensitivities } from './pair-sensitivities.ts'
import { decayDiagonal } from './weight-decay.ts'

/** Index of the pair (a, b), b <= a, among such pairs. */
const lower = (a: number, b: number): number => (a * (a + 1)) / 2 + b

/**
 * Sums over samples for layers l >= b. `second`: rows are pairs of units u, u', columns pairs of their incoming values, entries the sums of
 * G[u, u'] a~_k a~'_k'; within a layer for u' <= u and k' <= k. `change`, for weights into layer l and b < l: rows are the ways from an
 * activation k below l to a unit u', entries the sums of (d a_k / d z_u') delta_u a~'_k'.
 */
interface LayerPair {
  readonly l: number
  readonly b: number
  readonly second: Slabs
  readonly change: Slabs | undefined
}

/** Kept between calls for small networks, whose curvature is asked for many times. */
let kept: SlabMemory | undefined
const keptBytes = 2 ** 26

/**
 * The full curvature matrix, P x P row-major, written down instead of differentiated. With a~ = (a_(l-1), 1) the incoming values of the
 * units u and u', and G_i the second derivatives of the loss of sample i under shifts of the pre-activations,
 *   H[(u,k),(u',k')] = sum_i G_i[u,u'] a~_k a~'_k'   +   sum_i delta_u d a_k / d(u',k')   for weights (u',k') below the unit k.
 * For two layers both sums are matrix products over the samples. Units that are off leave most entries of G at 0: the products are
 * sparse. Within a layer a~_k a~_k' is symmetric, and half of it is summed. Approximate.
 */
export function denseCurvature(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  kind: CurvatureKind
): Float64Array {
  const { layers, parameters: size } = network
  const memory = kept ?? slabMemory()
  memory.release(0)
  const units = layers.reduce((sum, layer) => sum + layer.outputs, 0)
  const pairs = layers.flatMap((layer, l) =>
    layers.slice(0, l + 1).map((below, b): LayerPair => {
      const [m, n, w, v] = [layer.outputs, below.outputs, fanIn(layer), fanIn(below)]
      const second = l === b ? memory.zeros(lower(m, 0), lower(w, 0)) : memory.zeros(m * n, w * v)
      const ways = b === l - 1 ? layer.inputs : layer.inputs * n
      return { l, b, second, change: kind === 'hessian' && b < l ? memory.zeros(ways, m * v) : undefined }
    })
  )
  const widest = pairs.reduce((a, p) => Math.max(a, p.second.columns, p.change?.columns ?? 0), 1)
  const batch = Math.max(1, Math.min(strip, Math.floor(4e6 / (units * (units + 8))), Math.floor(2e6 / widest)))
  const base = memory.used()
  for (const [from, to] of batches(problem.data.samples, batch)) {
    const pass = linearize(problem, layers, theta, from, to)
    const s = pairSensitivities(pass, theta, kind)
    const incoming = pass.layers.map(({ layer, input }) => extended(input, pass.samples, layer.inputs, fanIn(layer)))
    for (const pair of pairs) {
      const { l, b } = pair
      const [w, v] = [fanIn(layers[l]!), fanIn(layers[b]!)]
      const second = l === b ? ownProducts(memory, incoming[l]!, w) : products(memory, incoming[l]!, w, incoming[b]!, v)
      addSums(memory, pair.second, second, (row, append) => eachUnitPair(s, layers, pair, row, append))
      memory.release(base)
      if (!pair.change) continue
      const along = products(memory, pass.layers[l]!.delta, layers[l]!.outputs, incoming[b]!, v)
      addSums(memory, pair.change, along, (row, append) => eachWay(s, layers, pair, row, append))
      memory.release(base)
    }
  }
  const matrix = assembled(memory, network, pairs)
  kept = memory.capacity() <= keptBytes ? memory : undefined
  const decay = decayDiagonal(problem, kind)
  for (let p = 0; p < size; p++) matrix[p * (size + 1)] = matrix[p * (size + 1)]! + decay[p]!
  return matrix
}

/** sums += coefficients factors; rows of coefficients, over the samples, are written one after the other and appended. */
function addSums(
  memory: SlabMemory,
  sums: Slabs,
  factors: Slabs,
  each: (row: Float64Array, append: () => void) => void
): void {
  const coefficients = memory.rowByRow(sums.rows, factors.rows)
  each(coefficients.row, coefficients.append)
  memory.addSparse(sums, coefficients.done(), factors)
}

/** G[u, u'] for all pairs of units, within a layer for u' <= u. */
function eachUnitPair(
  s: PairSensitivities,
  layers: LayeredNetwork['layers'],
  { l, b }: LayerPair,
  row: Float64Array,
  append: () => void
): void {
  for (let q = 0; q < layers[l]!.outputs; q++)
    for (let r = 0; r < (l === b ? q + 1 : layers[b]!.outputs); r++) {
      s.secondDerivatives(l, q, b, r, row)
      append()
    }
}

/** The derivatives of the activations below layer l under shifts of the units of layer b < l: a_k by z_k only when b = l - 1. */
function eachWay(
  s: PairSensitivities,
  layers: LayeredNetwork['layers'],
  { l, b }: LayerPair,
  row: Float64Array,
  append: () => void
): void {
  for (let k = 0; k < layers[l]!.inputs; k++)
    for (let r = b === l - 1 ? k : 0; r < (b === l - 1 ? k + 1 : layers[b]!.outputs); r++) {
      s.activationChanges(l - 1, k, b, r, row)
      append()
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

/** For each sample all products of an entry of x with one of y. */
function products(memory: SlabMemory, x: Float64Array, m: number, y: Float64Array, n: number): Slabs {
  const samples = x.length / m
  const all = memory.zeros(samples, m * n)
  const to = memory.view(all)
  for (let i = 0; i < samples; i++)
    for (let a = 0, c = 0; a < m; a++) {
      const factor = x[i * m + a]!
      for (let b = i * n; b < (i + 1) * n; b++, c++) to[slabIndex(samples, i, c)] = factor * y[b]!
    }
  return all
}

/** For each sample the products x_a x_b, b <= a. */
function ownProducts(memory: SlabMemory, x: Float64Array, m: number): Slabs {
  const samples = x.length / m
  const all = memory.zeros(samples, lower(m, 0))
  const to = memory.view(all)
  for (let i = 0; i < samples; i++)
    for (let a = 0, c = 0; a < m; a++) {
      const factor = x[i * m + a]!
      for (let b = i * m; b <= i * m + a; b++, c++) to[slabIndex(samples, i, c)] = factor * x[b]!
    }
  return all
}

/** The symmetric matrix from the sums of all pairs of layers. */
function assembled(
  memory: SlabMemory,
  { layers, parameters: size }: LayeredNetwork,
  pairs: readonly LayerPair[]
): Float64Array {
  const matrix = new Float64Array(size * size)
  const widest = Math.max(...layers.map(fanIn))
  const block = new Float64Array(widest * widest)
  for (const pair of pairs) {
    const [own, other] = [layers[pair.l]!, layers[pair.b]!]
    const read = blockReader(memory, layers, pair)
    for (let q = 0; q < own.outputs; q++)
      for (let r = 0; r < (own === other ? q + 1 : other.outputs); r++) {
        read(q, r, block)
        writeBlock(matrix, size, own, q, other, r, block, fanIn(other), 1)
        writeBlock(matrix, size, other, r, own, q, block, 1, fanIn(other))
      }
  }
  return matrix
}

/** Writes entry (k, j) of a block, at k * down + j * across, to the incoming parameters k of unit q and j of unit r. */
function writeBlock(
  matrix: Float64Array,
  size: number,
  own: DenseLayer,
  q: number,
  other: DenseLayer,
  r: number,
  block: Float64Array,
  down: number,
  across: number
): void {
  const first = other.weightAt + r * other.inputs
  for (let k = 0; k < fanIn(own); k++) {
    const row = size * (k < own.inputs ? own.weightAt + q * own.inputs + k : own.biasAt! + q)
    let from = k * down
    for (let at = row + first; at < row + first + other.inputs; at++, from += across) matrix[at] = block[from]!
    if (other.biasAt !== undefined) matrix[row + other.biasAt + r] = block[from]!
  }
}

/** Writes the second derivatives by the incoming parameters of unit q of layer l and of unit r of layer b. */
function blockReader(
  memory: SlabMemory,
  layers: LayeredNetwork['layers'],
  { l, b, second, change }: LayerPair
): (q: number, r: number, block: Float64Array) => void {
  const [w, v] = [fanIn(layers[l]!), fanIn(layers[b]!)]
  const sums = memory.view(second)
  const places = Int32Array.from({ length: second.columns }, (_, c) => slabIndex(second.rows, 0, c))
  if (l === b)
    return (q, r, block) => {
      const row = 16 * lower(q, r)
      for (let k = 0, c = 0; k < w; k++)
        for (let j = 0; j <= k; j++, c++) block[k * w + j] = block[j * w + k] = sums[places[c]! + row]!
    }
  const changes = change && memory.view(change)
  const count = layers[b]!.outputs
  return (q, r, block) => {
    const row = 16 * (q * count + r)
    for (let c = 0; c < w * v; c++) block[c] = sums[places[c]! + row]!
    if (!change) return
    const add = (k: number, way: number) => {
      for (let j = 0; j < v; j++)
        block[k * v + j] = block[k * v + j]! + changes![slabIndex(change.rows, way, q * v + j)]!
    }
    if (b === l - 1) add(r, r)
    else for (let k = 0; k < layers[l]!.inputs; k++) add(k, k * count + r)
  }
}
