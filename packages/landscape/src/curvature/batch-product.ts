import {
  type GatheredRows,
  rowMajor,
  type SlabMemory,
  type Slabs,
  type SparseRows,
  slabMemory,
  transposed
} from '@nadir/kernels'
import type { DenseLayer } from './layered.ts'
import type { Linearization } from './linearization.ts'
import type { CurvatureKind } from './operator.ts'
import { type OutputCurvature, timesOutputCurvature } from './output-curvature.ts'

/** What one batch of samples holds for products with its share of a curvature. */
export interface BatchProduct {
  /** Adds the share to the product that was begun. */
  readonly add: () => void
}

/** Products of a curvature with vectors, batch by batch, in memory of its own that goes with it. Approximate. */
export interface BatchProducts {
  /** Bytes in use; `release` forgets the batches that were prepared since they were so many. */
  readonly used: () => number
  readonly release: (used: number) => void
  readonly prepare: (pass: Linearization) => BatchProduct
  /** A product with v is begun; its end is added to `to`. */
  readonly begin: (v: Float64Array) => void
  readonly end: (to: Float64Array) => void
}

/** A layer of the network with the matrices that do not depend on the samples: W and V are theta and v as weights. */
interface LayerSlabs {
  readonly layer: DenseLayer
  readonly V: Slabs
  readonly Vt: Slabs
  readonly c: Slabs
  readonly W: Slabs
  readonly Wt: Slabs
  /** The weights' part of the product, transposed, and the biases' part. */
  readonly P: Slabs
  readonly p: Slabs
}

/** A layer on one batch. Where sigma, sigma' and g sigma'' are all 0 a unit is off; rows and columns gather the others. */
interface LayerBatch {
  readonly activation: Slabs
  readonly slope: Slabs | undefined
  readonly bend: Slabs | undefined
  readonly delta: Slabs
  readonly rows: GatheredRows
  readonly columns: GatheredRows
}

/** Room for what depends on v, for one layer on the largest batch. */
interface Scratch {
  readonly changeZ: Slabs
  readonly changeA: Slabs
  readonly change: Slabs
}

/** At most `largest` samples in a batch. */
export function batchProducts(
  layers: readonly DenseLayer[],
  theta: Float64Array,
  kind: CurvatureKind,
  largest: number
): BatchProducts {
  const memory = slabMemory()
  const slabs = layers.map((layer): LayerSlabs => {
    const { inputs, outputs, weightAt } = layer
    const [wide, tall] = [memory.zeros(outputs, inputs), memory.zeros(inputs, outputs)]
    const weight = rowMajor(theta, inputs, weightAt)
    memory.set(wide, weight)
    memory.set(tall, transposed(weight))
    const own = { V: memory.zeros(outputs, inputs), Vt: memory.zeros(inputs, outputs), c: memory.zeros(1, outputs) }
    return { layer, ...own, W: wide, Wt: tall, P: memory.zeros(inputs, outputs), p: memory.zeros(1, outputs) }
  })
  const room = layers.map(
    ({ outputs }): Scratch => ({
      changeZ: memory.zeros(largest, outputs),
      changeA: memory.zeros(largest, outputs),
      change: memory.zeros(largest, outputs)
    })
  )
  const cut = (samples: number) => (m: Slabs) => ({ ...m, rows: samples })

  const matrix = (rows: Float64Array, columns: number): Slabs => {
    const m = memory.zeros(rows.length / columns, columns)
    memory.set(m, rowMajor(rows, columns))
    return m
  }

  function prepare(pass: Linearization): BatchProduct {
    const { samples, output } = pass
    const part = cut(samples)
    const scratch = room.map((s) => ({
      changeZ: part(s.changeZ),
      changeA: part(s.changeA),
      change: part(s.change)
    }))
    const X = pass.layers[0]!.input
    const first = layers[0]!.inputs
    const inputs = memory.sparse(X, samples, first, 'itself')
    const inputsTurned = memory.sparse(X, samples, first, 'transpose')
    const held = pass.layers.map(({ layer, slope, bend, delta }, l): LayerBatch => {
      const width = layer.outputs
      const activation = pass.layers[l + 1]?.input ?? pass.layers[l]!.preactivation
      const live = Uint8Array.from(delta, (_, k) =>
        slope?.[k] !== 0 || activation[k] !== 0 || (bend && bend[k] !== 0) ? 1 : 0
      )
      return {
        activation: matrix(activation, width),
        slope: slope && matrix(slope, width),
        bend: bend && matrix(bend, width),
        delta: matrix(delta, width),
        rows: memory.gathered(live, samples, width, 'itself'),
        columns: memory.gathered(live, samples, width, 'transpose')
      }
    })
    return { add: () => addProduct(memory, kind, slabs, held, scratch, inputs, inputsTurned, output) }
  }

  return {
    used: memory.used,
    release: memory.release,
    prepare,
    begin(v) {
      for (const { layer, V, Vt, c, P, p } of slabs) {
        const weight = rowMajor(v, layer.inputs, layer.weightAt)
        memory.set(Vt, transposed(weight))
        if (layer !== layers[0]) memory.set(V, weight)
        if (layer.biasAt !== undefined) memory.set(c, rowMajor(v, layer.outputs, layer.biasAt))
        memory.clear(P)
        memory.clear(p)
      }
    },
    end(to) {
      for (const { layer, P, p } of slabs) {
        memory.addTo(transposed(rowMajor(to, layer.inputs, layer.weightAt)), P)
        if (layer.biasAt !== undefined) memory.addTo(rowMajor(to, layer.outputs, layer.biasAt), p)
      }
    }
  }
}

