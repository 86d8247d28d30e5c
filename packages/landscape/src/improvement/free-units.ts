import { type Rational, type RationalVector, rational, sign, zero } from '@nadir/arithmetic'
import { type Configuration, hiddenRows, tensorsOf } from '../cells/configuration.ts'
import type { ExactPoint } from '../point.ts'
import type { OneHiddenLayer } from '../traits.ts'

/** What the units of a point do on the data. All exact. */
export interface UnitDiagnosis {
  /** Output 0 on every sample. */
  readonly dead: readonly number[]
  /** Outgoing weight 0. */
  readonly silent: readonly number[]
  /** Same sign of the outgoing weight and no sample strictly on different sides: one unit can do the work of both. */
  readonly mergeable: readonly (readonly [number, number])[]
  readonly samplesOnKinks: number
}

export function diagnoseUnits(configuration: Configuration): UnitDiagnosis {
  const { view, activations, outer, signs } = configuration
  const n = view.samples
  const units = Array.from({ length: view.units }, (_, j) => j)
  const dead = units.filter((j) => {
    for (let i = 0; i < n; i++) if (activations.numerators[j * n + i] !== 0n) return false
    return true
  })
  const silent = units.filter((j) => outer[j]!.every((v) => sign(v) === 0))
  const mergeable: [number, number][] = []
  if (view.outputs === 1)
    for (const j of units)
      for (const k of units) {
        if (k <= j || dead.includes(j) || dead.includes(k)) continue
        if (sign(outer[j]![0]!) === 0 || sign(outer[j]![0]!) !== sign(outer[k]![0]!)) continue
        let apart = false
        for (let i = 0; i < n && !apart; i++) apart = signs[j * n + i]! * signs[k * n + i]! < 0
        if (!apart) mergeable.push([j, k])
      }
  let samplesOnKinks = 0
  for (let i = 0; i < n; i++) if (units.some((j) => signs[j * n + i] === 0)) samplesOnKinks++
  return { dead, silent, mergeable, samplesOnKinks }
}

/**
 * A point with the same outputs on the data in which unit `free` has outgoing weight 0 and may be used for anything: a dead or silent unit as it is,
 * or the second of two mergeable units after the first has taken over its work. Undefined when no unit can be freed. Exact.
 */
export function freeAUnit(
  configuration: Configuration
): { readonly point: ExactPoint; readonly free: number } | undefined {
  const { view, point, outer } = configuration
  if (view.outputs !== 1) return undefined
  const { dead, silent, mergeable } = diagnoseUnits(configuration)
  const idle = [...dead, ...silent][0]
  if (idle !== undefined) return { point: withUnit(view, point, idle, undefined), free: idle }
  const pair = mergeable[0]
  if (!pair) return undefined
  const [j, k] = pair
  // v_j h(z_j) + v_k h(z_k) = v_j h(z_j + (v_k / v_j) z_k): the slopes agree on every sample.
  const ratio = rational(
    outer[k]![0]!.numerator * outer[j]![0]!.denominator,
    outer[k]![0]!.denominator * outer[j]![0]!.numerator
  )
  const { denominator, rows } = hiddenRows(view, point)
  const merged: RationalVector = {
    denominator: denominator * ratio.denominator,
    numerators: rows[j]!.map((w, a) => w * ratio.denominator + rows[k]![a]! * ratio.numerator)
  }
  const moved = withUnit(view, point, j, { weights: merged, outer: outer[j]![0]! })
  return { point: withUnit(view, moved, k, undefined), free: k }
}

/** The point with unit j replaced by (w~, v), or its outgoing weight set to 0. One output. Exact. */
export function withUnit(
  view: OneHiddenLayer,
  point: ExactPoint,
  j: number,
  unit: { readonly weights: RationalVector; readonly outer: Rational } | undefined
): ExactPoint {
  const { width, hiddenBias, outputBias } = view
  const d = hiddenBias ? width - 1 : width
  const { hiddenWeight, hiddenBias: shift, outerWeight, outerBias } = tensorsOf(view, point)
  const tensors: RationalVector[] = []
  const replace = (v: RationalVector, from: number, by: RationalVector): RationalVector => {
    const denominator = v.denominator * by.denominator
    const numerators = v.numerators.map((a) => a * by.denominator)
    for (const [k, b] of by.numerators.entries()) numerators[from + k] = b * v.denominator
    return { denominator, numerators }
  }
  if (unit) {
    const { denominator, numerators } = unit.weights
    tensors.push(replace(hiddenWeight, j * d, { denominator, numerators: numerators.slice(0, d) }))
    if (hiddenBias && shift) tensors.push(replace(shift, j, { denominator, numerators: [numerators[d]!] }))
  } else {
    tensors.push(hiddenWeight)
    if (shift) tensors.push(shift)
  }
  const v = unit?.outer ?? zero
  tensors.push(replace(outerWeight, j, { denominator: v.denominator, numerators: [v.numerator] }))
  if (outputBias && outerBias) tensors.push(outerBias)
  return { kind: 'exact', tensors }
}
