import { sign } from '@nadir/arithmetic'
import type { Configuration } from '../cells/configuration.ts'
import type { UnitForm } from '../cells/kink-classes.ts'
import type { HomogeneousForm } from './one-sided-slopes.ts'

/** The scalar form q_j of unit j, up to a positive factor `multiple`: weights sign(v_j) for one output, v_j else. */
export function scalarForm(
  configuration: Configuration,
  j: number,
  form: UnitForm
): HomogeneousForm & { multiple: bigint } {
  const v = configuration.outer[j]!
  let multiple = 1n
  let weights: bigint[]
  if (v.length === 1) weights = [BigInt(sign(v[0]!))]
  else {
    for (const a of v) multiple *= a.denominator
    weights = v.map((a) => a.numerator * (multiple / a.denominator))
  }
  const combine = (values: readonly bigint[]) => values.reduce((sum, a, o) => sum + a * weights[o]!, 0n)
  return {
    multiple,
    constant: form.constant[0]!.map((_, k) => combine(form.constant.map((c) => c[k]!))),
    terms: form.classes.map((c) => ({ vector: c.vector, left: combine(c.left), right: combine(c.right) }))
  }
}
