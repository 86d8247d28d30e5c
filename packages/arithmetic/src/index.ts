export * from './algebraic/index.ts'
export { parseExact } from './decimal.ts'
export {
  addIntervals,
  type DoubleInterval,
  divideIntervals,
  exactInterval,
  multiplyIntervals,
  nearly,
  signOf,
  subtractIntervals
} from './enclosure/double-interval.ts'
export {
  encloseArctangent,
  encloseExponential,
  encloseNormal,
  encloseSigmoid,
  encloseSineAndCosine,
  encloseSoftplus,
  encloseTanh
} from './enclosure/elementary.ts'
export { absolute, bitLength, gcd, integerSquareRoot, lcm } from './integer.ts'
export {
  type BoxProgram,
  liesInPolytope,
  provesEmpty,
  provesMinimum,
  provesUnbounded
} from './linear-program/box-program.ts'
export { type BoxAnswer, feasibleInBox } from './linear-program/feasible-in-box.ts'
export { type MinimumAnswer, minimizeInBox } from './linear-program/minimize-in-box.ts'
export {
  columnMatrix,
  dot,
  type IntegerMatrix,
  integerMatrix,
  timesVector,
  transpose
} from './matrix/integer-matrix.ts'
export {
  type Definiteness,
  definiteness,
  type Inertia,
  inertiaOf,
  ldlt,
  quadraticForm,
  type SquareTerm
} from './matrix/ldlt.ts'
export {
  type ExactMatrix,
  type LimbMatrix,
  submatrix,
  toIntegerMatrix,
  toLimbMatrix
} from './matrix/limb-matrix.ts'
export { type LinearAnswer, solveLinear } from './matrix/linear-system.ts'
export { type NullSpace, nullSpace, rankOf } from './matrix/null-space.ts'
export { type OuterProductSums, outerProductSums } from './matrix/outer-product-sums.ts'
export { solveExactly } from './matrix/solve.ts'
export { type SquareSolution, solves } from './matrix/square-solution.ts'
export { type ModularPivots, pivotsModulo, residuesModulo } from './modular/elimination.ts'
export { centredResidue, inverseModulo, primeBelow } from './modular/prime-field.ts'
export * from './polynomial/index.ts'
export {
  add,
  compare,
  divide,
  equal,
  fromNumber,
  multiply,
  negate,
  one,
  type Rational,
  rational,
  ratioToNumber,
  sign,
  subtract,
  toNumber,
  toText,
  zero
} from './rational.ts'
export {
  entry,
  overCommonDenominator,
  type RationalVector,
  reduceVector,
  vectorToNumbers
} from './rational-vector.ts'
