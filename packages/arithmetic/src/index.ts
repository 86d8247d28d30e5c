export { parseExact } from './decimal.ts'
export { absolute, bitLength, gcd, integerSquareRoot, lcm } from './integer.ts'
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
