import type { RationalVector } from '@nadir/arithmetic'
import type { ExactPoint } from '../point.ts'
import type { OneHiddenLayer } from '../traits.ts'

/** A direction in parameter space: the shape of a point. Exact. */
export type Direction = ExactPoint

/** The direction that is zero but for the given parts. `hidden` moves w~_j, `outer` v_j (one entry for each output), `bias` c. */
export function directionOf(
  view: OneHiddenLayer,
  parts: {
    readonly hidden?: { readonly unit: number; readonly change: RationalVector }
    readonly outer?: { readonly unit: number; readonly change: RationalVector }
    readonly bias?: RationalVector
  }
): Direction {
  const { units, outputs, width, hiddenBias, outputBias } = view
  const d = hiddenBias ? width - 1 : width
  const zeros = (count: number) => new Array<bigint>(count).fill(0n)
  const hiddenWeight = zeros(units * d)
  const hiddenShift = zeros(units)
  const outerWeight = zeros(outputs * units)
  if (parts.hidden) {
    const { unit, change } = parts.hidden
    for (let k = 0; k < d; k++) hiddenWeight[unit * d + k] = change.numerators[k]!
    if (hiddenBias) hiddenShift[unit] = change.numerators[d]!
  }
  if (parts.outer)
    for (let o = 0; o < outputs; o++) outerWeight[o * units + parts.outer.unit] = parts.outer.change.numerators[o]!
  const hiddenDenominator = parts.hidden?.change.denominator ?? 1n
  const tensors: RationalVector[] = [{ denominator: hiddenDenominator, numerators: hiddenWeight }]
  if (hiddenBias) tensors.push({ denominator: hiddenDenominator, numerators: hiddenShift })
  tensors.push({ denominator: parts.outer?.change.denominator ?? 1n, numerators: outerWeight })
  if (outputBias) tensors.push(parts.bias ?? { denominator: 1n, numerators: zeros(outputs) })
  return { kind: 'exact', tensors }
}