/** Adds the share of one batch of the curvature times v. */
function addProduct(
  memory: SlabMemory,
  kind: CurvatureKind,
  slabs: readonly LayerSlabs[],
  held: readonly LayerBatch[],
  room: readonly Scratch[],
  inputs: SparseRows,
  inputsTurned: SparseRows,
  output: OutputCurvature
): void {
  const full = kind === 'hessian'
  // Along v: Rz_l = a_(l-1) V_l^T + c_l + Ra_(l-1) W_l^T, Ra_l = sigma' Rz_l.
  for (const [l, { Vt, Wt, c }] of slabs.entries()) {
    const { changeZ, changeA } = room[l]!
    const { slope } = held[l]!
    memory.repeat(changeZ, c)
    if (l === 0) memory.addSparse(changeZ, inputs, Vt)
    else {
      const below = held[l - 1]!
      memory.addGathered(changeZ, below.rows, below.activation, Vt)
      memory.addGathered(changeZ, below.rows, room[l - 1]!.changeA, Wt)
    }
    if (slope) memory.entrywise(changeA, changeZ, slope)
    else memory.view(changeA).set(memory.view(changeZ))
  }
  timesOutputs(memory, kind, output, room.at(-1)!.changeA, room.at(-1)!.change)
  // Back: Rdelta_l = sigma' Rg_l + g_l sigma'' Rz_l, Rg_(l-1) = Rdelta_l W_l + delta_l V_l.
  for (let l = slabs.length - 1; l >= 0; l--) {
    const { W, V, P, p } = slabs[l]!
    const { slope, bend, delta, rows } = held[l]!
    const { changeZ, change } = room[l]!
    if (slope) memory.entrywise(change, change, slope)
    if (full && bend) memory.addEntrywise(change, bend, changeZ)
    memory.addColumnSums(p, change)
    if (l === 0) {
      memory.addSparse(P, inputsTurned, change)
      return
    }
    const below = held[l - 1]!
    memory.addGathered(P, below.columns, below.activation, change)
    if (full) memory.addGathered(P, below.columns, room[l - 1]!.changeA, delta)
    const changeBelow = room[l - 1]!.change
    memory.clear(changeBelow)
    memory.addGathered(changeBelow, rows, change, W)
    if (full) memory.addGathered(changeBelow, rows, delta, V)
  }
}

/** The curvature of the loss in the outputs times their change, for every sample. */
function timesOutputs(
  memory: SlabMemory,
  kind: CurvatureKind,
  output: OutputCurvature,
  change: Slabs,
  to: Slabs
): void {
  const m = change.columns
  const rows = new Float64Array(change.rows * m)
  memory.addTo(rowMajor(rows, m), change)
  if (kind === 'empirical-fisher') timesSlopes(output, rows, m)
  else timesOutputCurvature(output, rows, m)
  memory.set(to, rowMajor(rows, m))
}

/** r (r . row) / F for every sample, in place. */
function timesSlopes({ slopes, factor }: OutputCurvature, rows: Float64Array, m: number): void {
  for (let i = 0; i < rows.length; i += m) {
    let dot = 0
    for (let o = 0; o < m; o++) dot += slopes[i + o]! * rows[i + o]!
    for (let o = 0; o < m; o++) rows[i + o] = (slopes[i + o]! * dot) / factor
  }
}
