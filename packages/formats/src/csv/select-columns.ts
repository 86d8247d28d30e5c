import type { Rational } from '@nadir/arithmetic'
import type { Table } from '@nadir/landscape'
import { InputError } from '../errors.ts'
import { withSuggestion } from '../suggestion.ts'

/** Which columns are predicted from which: names, and their values row by row. Exact. */
export interface SelectedColumns {
  readonly inputs: readonly string[]
  readonly targets: readonly string[]
  readonly X: readonly (readonly Rational[])[]
  readonly Y: readonly (readonly Rational[])[]
}

/** Targets (default: the last column) and inputs (default: all others), by name; `file` begins the line of an error. */
export interface ColumnChoice {
  readonly target?: readonly string[] | undefined
  readonly inputs?: readonly string[] | undefined
  readonly file?: string | undefined
}

/**
 * The inputs X and targets Y of a table, columns in the order in which they are named.
 * @throws InputError for an unknown name (listing the columns), a column named twice, and when no input is left
 */
export function selectColumns(table: Table, choice: ColumnChoice = {}): SelectedColumns {
  const { columns, rows } = table
  const prefix = choice.file === undefined ? '' : `${choice.file}: `
  const places = (names: readonly string[]): readonly number[] =>
    names.map((name, k) => {
      const place = columns.indexOf(name)
      if (place < 0) throw new InputError(prefix + withSuggestion(`no column "${name}"`, 'columns', name, columns))
      if (names.indexOf(name) !== k) throw new InputError(`${prefix}column "${name}" is named twice`)
      return place
    })
  const targets = places(choice.target ?? columns.slice(-1))
  const inputs = choice.inputs ? places(choice.inputs) : columns.flatMap((_, k) => (targets.includes(k) ? [] : [k]))
  const both = inputs.find((k) => targets.includes(k))
  if (both !== undefined) throw new InputError(`${prefix}column "${columns[both]}" is both an input and a target`)
  if (inputs.length === 0 || targets.length === 0)
    throw new InputError(`${prefix}${inputs.length === 0 ? 'no column is left as an input' : 'no target column'}`)
  const pick = (places: readonly number[]) => rows.map((row) => places.map((k) => row[k]))
  return {
    inputs: inputs.map((k) => columns[k]),
    targets: targets.map((k) => columns[k]),
    X: pick(inputs),
    Y: pick(targets)
  }
}
