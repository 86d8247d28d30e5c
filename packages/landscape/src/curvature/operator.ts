import { addProduct, rowMajor, type SparseMatrix, sparseMatrix, transposed } from '@nadir/kernels'
import type { Problem } from '../problem.ts'
import type { DenseLayer, LayeredNetwork } from './layered.ts'
import {
  addColumnSums,
  addOuterProducts,
  batches,
  entrywise,
  type Linearization,
  linearize,
  repeatedBias,
  timesWeights
} from './linearization.ts'
import { timesOutputCurvature } from './output-curvature.ts'
import { decayDiagonal } from './weight-decay.ts'

/**
 * hessian: of the loss. gauss-newton: F sum_i J_i^T (Hess ell_i) J_i, which for squared, logistic and cross-entropy loss is the Fisher
 * information of the model (Gaussian of variance 1, Bernoulli, categorical). empirical-fisher: F sum_i of the outer products of the
 * gradients of the samples. Weight decay is part of the first two.
 */
export type CurvatureKind = 'hessian' | 'gauss-newton' | 'fisher' | 'empirical-fisher'

/** A symmetric matrix known by its products. */
export interface SymmetricOperator {
  readonly size: number
  /** The products with a block of vectors. Approximate. */
  readonly multiply: (block: readonly Float64Array[]) => Float64Array[]
}

export interface OperatorOptions {
  /** Samples that go through the network together. */
  readonly batch?: number
  /** Bytes that may be spent on keeping the passes of all batches instead of repeating them for each product. */
  readonly memory?: number
}

/** Below this share of non-zero entries the products with the inputs are done by compressed rows. */
const sparseEnough = 0.4

/** As many samples as keep the values of the widest layer within the second-level cache. */
const batchFor = (layers: readonly DenseLayer[]): number =>
  Math.max(256, Math.min(4096, Math.floor(2 ** 17 / Math.max(...layers.map((l) => l.outputs)))))

interface Batch {
  readonly from: number
  readonly to: number
  pass: Linearization | undefined
  sparse: { readonly inputs: SparseMatrix; readonly transpose: SparseMatrix } | undefined
}

/**
 * The chosen curvature of a problem at a point, as an operator: forward and backward derivatives along the vector, in batches
 * (Pearlmutter 1994; Schraudolph 2002). Approximate. At kinks it is the curvature of the cell on the side t <= 0.
 */
export function curvatureOperator(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  kind: CurvatureKind,
  options: OperatorOptions = {}
): SymmetricOperator {
  const { data } = problem
  const { layers, parameters } = network
  const first = layers[0]!
  const widths = layers.reduce((sum, l) => sum + l.outputs, 0)
  const keep = 4 * 8 * widths * data.samples <= (options.memory ?? 2 ** 28)
  const nonZero = data.approximateInputs.reduce((count, x) => count + (x === 0 ? 0 : 1), 0)
  const isSparse = first.outputs >= 8 && nonZero < sparseEnough * data.approximateInputs.length
  const parts = batches(data.samples, options.batch ?? batchFor(layers)).map(
    ([from, to]): Batch => ({ from, to, pass: undefined, sparse: undefined })
  )
  const decay = decayDiagonal(problem, kind)
  const decays = decay.some((x) => x !== 0)

  const passOf = (part: Batch): Linearization => {
    const pass = part.pass ?? linearize(problem, layers, theta, part.from, part.to)
    if (keep) part.pass = pass
    if (isSparse && !part.sparse) {
      const prepare = (which: 'itself' | 'transpose') =>
        sparseMatrix(pass.layers[0]!.input, pass.samples, first.inputs, first.outputs, which)
      part.sparse = { inputs: prepare('itself'), transpose: prepare('transpose') }
    }
    return pass
  }

  return {
    size: parameters,
    multiply(block) {
      const products = block.map((v) => (decays ? entrywise(v, decay) : new Float64Array(parameters)))
      for (const part of parts) {
        const pass = passOf(part)
        for (const [k, v] of block.entries()) addBatchProduct(pass, part.sparse, theta, v, kind, products[k]!)
      }
      return products
    }
  }
}

