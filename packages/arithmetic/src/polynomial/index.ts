export { type Coefficients, degree, homogeneousValue, signAtRational, trim } from './coefficients.ts'
export { type Cell, isolateRoots, rootBound, signVariations } from './descartes.ts'
export {
  coprimeModuloPrime,
  divideOut,
  type PolynomialFactor,
  polynomialGcd,
  pseudoDivide,
  removeRoot,
  squarefreeFactors,
  squarefreePart
} from './division.ts'
export { integers, type OrderedDomain } from './ordered-domain.ts'
export { type Polynomial, type PolynomialRing, polynomialsOver, rationalPolynomials } from './polynomial.ts'
export { interpolate, resultant, valueAt } from './resultant.ts'
export { ceilingOf, floorOf, shortDyadic } from './short-dyadic.ts'
export { countRoots, signChanges, sturmChain } from './sturm.ts'
