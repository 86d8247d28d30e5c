import { addProduct, rowMajor, sparseMatrix, transposed } from '@nadir/kernels'
import type { Problem } from '../problem.ts'
import { fanIn, incomingIndices, type LayeredNetwork } from './layered.ts'
import { batches, type Linearization, linearize } from './linearization.ts'
import type { CurvatureKind } from './operator.ts'
import { type Sensitivities, sensitivities } from './sensitivities.ts'
import { decayDiagonal } from './weight-decay.ts'

/**
 * Sums over samples for two layers: rows are pairs of units (or, for the change of activations, of an activation and a unit), columns pairs
 * of what these are multiplied with.
 */
interface PairSums {
  readonly rows: number
  readonly columns: number
  readonly sums: Float64Array
}

const pairSums = (rows: number, columns: number): PairSums => ({
  rows,
  columns,
  sums: new Float64Array(rows * columns)
})

/** Index of the pair (a, b), b <= a, among such pairs. */
const lower = (a: number, b: number): number => (a * (a + 1)) / 2 + b

/** For layers l >= b: `second` sums G[u, u'] a~_k a~'_k', `change` sums (d a_k / d z_u') delta_u a~'_k' for weights into layer l; b < l. */
interface LayerPair {
  readonly l: number
  readonly b: number
  readonly second: PairSums
  readonly change: PairSums | undefined
}

/**
 * The full curvature matrix, P x P row-major, written down instead of differentiated. With a~ = (a_(l-1), 1) the incoming values of the
 * units u and u', and G_i the second derivatives of the loss of sample i under shifts of the pre-activations,
 *   H[(u,k),(u',k')] = sum_i G_i[u,u'] a~_k a~'_k'   +   sum_i delta_u d a_k / d(u',k')   for weights (u',k') below the unit k.
 * For two layers both sums are matrix products over the samples. Units that are off leave most entries of G at 0: then the products are
 * sparse. Within a layer a~_k a~_k' is symmetric, and half of it is summed. Approximate.
 */
export function denseCurvature(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  kind: CurvatureKind
): Float64Array {
  const { layers, parameters: size } = network
  const units = layers.reduce((sum, layer) => sum + layer.outputs, 0)
  const pairs = layers.flatMap((layer, l) =>
    layers.slice(0, l + 1).map((below, b): LayerPair => {
      const [m, n, w, v] = [layer.outputs, below.outputs, fanIn(layer), fanIn(below)]
      const second = l === b ? pairSums(lower(m, 0), lower(w, 0)) : pairSums(m * n, w * v)
      const ways = b === l - 1 ? layer.inputs : layer.inputs * n
      return { l, b, second, change: kind === 'hessian' && b < l ? pairSums(ways, m * v) : undefined }
    })
  )
  const widest = pairs.reduce((a, p) => Math.max(a, p.second.columns, p.change?.columns ?? 0), 1)
  const batch = Math.max(1, Math.min(192, Math.floor(4e6 / (units * (units + 8))), Math.floor(2e6 / widest)))
  const second = pairs.map((p) => new Float64Array(Math.min(batch, problem.data.samples) * p.second.rows))
  for (const [from, to] of batches(problem.data.samples, batch)) {
    const pass = linearize(problem, layers, theta, from, to)
    const s = sensitivities(pass, theta, kind)
    secondDerivatives(pass, s, pairs, second)
    const incoming = pass.layers.map(({ layer, input }) => extended(input, pass.samples, layer.inputs, fanIn(layer)))
    for (const [p, pair] of pairs.entries()) {
      const { l, b } = pair
      const factors =
        l === b
          ? ownProducts(incoming[l]!, pass.samples, fanIn(layers[l]!))
          : products(incoming[l]!, fanIn(layers[l]!), incoming[b]!, fanIn(layers[b]!), pass.samples)
      addSums(pair.second, second[p]!.subarray(0, pass.samples * pair.second.rows), factors, pass.samples)
      if (!pair.change) continue
      const { delta } = pass.layers[l]!
      const along = products(delta, layers[l]!.outputs, incoming[b]!, fanIn(layers[b]!), pass.samples)
      addSums(pair.change, activationChanges(pass, s, l, b, pair.change.rows), along, pass.samples)
    }
  }
  const matrix = assembled(network, pairs)
  const decay = decayDiagonal(problem, kind)
  for (let p = 0; p < size; p++) matrix[p * (size + 1)] = matrix[p * (size + 1)]! + decay[p]!
  return matrix
}

/** Below this share of entries that are not 0 a product is done by compressed rows. */
const sparseEnough = 0.6

/** sums += coefficients^T factors, both with one row for each sample. */
function addSums(to: PairSums, coefficients: Float64Array, factors: Float64Array, samples: number): void {
  const { rows, columns, sums } = to
  const live = nonZero(coefficients)
  const target = rowMajor(sums, columns)
  const right = rowMajor(factors, columns)
  if (live < sparseEnough * coefficients.length && columns >= 8)
    sparseMatrix(coefficients, samples, rows, columns, 'transpose').addTimes(target, right)
  else addProduct(target, transposed(rowMajor(coefficients, rows)), right, rows, columns, samples)
}

function nonZero(x: Float64Array): number {
  let count = 0
  for (let k = 0; k < x.length; k++) if (x[k] !== 0) count++
  return count
}

