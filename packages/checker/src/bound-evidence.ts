import type { Budget } from './budget.ts'
import { readCount, readFields, readInteger, readList, readPositive, readRational } from './form.ts'
import { isObject, type Json } from './json.ts'
import { decline } from './outcome.ts'
import { type Point, readPoint, readVector, type Vector } from './point.ts'
import type { Rational } from './rational.ts'

/** A cut of a cone through two of its generators, at alpha g_first + beta g_second. */
export type Split = {
  readonly kind: 'split'
  readonly unit: number
  readonly first: number
  readonly second: number
  readonly alpha: bigint
  readonly beta: bigint
}

/** Nodes in preorder. */
export type ConeNode = Split | { readonly kind: 'leaf'; readonly vector: readonly bigint[] }
export type ConeTree = { readonly denominator: bigint; readonly nodes: readonly ConeNode[] }
export type RegionNode = Split | { readonly kind: 'leaf'; readonly coefficients: Vector }

export type DualBound = {
  readonly rule: 'dual-bound'
  readonly dual: Vector
  readonly above: ConeTree
  readonly below: ConeTree
}

export type BoxTree = {
  readonly rule: 'box-tree'
  readonly low: Point
  readonly high: Point
  /** 0 for a leaf, else the number of the parameter whose interval is halved, from 1. */
  readonly splits: readonly number[]
}

export type RankBound = {
  readonly rule: 'rank-bound'
  readonly map: Vector
  readonly shift: Rational
  readonly excess: Vector
}

export type LinearDual = {
  readonly rule: 'linear-dual'
  /** The numbers of a sample, one for each output, after those of the sample before it. */
  readonly dual: Vector
}

export type BoundEvidence =
  | DualBound
  | { readonly rule: 'pattern-tree'; readonly nodes: readonly RegionNode[] }
  | BoxTree
  | RankBound
  | LinearDual

export const boundRules = ['dual-bound', 'pattern-tree', 'box-tree', 'rank-bound', 'linear-dual'] as const

/** A split written as counts, as many as asked for, and two positive integers. */
const readSplit = (items: readonly Json[], where: string, counts: number, budget: Budget): Split => {
  if (items.length !== counts + 2) return decline(`unreadable ${where}: expected ${counts} counts and two integers`)
  const numbers = items.slice(0, counts).map((item) => readCount(item, where))
  return {
    kind: 'split',
    unit: counts === 3 ? numbers[0] : 0,
    first: numbers[counts - 2],
    second: numbers[counts - 1],
    alpha: readPositive(items[counts], where, budget),
    beta: readPositive(items[counts + 1], where, budget)
  }
}

const readConeTree = (json: Json, where: string, budget: Budget): ConeTree => {
  const fields = readFields(json, where, ['denominator', 'nodes'])
  const nodes = readList(fields.nodes, `${where}.nodes`).map((item, index): ConeNode => {
    const at = `${where}.nodes[${index}]`
    const items = readList(item, at)
    if (typeof items[0] === 'number') return readSplit(items, at, 2, budget)
    return { kind: 'leaf', vector: items.map((entry) => readInteger(entry, at, budget)) }
  })
  return { denominator: readPositive(fields.denominator, `${where}.denominator`, budget), nodes }
}

const readRegionNodes = (json: Json, where: string, budget: Budget): readonly RegionNode[] =>
  readList(json, where).map((item, index): RegionNode => {
    const at = `${where}[${index}]`
    if (isObject(item)) return { kind: 'leaf', coefficients: readVector(item, at, budget) }
    return readSplit(readList(item, at), at, 3, budget)
  })

/** Reads the evidence of one of the rules for lower bounds; declines whatever has not its form. */
export const readBoundEvidence = (
  json: Json,
  where: string,
  rule: BoundEvidence['rule'],
  budget: Budget
): BoundEvidence => {
  switch (rule) {
    case 'dual-bound': {
      const fields = readFields(json, where, ['rule', 'dual', 'above', 'below'])
      return {
        rule,
        dual: readVector(fields.dual, `${where}.dual`, budget),
        above: readConeTree(fields.above, `${where}.above`, budget),
        below: readConeTree(fields.below, `${where}.below`, budget)
      }
    }
    case 'pattern-tree': {
      const fields = readFields(json, where, ['rule', 'nodes'])
      return { rule, nodes: readRegionNodes(fields.nodes, `${where}.nodes`, budget) }
    }
    case 'box-tree': {
      const fields = readFields(json, where, ['rule', 'low', 'high', 'splits'])
      return {
        rule,
        low: readPoint(fields.low, `${where}.low`, budget),
        high: readPoint(fields.high, `${where}.high`, budget),
        splits: readList(fields.splits, `${where}.splits`).map((item) => readCount(item, `${where}.splits`))
      }
    }
    case 'linear-dual':
      return { rule, dual: readVector(readFields(json, where, ['rule', 'dual']).dual, `${where}.dual`, budget) }
    case 'rank-bound': {
      const fields = readFields(json, where, ['rule', 'map', 'shift', 'excess'])
      return {
        rule,
        map: readVector(fields.map, `${where}.map`, budget),
        shift: readRational(fields.shift, `${where}.shift`, budget),
        excess: readVector(fields.excess, `${where}.excess`, budget)
      }
    }
  }
}
