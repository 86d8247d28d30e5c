import { type RationalVector, reduceVector } from '@nadir/arithmetic'
import { hiddenRows } from '../cells/configuration.ts'
import type { ExactPoint } from '../point.ts'
import type { OneHiddenLayer } from '../traits.ts'
import type { SnappedState } from './snap.ts'

/**
 * Parameters (w, b, v, c) of a snapped state with outgoing weights as close to given ones as 2^k / t with integers k, t allows (53 bits): w~_j = u_j / |v_j| then has a
 * denominator that is only a power of two longer than that of u. Rescaling a unit changes neither the network's function nor what kind of point it is.
 * Units with kappa_j = 0 keep the parameters of `original` and outgoing weight 0. Exact.
 */
export function settledPoint(
  view: OneHiddenLayer,
  snapped: SnappedState,
  kappa: Int8Array,
  outer: Float64Array,
  original: ExactPoint
): ExactPoint {
  const { units, width, hiddenBias, outputBias } = view
  const d = hiddenBias ? width - 1 : width
  const scales = Array.from({ length: units }, (_, j) => reciprocalScale(Math.abs(outer[j]!) || 1))
  const largest = Math.max(...scales.map((s) => s.exponent))
  const own = hiddenRows(view, original)
  const frozen = kappa.includes(0)
  const common = snapped.u.denominator << BigInt(largest)
  const denominator = frozen ? common * own.denominator : common
  const weights: bigint[] = []
  const biases: bigint[] = []
  for (let j = 0; j < units; j++) {
    const { t, exponent } = scales[j]!
    for (let k = 0; k < width; k++) {
      const value =
        kappa[j] === 0
          ? own.rows[j]![k]! * common
          : ((snapped.u.numerators[j * width + k]! * t) << BigInt(largest - exponent)) * (frozen ? own.denominator : 1n)
      if (k < d) weights.push(value)
      else biases.push(value)
    }
  }
  const product = scales.reduce((m, s) => m * s.t, 1n)
  const outgoing = reduceVector({
    denominator: product,
    numerators: scales.map((s, j) => (BigInt(kappa[j]!) << BigInt(s.exponent)) * (product / s.t))
  })
  const tensors: RationalVector[] = [{ denominator, numerators: weights }]
  if (hiddenBias) tensors.push({ denominator, numerators: biases })
  tensors.push(outgoing)
  if (outputBias) tensors.push(snapped.c)
  return { kind: 'exact', tensors }
}

/** The smallest k >= 0 (and its t) with |2^k / t - a| <= 2^-52 a. */
function reciprocalScale(a: number): { t: bigint; exponent: number } {
  for (let exponent = 0; ; exponent++) {
    const power = 2 ** exponent
    const t = Math.round(power / a)
    if (t >= 1 && (Math.abs(power / t - a) <= 2 ** -52 * a || t >= 2 ** 52)) return { t: BigInt(t), exponent }
    if (exponent >= 1000) return { t: 1n, exponent: 0 }
  }
}
