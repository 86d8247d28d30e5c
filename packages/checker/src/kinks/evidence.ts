import type { Budget } from '../budget.ts'
import { readCount, readFields, readList, readName, readRational } from '../form.ts'
import type { Json } from '../json.ts'
import { decline } from '../outcome.ts'
import { readVector, type Vector } from '../point.ts'
import type { Dependent } from './dependent.ts'
import { type Symmetry, symmetryNames } from './symmetries.ts'
import type { Valley } from './valleys.ts'

/** The evidence of the rules kinks, kinks-span, kinks-valleys and kinks-dependent. */
export type KinksEvidence = {
  /** Hidden layer, unit, sample. */
  readonly kinks: readonly (readonly number[])[]
  readonly multipliers: Vector
  readonly frozen: readonly number[]
  /** For kinks-dependent only. */
  readonly dependent?: readonly Dependent[]
  /** For the rules kinks and kinks-dependent; for kinks-span, a second symmetric matrix as `inverse`; for kinks-valleys. */
  readonly gauge:
    | { readonly kind: 'symmetries'; readonly symmetries: readonly Symmetry[] }
    | { readonly kind: 'span'; readonly flatInverse: Vector }
    | { readonly kind: 'valleys'; readonly symmetries: readonly Symmetry[]; readonly valleys: readonly Valley[] }
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

const readSymmetries = (json: Json, where: string): readonly Symmetry[] =>
  readList(json, where).map((item, k) => readSymmetry(item, `${where}[${k}]`))

const readCounts = (json: Json, where: string): readonly number[] =>
  readList(json, where).map((item) => readCount(item, where))

const readPair = (json: Json, where: string): readonly number[] => {
  const pair = readCounts(json, where)
  return pair.length === 2 ? pair : decline(`unreadable ${where}: expected a group and a sample`)
}

const readValley = (json: Json, where: string): Valley => {
  const names = ['kind', 'layer', 'parameters', 'exceptions', 'rows'] as const
  const fields = readFields(json, where, names)
  return {
    kind: readName(fields.kind, `${where}.kind`, ['own', 'through'] as const),
    layer: readCount(fields.layer, `${where}.layer`),
    parameters: readCounts(fields.parameters, `${where}.parameters`),
    exceptions: readCounts(fields.exceptions, `${where}.exceptions`),
    rows: readList(fields.rows, `${where}.rows`).map((item, k) => readPair(item, `${where}.rows[${k}]`))
  }
}

export const readKinks = (json: Json, where: string, budget: Budget): KinksEvidence => {
  const fields = readFields(json, where, [...shared, 'symmetries'] as const)
  const symmetries = readSymmetries(fields.symmetries, `${where}.symmetries`)
  return { ...readShared(fields, where, budget), gauge: { kind: 'symmetries', symmetries } }
}

export const readKinksValleys = (json: Json, where: string, budget: Budget): KinksEvidence => {
  const fields = readFields(json, where, [...shared, 'symmetries', 'valleys'] as const)
  const symmetries = readSymmetries(fields.symmetries, `${where}.symmetries`)
  const valleys = readList(fields.valleys, `${where}.valleys`).map((item, k) =>
    readValley(item, `${where}.valleys[${k}]`)
  )
  return { ...readShared(fields, where, budget), gauge: { kind: 'valleys', symmetries, valleys } }
}

const readDependent = (json: Json, where: string, budget: Budget): Dependent => {
  const fields = readFields(json, where, ['kink', 'combination', 'multiplier'])
  return {
    kink: readTriple(fields.kink, `${where}.kink`),
    combination: readVector(fields.combination, `${where}.combination`, budget),
    multiplier: readRational(fields.multiplier, `${where}.multiplier`, budget)
  }
}

export const readKinksDependent = (json: Json, where: string, budget: Budget): KinksEvidence => {
  const fields = readFields(json, where, [...shared, 'symmetries', 'dependent'] as const)
  const symmetries = readSymmetries(fields.symmetries, `${where}.symmetries`)
  const dependent = readList(fields.dependent, `${where}.dependent`).map((item, k) =>
    readDependent(item, `${where}.dependent[${k}]`, budget)
  )
  return { ...readShared(fields, where, budget), gauge: { kind: 'symmetries', symmetries }, dependent }
}

export const readKinksSpan = (json: Json, where: string, budget: Budget): KinksEvidence => {
  const fields = readFields(json, where, [...shared, 'flatInverse'] as const)
  const flatInverse = readVector(fields.flatInverse, `${where}.flatInverse`, budget)
  return { ...readShared(fields, where, budget), gauge: { kind: 'span', flatInverse } }
}
