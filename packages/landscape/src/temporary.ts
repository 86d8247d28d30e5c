import type { IntegerMatrix, RationalVector } from '@nadir/arithmetic'
export function feasibleInBox(
  _A: IntegerMatrix,
  _b: readonly bigint[],
  _l: readonly bigint[],
  _u: readonly bigint[]
): ({ kind: 'feasible' } & RationalVector) | { kind: 'infeasible'; certificate: readonly bigint[] } {
  throw new Error('later')
}
export function inertiaOf(_A: IntegerMatrix): { negative: number; negativeDirection?: readonly bigint[] } {
  throw new Error('later')
}
