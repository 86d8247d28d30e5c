import type { Budget } from '../budget.ts'
import { readCount, readFields, readList, readName } from '../form.ts'
import type { Json } from '../json.ts'
import { decline } from '../outcome.ts'
import { readVector, type Vector } from '../point.ts'
import { type Symmetry, symmetryNames } from './symmetries.ts'

/** The evidence of the rules kinks and kinks-span. */
export type KinksEvidence = {
  /** Hidden layer, unit, sample. */
  readonly kinks: readonly (readonly number[])[]
  readonly multipliers: Vector
  readonly frozen: readonly number[]
  /** For the rule kinks; for kinks-span, a second symmetric matrix as `inverse`. */
  readonly gauge:
    | { readonly kind: 'symmetries'; readonly symmetries: readonly Symmetry[] }
    | { readonly kind: 'span'; readonly flatInverse: Vector }
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

const shared = ['rule', 'kinks', 'multipliers', 'frozen', 'radii', 'inverse'] as const

const readShared = (fields: Readonly<Record<(typeof shared)[number], Json>>, where: string, budget: Budget) => ({
  kinks: readList(fields.kinks, `${where}.kinks`).map((item, k) => readTriple(item, `${where}.kinks[${k}]`)),
  multipliers: readVector(fields.multipliers, `${where}.multipliers`, budget),
  frozen: readList(fields.frozen, `${where}.frozen`).map((item) => readCount(item, `${where}.frozen`)),
  radii: readVector(fields.radii, `${where}.radii`, budget),
  inverse: readVector(fields.inverse, `${where}.inverse`, budget)
})

export const readKinks = (json: Json, where: string, budget: Budget): KinksEvidence => {
  const fields = readFields(json, where, [...shared, 'symmetries'] as const)
  const symmetries = readList(fields.symmetries, `${where}.symmetries`).map((item, k) =>
    readSymmetry(item, `${where}.symmetries[${k}]`)
  )
  return { ...readShared(fields, where, budget), gauge: { kind: 'symmetries', symmetries } }
}

export const readKinksSpan = (json: Json, where: string, budget: Budget): KinksEvidence => {
  const fields = readFields(json, where, [...shared, 'flatInverse'] as const)
  const flatInverse = readVector(fields.flatInverse, `${where}.flatInverse`, budget)
  return { ...readShared(fields, where, budget), gauge: { kind: 'span', flatInverse } }
}
