import type { Problem } from '../problem.ts'
import { type BatchProduct, batchProducts } from './batch-product.ts'
import type { DenseLayer, LayeredNetwork } from './layered.ts'
import { batches, entrywise, linearize } from './linearization.ts'
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
  /** The products with a block of vectors, which may be views of memory that is reused. Approximate. */
  readonly multiply: (block: readonly Float64Array[]) => Float64Array[]
}

export interface OperatorOptions {
  /** Samples that go through the network together. */
  readonly batch?: number
  /** Bytes that may be spent on keeping the passes of all batches instead of repeating them for each product. */
  readonly memory?: number
}

/** As many samples as keep the values of the widest layer within the second-level cache. */
const batchFor = (layers: readonly DenseLayer[]): number =>
  Math.max(256, Math.min(4096, Math.floor(2 ** 17 / Math.max(...layers.map((l) => l.outputs)))))

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
  const memory = options.memory ?? 2 ** 28
  const parts = batches(data.samples, options.batch ?? batchFor(layers))
  const products = batchProducts(layers, theta, kind, Math.max(0, ...parts.map(([from, to]) => to - from)))
  const kept = new Map<number, BatchProduct>()
  const decay = decayDiagonal(problem, kind)
  const decays = decay.some((x) => x !== 0)

  return {
    size: parameters,
    multiply: (block) =>
      block.map((v) => {
        const product = decays ? entrywise(v, decay) : new Float64Array(parameters)
        products.begin(v)
        for (const [k, [from, to]] of parts.entries()) {
          const before = products.used()
          const batch = kept.get(k) ?? products.prepare(linearize(problem, layers, theta, from, to))
          batch.add()
          if (kept.has(k)) continue
          if (products.used() <= memory) kept.set(k, batch)
          else products.release(before)
        }
        products.end(product)
        return product
      })
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
