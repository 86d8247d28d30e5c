import type { Budget } from './budget.ts'
import { readCount, readFields, readList, readObject } from './form.ts'
import type { Json } from './json.ts'
import { decline } from './outcome.ts'
import { type Point, readPoint, readVector, type Vector } from './point.ts'

const greatestPower = 64

/** theta(t) = theta + sum of t^power * direction; powers from 1 to 64, ascending. */
export type Curve = readonly { readonly power: number; readonly direction: Point }[]

/** As many pivots (samples) as functions; a function has one entry for each sample. */
export type Span = { readonly pivots: readonly number[]; readonly functions: readonly Vector[] }

/** The spans of the two-slope layers, from the last to the first. */
export type PathSpan = { readonly spans: readonly Span[]; readonly subgradients: Vector | undefined }

export const readCurve = (json: Json, where: string, budget: Budget): Curve => {
  const pairs = readList(json, where).map((item, index) => {
    const pair = readList(item, `${where}[${index}]`)
    if (pair.length !== 2) return decline(`unreadable ${where}[${index}]: expected a power and a direction`)
    return { power: readCount(pair[0], where), direction: readPoint(pair[1], `${where}[${index}]`, budget) }
  })
  if (pairs.length === 0) return decline(`unreadable ${where}: expected at least one pair`)
  for (const [index, { power }] of pairs.entries()) {
    const least = index === 0 ? 1 : pairs[index - 1].power + 1
    if (power < least || power > greatestPower) {
      return decline(`unreadable ${where}[${index}]: expected a power from ${least} to ${greatestPower}`)
    }
  }
  return pairs
}

/** Reads an object with these fields and, where it is there, a vector `subgradients`. */
export const readWithSubgradients = <Name extends string>(
  json: Json,
  where: string,
  names: readonly Name[],
  budget: Budget
): { readonly fields: Readonly<Record<Name, Json>>; readonly subgradients: Vector | undefined } => {
  const given = readObject(json, where).get('subgradients')
  const fields = readFields<Name | 'subgradients'>(
    json,
    where,
    given === undefined ? names : [...names, 'subgradients']
  )
  return { fields, subgradients: given === undefined ? undefined : readVector(given, `${where}.subgradients`, budget) }
}

const readSpan = (json: Json, where: string, budget: Budget): Span => {
  const fields = readFields(json, where, ['pivots', 'functions'])
  return {
    pivots: readList(fields.pivots, `${where}.pivots`).map((item) => readCount(item, `${where}.pivots`)),
    functions: readList(fields.functions, `${where}.functions`).map((item, index) =>
      readVector(item, `${where}.functions[${index}]`, budget)
    )
  }
}

export const readSpans = (json: Json, where: string, budget: Budget): readonly Span[] =>
  readList(json, where).map((item, index) => readSpan(item, `${where}[${index}]`, budget))

export const readPathSpan = (json: Json, where: string, budget: Budget): PathSpan => {
  const { fields, subgradients } = readWithSubgradients(json, where, ['rule', 'spans'], budget)
  return { spans: readSpans(fields.spans, `${where}.spans`, budget), subgradients }
}
