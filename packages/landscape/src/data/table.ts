import type { Rational } from '@nadir/arithmetic'

/** A table of exact numbers: `rows[i][k]` is the value of column `columns[k]` in data row i. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Rational[])[]
}
