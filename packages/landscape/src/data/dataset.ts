import { overCommonDenominator, type Rational, type RationalVector, toNumber, vectorToNumbers } from '@nadir/arithmetic'

/** Samples (x_i, y_i), exact, with their nearest doubles beside them. All matrices row-major, one row for each sample. */
export interface Dataset {
  readonly samples: number
  readonly inputCount: number
  readonly targetCount: number
  /** n x d and n x m, each over one common denominator. Exact. */
  readonly inputs: RationalVector
  readonly targets: RationalVector
  /** The same, rounded to the nearest double. Approximate. */
  readonly approximateInputs: Float64Array
  readonly approximateTargets: Float64Array
}

/** @throws RangeError when there is no sample, or rows differ in length */
export function dataset(X: readonly (readonly Rational[])[], Y: readonly (readonly Rational[])[]): Dataset {
  if (X.length === 0 || X.length !== Y.length) throw new RangeError(`dataset: ${X.length} inputs, ${Y.length} targets`)
  const inputCount = X[0]!.length
  const targetCount = Y[0]!.length
  if (X.some((row) => row.length !== inputCount) || Y.some((row) => row.length !== targetCount))
    throw new RangeError('dataset: rows of different lengths')
  const inputs = overCommonDenominator(X.flat())
  const targets = overCommonDenominator(Y.flat())
  return {
    samples: X.length,
    inputCount,
    targetCount,
    inputs,
    targets,
    approximateInputs: inputs.denominator === 1n ? vectorToNumbers(inputs) : Float64Array.from(X.flat(), toNumber),
    approximateTargets: targets.denominator === 1n ? vectorToNumbers(targets) : Float64Array.from(Y.flat(), toNumber)
  }
}
