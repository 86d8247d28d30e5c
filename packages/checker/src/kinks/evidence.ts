import type { Budget } from '../budget.ts'
import { readCount, readFields, readList, readName } from '../form.ts'
import type { Json } from '../json.ts'
import { decline } from '../outcome.ts'
import { readVector, type Vector } from '../point.ts'
import { type Symmetry, symmetryNames } from './symmetries.ts'

/** The evidence of the rule kinks. */
export type KinksEvidence = {
  /** Hidden layer, unit, sample. */
  readonly kinks: readonly (readonly number[])[]
  readonly multipliers: Vector
  readonly frozen: readonly number[]
  readonly symmetries: readonly Symmetry[]
  readonly radii: Vector
  /** The lower triangle of a symmetric matrix, row by row. */
  readonly inverse: Vector
}

const readTriple = (json: Json, where: string): readonly number[] => {
  const triple = readList(json, where).map((item) => readCount(item, where))
  return triple.length === 3 ? triple : decline(`unreadable ${where}: expected a layer, a unit and a sample`)
}

const readSymmetry = (json: Json, where: string): Symmetry => {
  const [name, ...counts] = readList(json, where)
  if (name === undefined) return decline(`unreadable ${where}: expected a symmetry`)
  return { name: readName(name, where, symmetryNames), counts: counts.map((item) => readCount(item, where)) }
}

export const readKinks = (json: Json, where: string, budget: Budget): KinksEvidence => {
  const names = ['rule', 'kinks', 'multipliers', 'frozen', 'symmetries', 'radii', 'inverse'] as const
  const fields = readFields(json, where, names)
  return {
    kinks: readList(fields.kinks, `${where}.kinks`).map((item, k) => readTriple(item, `${where}.kinks[${k}]`)),
    multipliers: readVector(fields.multipliers, `${where}.multipliers`, budget),
    frozen: readList(fields.frozen, `${where}.frozen`).map((item) => readCount(item, `${where}.frozen`)),
    symmetries: readList(fields.symmetries, `${where}.symmetries`).map((item, k) =>
      readSymmetry(item, `${where}.symmetries[${k}]`)
    ),
    radii: readVector(fields.radii, `${where}.radii`, budget),
    inverse: readVector(fields.inverse, `${where}.inverse`, budget)
  }
}
