import type { Budget } from '../budget.ts'
import { readFields, readIntegers, readList, readName, readObject, readRational } from '../form.ts'
import type { Json } from '../json.ts'
import { decline } from '../outcome.ts'
import type { Rational } from '../rational.ts'
import { readRange } from './claim.ts'
import type { Range } from './range.ts'
import type { Coefficients } from './roots.ts'

/** A polynomial with one root between two numbers: the common risk of several functions. */
export type Tie = { readonly polynomial: Coefficients; readonly between: Range }

export type RiskEvidence =
  | { readonly rule: 'kink-equations'; readonly tie: Tie | undefined }
  | { readonly rule: 'equal-risks'; readonly roots: readonly Rational[] }
  | {
      readonly rule: 'affine-target' | 'integrals' | 'gradient' | 'zero-risk' | 'affine-point' | 'one-live-unit'
    }

const plainRules = ['affine-target', 'integrals', 'gradient', 'zero-risk', 'affine-point', 'one-live-unit'] as const

const readTie = (json: Json, where: string, budget: Budget): Tie => {
  const fields = readFields(json, where, ['polynomial', 'between'])
  const polynomial = readIntegers(fields.polynomial, `${where}.polynomial`, budget)
  if (polynomial.length === 0 || polynomial[polynomial.length - 1] === 0n) {
    return decline(`unreadable ${where}.polynomial: expected a last coefficient that is not 0`)
  }
  return { polynomial, between: readRange(fields.between, `${where}.between`, budget) }
}

/** Reads the evidence for a claim about a risk on an interval; declines whatever has not its form. */
export const readRiskEvidence = (json: Json, budget: Budget): RiskEvidence => {
  const where = 'proof.evidence'
  const object = readObject(json, where)
  const rule = readName(object.get('rule') ?? null, `${where}.rule`, ['kink-equations', 'equal-risks', ...plainRules])
  if (rule === 'kink-equations') {
    if (!object.has('tie')) {
      readFields(json, where, ['rule'])
      return { rule, tie: undefined }
    }
    const { tie } = readFields(json, where, ['rule', 'tie'])
    return { rule, tie: readTie(tie, `${where}.tie`, budget) }
  }
  if (rule === 'equal-risks') {
    const { roots } = readFields(json, where, ['rule', 'roots'])
    return {
      rule,
      roots: readList(roots, `${where}.roots`).map((item) => readRational(item, `${where}.roots`, budget))
    }
  }
  readFields(json, where, ['rule'])
  return { rule }
}
