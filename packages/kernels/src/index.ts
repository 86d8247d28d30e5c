export { addProduct } from './dense-product.ts'
export { type OrthonormalBasis, orthonormalBasis } from './orthonormal-basis.ts'
export { addProductSlowly } from './reference/dense-product.ts'
export { jacobiEigen } from './reference/jacobi.ts'
export {
  type GatheredRows,
  type SlabMemory,
  type Slabs,
  type SparseRows,
  slabIndex,
  slabMemory,
  strip
} from './slab-memory.ts'
export { rowMajor, type Strided, transposed } from './strided.ts'
export { qlIterate, type SymmetricEigen, symmetricEigen, symmetricEigenvalues } from './symmetric-eigen.ts'
