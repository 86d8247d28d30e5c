import { equal, fromNumber, multiply, one, overCommonDenominator, type Rational, toNumber } from '@nadir/arithmetic'
import type { Point } from '@nadir/landscape'
import { concatenated } from '../float-parameters.ts'

/** A parameter tensor of the file, row-major as the network stores it, times an exact factor (alpha or beta of Gemm). */
export interface ParameterTensor {
  readonly values: Float64Array
  readonly scale: Rational
}

/**
 * The point whose tensors these are, nothing rounded: doubles when every product with its factor is a double, else
 * rationals. `allDoubles` tells which.
 */
export function pointOf(tensors: readonly ParameterTensor[]): Point {
  const scaled = tensors.map(({ values, scale }) => {
    if (equal(scale, one)) return values
    const products = Array.from(values, (x) => multiply(fromNumber(x), scale))
    const rounded = Float64Array.from(products, toNumber)
    return products.every((p, i) => Number.isFinite(rounded[i]) && equal(p, fromNumber(rounded[i])))
      ? rounded
      : products
  })
  const doubles = scaled.filter((t): t is Float64Array => t instanceof Float64Array)
  if (doubles.length === scaled.length) return { kind: 'float', values: concatenated(doubles) }
  const exact = scaled.map((t) => overCommonDenominator(t instanceof Float64Array ? Array.from(t, fromNumber) : t))
  return { kind: 'exact', tensors: exact }
}
