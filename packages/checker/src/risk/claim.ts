import type { Budget } from '../budget.ts'
import { readBoolean, readCount, readFields, readList, readName, readObject, readRational } from '../form.ts'
import type { Json } from '../json.ts'
import { decline } from '../outcome.ts'
import { compare, type Rational } from '../rational.ts'
import type { Range } from './range.ts'

export type Unit = { readonly w: Rational; readonly b: Rational; readonly v: Rational }

/** The network c + sum of v max(w x + b, 0). */
export type Parameters = { readonly units: readonly Unit[]; readonly c: Rational }

export type FunctionType = 'local-minimum' | 'saddle' | 'degenerate'

type Common = { readonly type: FunctionType; readonly global: boolean; readonly c: Range; readonly risk: Range }

export type KinkedFunction = Common & {
  readonly form: 'right-kink' | 'left-kink'
  readonly kink: Range
  readonly slope: Range
}

/** A function of critical points, with the ranges in which its numbers lie. */
export type CriticalFunction =
  | (Common & { readonly form: 'constant' })
  | (Common & { readonly form: 'affine'; readonly slope: Range })
  | KinkedFunction

export type AffineFunction =
  | { readonly form: 'target' | 'constant'; readonly risk: Rational }
  | { readonly form: 'zigzag'; readonly kinks: number; readonly risk: Rational }

const pointKinds = ['value', 'not-critical', 'saddle', 'local-minimum', 'global-minimum'] as const

export type PointClaim = {
  readonly kind: (typeof pointKinds)[number]
  readonly parameters: Parameters
  readonly risk: Rational
}

export type RiskClaim =
  | { readonly kind: 'critical-functions'; readonly functions: readonly CriticalFunction[] }
  | { readonly kind: 'affine-critical-functions'; readonly functions: readonly AffineFunction[] }
  | {
      readonly kind: 'equal-risk-minima'
      readonly minima: readonly Parameters[]
      readonly better: Parameters
      readonly gap: Rational
      readonly delta: Rational
    }
  | PointClaim

export const readRange = (json: Json, where: string, budget: Budget): Range => {
  const ends = readList(json, where).map((item) => readRational(item, where, budget))
  if (ends.length !== 2 || compare(ends[0], ends[1]) > 0) {
    return decline(`unreadable ${where}: expected two rationals, the second not less than the first`)
  }
  return { lower: ends[0], upper: ends[1] }
}

const readUnit = (json: Json, where: string, budget: Budget): Unit => {
  const entries = readList(json, where).map((item) => readRational(item, where, budget))
  if (entries.length !== 3) return decline(`unreadable ${where}: expected w, b and v`)
  return { w: entries[0], b: entries[1], v: entries[2] }
}

const readParameters = (json: Json, where: string, budget: Budget): Parameters => {
  const fields = readFields(json, where, ['units', 'c'])
  return {
    units: readList(fields.units, `${where}.units`).map((item, j) => readUnit(item, `${where}.units[${j}]`, budget)),
    c: readRational(fields.c, `${where}.c`, budget)
  }
}

const formOf = <Form extends string>(json: Json, where: string, forms: readonly Form[]): Form =>
  readName(readObject(json, where).get('form') ?? null, `${where}.form`, forms)

const readCriticalFunction = (json: Json, where: string, budget: Budget): CriticalFunction => {
  const form = formOf(json, where, ['constant', 'affine', 'right-kink', 'left-kink'])
  const names = [
    ...['form', 'type', 'global', 'c', 'risk'],
    ...(form === 'constant' ? [] : ['slope']),
    ...(form === 'right-kink' || form === 'left-kink' ? ['kink'] : [])
  ]
  const fields = readFields<string>(json, where, names)
  const range = (name: string): Range => readRange(fields[name], `${where}.${name}`, budget)
  const common: Common = {
    type: readName(fields['type'], `${where}.type`, ['local-minimum', 'saddle', 'degenerate']),
    global: readBoolean(fields['global'], `${where}.global`),
    c: range('c'),
    risk: range('risk')
  }
  if (form === 'constant') return { form, ...common }
  if (form === 'affine') return { form, ...common, slope: range('slope') }
  return { form, ...common, slope: range('slope'), kink: range('kink') }
}

const readAffineFunction = (json: Json, where: string, budget: Budget): AffineFunction => {
  const form = formOf(json, where, ['target', 'constant', 'zigzag'])
  if (form !== 'zigzag') {
    const fields = readFields(json, where, ['form', 'risk'])
    return { form, risk: readRational(fields.risk, `${where}.risk`, budget) }
  }
  const fields = readFields(json, where, ['form', 'kinks', 'risk'])
  return {
    form,
    kinks: readCount(fields.kinks, `${where}.kinks`),
    risk: readRational(fields.risk, `${where}.risk`, budget)
  }
}

/** Reads a claim about a risk on an interval; declines whatever has not its form. */
export const readRiskClaim = (json: Json, budget: Budget): RiskClaim => {
  const kind = readName(readObject(json, 'claim').get('kind') ?? null, 'claim.kind', [
    'critical-functions',
    'affine-critical-functions',
    'equal-risk-minima',
    ...pointKinds
  ])
  if (kind === 'critical-functions' || kind === 'affine-critical-functions') {
    const list = readList(readFields(json, 'claim', ['kind', 'functions']).functions, 'claim.functions')
    return kind === 'critical-functions'
      ? { kind, functions: list.map((item, i) => readCriticalFunction(item, `claim.functions[${i}]`, budget)) }
      : { kind, functions: list.map((item, i) => readAffineFunction(item, `claim.functions[${i}]`, budget)) }
  }
  if (kind === 'equal-risk-minima') {
    const fields = readFields(json, 'claim', ['kind', 'minima', 'better', 'gap', 'delta'])
    return {
      kind,
      minima: readList(fields.minima, 'claim.minima').map((item, i) =>
        readParameters(item, `claim.minima[${i}]`, budget)
      ),
      better: readParameters(fields.better, 'claim.better', budget),
      gap: readRational(fields.gap, 'claim.gap', budget),
      delta: readRational(fields.delta, 'claim.delta', budget)
    }
  }
  const fields = readFields(json, 'claim', ['kind', 'parameters', 'risk'])
  return {
    kind,
    parameters: readParameters(fields.parameters, 'claim.parameters', budget),
    risk: readRational(fields.risk, 'claim.risk', budget)
  }
}
