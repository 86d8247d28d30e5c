import {
  add,
  negate,
  one,
  overCommonDenominator,
  type Rational,
  type RationalVector,
  subtract,
  zero
} from '@nadir/arithmetic'
import { relu } from '../../network/activation.ts'
import type { Layer, Network } from '../../network/network.ts'
import type { ExactPoint } from '../../point.ts'
import type { MaxMinForm } from './max-min-form.ts'
import { coefficients } from './piecewise-linear.ts'

/** An affine function of what the layer before gives: its coefficients, then the constant. */
type Row = readonly Rational[]

const difference = (a: Row, b: Row): Row => a.map((entry, k) => subtract(entry, b[k]!))
const opposite = (a: Row): Row => a.map(negate)

/**
 * A network of rectifiers that computes a max-min form everywhere: in every hidden layer the pieces of every set are halved by min(a, b) = a - (a - b)_+, then the
 * sets by max(a, b) = a + (b - a)_+, with a = (a)_+ - (-a)_+: three units for a pair, two for one that is left over. Exact.
 */
export function maxMinNetwork({ pieces, sets }: MaxMinForm): { readonly network: Network; readonly point: ExactPoint } {
  const inputs = pieces[0]!.numerators.length - 1
  const layers: Layer[] = []
  const tensors: RationalVector[] = []
  const addLayer = (rows: readonly Row[]): void => {
    layers.push({ kind: 'dense', outputs: rows.length, bias: true })
    tensors.push(
      overCommonDenominator(rows.flatMap((row) => row.slice(0, -1))),
      overCommonDenominator(rows.map((row) => row.at(-1)!))
    )
  }
  let groups: readonly (readonly Row[])[] = sets.map((set) => set.map((j) => coefficients(pieces[j]!)))
  let side: 'min' | 'max' = 'min'
  while (groups.length > 1 || groups[0]!.length > 1) {
    if (groups.every((group) => group.length === 1)) {
      groups = [groups.flat()]
      side = 'max'
    }
    const units: Row[] = []
    const plans = groups.map((group) =>
      Array.from({ length: Math.ceil(group.length / 2) }, (_, k) => {
        const [a, b] = [group[2 * k]!, group[2 * k + 1]]
        const start = units.length
        units.push(a, opposite(a))
        if (b) units.push(side === 'min' ? difference(a, b) : difference(b, a))
        return { start, isPair: b !== undefined }
      })
    )
    addLayer(units)
    layers.push({ kind: 'activation', activation: relu })
    const bend = side === 'min' ? negate(one) : one
    groups = plans.map((plan) =>
      plan.map(({ start, isPair }) => {
        const row = new Array<Rational>(units.length + 1).fill(zero)
        row[start] = one
        row[start + 1] = negate(one)
        if (isPair) row[start + 2] = add(row[start + 2]!, bend)
        return row
      })
    )
  }
  addLayer([groups[0]![0]!])
  return { network: { inputs: [inputs], layers }, point: { kind: 'exact', tensors } }
}
