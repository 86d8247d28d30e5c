export { compareAlgebraic, rationalIfLinear, realRoots } from './algebraic-number.ts'
export { type CommonField, commonField, type Extension, extendField } from './common-field.ts'
export { decimalDigits, rationalDigits } from './decimal-digits.ts'
export {
  divideEnclosures,
  type Enclosure,
  encloseRationals,
  encloseValue,
  multiplyEnclosures,
  shrinkEnclosure,
  signOfEnclosure
} from './enclosure.ts'
export {
  type FieldInteger,
  fieldDegree,
  fieldIntegers,
  type NumberField,
  padCoordinates
} from './number-field.ts'
export { valueOfRationalFunction, valuePolynomial } from './rational-function-value.ts'
export {
  compareWithRational,
  encloseRoot,
  isRational,
  type RealAlgebraic,
  type Root,
  rationalRoot,
  refineRoot,
  signAtRoot,
  simplestRoot
} from './root.ts'