/** Adds the share of one batch of the curvature times v. */
function addBatchProduct(
  pass: Linearization,
  sparse: Batch['sparse'],
  theta: Float64Array,
  v: Float64Array,
  kind: CurvatureKind,
  product: Float64Array
): void {
  const n = pass.samples
  const full = kind === 'hessian'
  // Along v: Rz_l = a_(l-1) V_l^T + c_l + Ra_(l-1) W_l^T, Ra_l = sigma' Rz_l.
  const changeZ: Float64Array[] = []
  const changeA: Float64Array[] = []
  for (const [l, { layer, input, slope }] of pass.layers.entries()) {
    const { inputs, outputs, weightAt } = layer
    const z = repeatedBias(layer, v, n)
    const target = rowMajor(z, outputs)
    const along = transposed(rowMajor(v, inputs, weightAt))
    if (l === 0 && sparse) sparse.inputs.addTimes(target, along)
    else addProduct(target, rowMajor(input, inputs), along, n, outputs, inputs)
    if (l > 0) {
      const weight = transposed(rowMajor(theta, inputs, weightAt))
      addProduct(target, rowMajor(changeA[l - 1]!, inputs), weight, n, outputs, inputs)
    }
    changeZ.push(z)
    changeA.push(slope ? entrywise(z, slope) : z)
  }
  const outputs = pass.layers.at(-1)!.layer.outputs
  let change: Float64Array = changeA.at(-1)!.slice()
  if (kind === 'empirical-fisher') timesSlopes(pass, change, outputs)
  else timesOutputCurvature(pass.output, change, outputs)
  // Back: Rdelta_l = sigma' Rg_l + g_l sigma'' Rz_l, Rg_(l-1) = Rdelta_l W_l + delta_l V_l.
  for (let l = pass.layers.length - 1; l >= 0; l--) {
    const { layer, input, slope, bend, delta } = pass.layers[l]!
    const { inputs, weightAt } = layer
    const z = changeZ[l]!
    if (slope) for (let k = 0; k < change.length; k++) change[k] = change[k]! * slope[k]!
    if (full && bend) for (let k = 0; k < change.length; k++) change[k] = change[k]! + bend[k]! * z[k]!
    if (l === 0 && sparse) {
      sparse.transpose.addTimes(transposed(rowMajor(product, inputs, weightAt)), rowMajor(change, layer.outputs))
      addColumnSums(layer, change, product)
    } else addOuterProducts(layer, change, input, n, product)
    if (l === 0) return
    const below = timesWeights(layer, theta, change, n)
    if (full) {
      const to = rowMajor(product, inputs, weightAt)
      const left = rowMajor(delta, layer.outputs)
      addProduct(to, transposed(left), rowMajor(changeA[l - 1]!, inputs), layer.outputs, inputs, n)
      addProduct(rowMajor(below, inputs), left, rowMajor(v, inputs, weightAt), n, inputs, layer.outputs)
    }
    change = below
  }
}

/** r (r . row) / F for every sample, in place. */
function timesSlopes(pass: Linearization, rows: Float64Array, m: number): void {
  const { slopes, factor } = pass.output
  for (let i = 0; i < rows.length; i += m) {
    let dot = 0
    for (let o = 0; o < m; o++) dot += slopes[i + o]! * rows[i + o]!
    for (let o = 0; o < m; o++) rows[i + o] = (slopes[i + o]! * dot) / factor
  }
}

/** The block of an operator on the parameters from..to: the curvature of one layer, the others held fixed. */
export function principalBlock(operator: SymmetricOperator, from: number, to: number): SymmetricOperator {
  return {
    size: to - from,
    multiply(block) {
      const extended = block.map((v) => {
        const whole = new Float64Array(operator.size)
        whole.set(v, from)
        return whole
      })
      return operator.multiply(extended).map((product) => product.slice(from, to))
    }
  }
}

/** A dense symmetric matrix, row-major, as an operator. */
export const denseOperator = (matrix: Float64Array, size: number): SymmetricOperator => ({
  size,
  multiply: (block) =>
    block.map((v) => {
      const product = new Float64Array(size)
      for (let i = 0; i < size; i++) {
        let sum = 0
        for (let k = 0; k < size; k++) sum += matrix[i * size + k]! * v[k]!
        product[i] = sum
      }
      return product
    })
})