/** For each pair of layers a row for each sample: G[u, u'], within a layer for u' <= u. Written over what was in `all`. */
function secondDerivatives(
  pass: Linearization,
  s: Sensitivities,
  pairs: readonly LayerPair[],
  all: readonly Float64Array[]
): void {
  const { samples, layers } = pass
  for (const values of all) values.fill(0)
  const units = layers.reduce((sum, { layer }) => sum + layer.outputs, 0)
  const row = new Float64Array(units)
  for (let i = 0; i < samples; i++)
    for (let l = 0, first = 0; l < layers.length; l++, first = lower(l, 0)) {
      const width = layers[l]!.layer.outputs
      for (let q = 0; q < width; q++) {
        if (!s.secondDerivativeRow(i, l, q, row)) continue
        for (let b = 0, from = 0; b <= l; b++) {
          const count = layers[b]!.layer.outputs
          const { rows } = pairs[first + b]!.second
          const at = i * rows + (b === l ? lower(q, 0) : q * count)
          const end = b === l ? q + 1 : count
          const target = all[first + b]!
          for (let k = 0; k < end; k++) target[at + k] = row[from + k]!
          from += count
        }
      }
    }
}

/** For each sample the derivatives of the activations below layer l under shifts of the units of layer b < l: a_k by z_k only when b = l - 1. */
function activationChanges(pass: Linearization, s: Sensitivities, l: number, b: number, rows: number): Float64Array {
  const { samples, layers } = pass
  const changes = new Float64Array(samples * rows)
  const { slope } = layers[l - 1]!
  if (b === l - 1) {
    if (slope) changes.set(slope)
    else changes.fill(1)
    return changes
  }
  const from = layers.slice(0, b).reduce((sum, { layer }) => sum + layer.outputs, 0)
  const count = layers[b]!.layer.outputs
  const row = new Float64Array(layers.reduce((sum, { layer }) => sum + layer.outputs, 0))
  for (let i = 0; i < samples; i++)
    for (let k = 0; k * count < rows; k++)
      if (s.activationRow(i, l - 1, k, row)) changes.set(row.subarray(from, from + count), i * rows + k * count)
  return changes
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
function products(x: Float64Array, m: number, y: Float64Array, n: number, samples: number): Float64Array {
  const all = new Float64Array(samples * m * n)
  for (let i = 0, at = 0; i < samples; i++)
    for (let a = i * m; a < (i + 1) * m; a++) {
      const factor = x[a]!
      for (let b = i * n; b < (i + 1) * n; b++) all[at++] = factor * y[b]!
    }
  return all
}

/** For each sample the products x_a x_b, b <= a. */
function ownProducts(x: Float64Array, samples: number, m: number): Float64Array {
  const all = new Float64Array(samples * lower(m, 0))
  for (let i = 0, at = 0; i < samples; i++)
    for (let a = 0; a < m; a++) {
      const factor = x[i * m + a]!
      for (let b = 0; b <= a; b++) all[at++] = factor * x[i * m + b]!
    }
  return all
}

/** The symmetric matrix from the sums of all pairs of layers. */
function assembled({ layers, parameters: size }: LayeredNetwork, pairs: readonly LayerPair[]): Float64Array {
  const matrix = new Float64Array(size * size)
  const places = layers.map((layer) =>
    Array.from({ length: layer.outputs }, (_, q) => Int32Array.from(incomingIndices(layer, q)))
  )
  const widest = Math.max(...layers.map(fanIn))
  const block = new Float64Array(widest * widest)
  for (const pair of pairs) {
    const { l, b } = pair
    for (const [q, own] of places[l]!.entries())
      for (let r = 0; r < (l === b ? q + 1 : layers[b]!.outputs); r++) {
        readBlock(layers, pair, q, r, block)
        const other = places[b]![r]!
        const [w, v] = [own.length, other.length]
        for (let k = 0; k < w; k++) {
          const row = own[k]! * size
          for (let j = 0; j < v; j++) matrix[row + other[j]!] = block[k * v + j]!
        }
        for (let j = 0; j < v; j++) {
          const row = other[j]! * size
          for (let k = 0; k < w; k++) matrix[row + own[k]!] = block[k * v + j]!
        }
      }
  }
  return matrix
}

/** The second derivatives by the incoming parameters of unit q of layer l and of unit r of layer b. */
function readBlock(
  layers: LayeredNetwork['layers'],
  { l, b, second, change }: LayerPair,
  q: number,
  r: number,
  block: Float64Array
): void {
  const [w, v] = [fanIn(layers[l]!), fanIn(layers[b]!)]
  if (l === b) {
    for (let k = 0, at = lower(q, r) * second.columns; k < w; k++)
      for (let j = 0; j <= k; j++) block[k * w + j] = block[j * w + k] = second.sums[at++]!
    return
  }
  const from = (q * layers[b]!.outputs + r) * second.columns
  for (let k = 0; k < w * v; k++) block[k] = second.sums[from + k]!
  if (!change) return
  const add = (k: number, way: number) => {
    const at = way * change.columns + q * v
    for (let j = 0; j < v; j++) block[k * v + j] = block[k * v + j]! + change.sums[at + j]!
  }
  if (b === l - 1) add(r, r)
  else for (let k = 0; k < layers[l]!.inputs; k++) add(k, k * layers[b]!.outputs + r)
}
