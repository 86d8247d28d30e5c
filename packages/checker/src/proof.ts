import { type BoundEvidence, boundRules, readBoundEvidence } from './bound-evidence.ts'
import type { Budget } from './budget.ts'
import {
  type Curve,
  type PathSpan,
  readCurve,
  readPathSpan,
  readSpans,
  readWithSubgradients,
  type Span
} from './deep-evidence.ts'
import {
  readCount,
  readFields,
  readInteger,
  readIntegers,
  readList,
  readName,
  readObject,
  readPositive,
  readText
} from './form.ts'
import { isList, type Json } from './json.ts'
import { type KinksEvidence, readKinks, readKinksDependent, readKinksSpan, readKinksValleys } from './kinks/evidence.ts'
import type { MovedEvidence } from './moved/moved-targets.ts'
import type { SaddleEvidence } from './nearby/contraction-saddle.ts'
import type { SplitEvidence } from './nearby/split.ts'
import { decline } from './outcome.ts'
import { type Point, readPoint, readVector, type Vector } from './point.ts'

/** A slope numerator / denominator of the table, or one for each output. */
export type RowEntry = { readonly sample: number; readonly slope: bigint | readonly bigint[] }

export type Slopes = {
  readonly denominator: bigint
  /** For each hidden unit, its rows. */
  readonly units: readonly (readonly (readonly RowEntry[])[])[]
  readonly subgradients: Vector | undefined
}

/** Slopes of the last two-slope layer, and why they balance whatever the layers below become. */
export type LastLayer = {
  readonly slopes: Slopes
  /** Pairs of a sample and an earlier one whose arguments are, in every unit, a multiple of its. */
  readonly parallel: readonly (readonly [number, number])[]
  readonly multiples: Vector
  readonly spans: readonly Span[]
}

/** The evidence of a rule that proves a local minimum. */
export type MinimumEvidence =
  | { readonly rule: 'first-order'; readonly slopes: Slopes }
  | { readonly rule: 'path-span' | 'affine-segment'; readonly pathSpan: PathSpan }
  | { readonly rule: 'last-layer'; readonly lastLayer: LastLayer }
  | { readonly rule: 'constant-output' }

export type Evidence =
  | { readonly rule: 'evaluation' | 'enclosure' | 'zero-loss' | 'same-input-bound' | 'zero-derivative' | 'separation' }
  | { readonly rule: 'affine-fit'; readonly subgradients: Vector | undefined }
  | { readonly rule: 'descent-direction' | 'enclosed-slope'; readonly direction: Point }
  | { readonly rule: 'descent-curve'; readonly curve: Curve }
  | { readonly rule: 'saddle'; readonly stationarity: Slopes; readonly descent: Point; readonly ascent: Point }
  | { readonly rule: 'differentiable-saddle'; readonly descent: Curve; readonly ascent: Curve }
  | { readonly rule: 'kink-saddle'; readonly gates: Vector; readonly descent: Curve; readonly ascent: Curve }
  | { readonly rule: 'contraction'; readonly factor: readonly Vector[] }
  | ({ readonly rule: 'contraction-saddle' } & SaddleEvidence)
  | ({ readonly rule: 'moved-targets' } & MovedEvidence)
  | ({ readonly rule: 'split' | 'split-saddle' } & SplitEvidence)
  | { readonly rule: 'better-point'; readonly minimum: MinimumEvidence }
  | { readonly rule: 'kinks' | 'kinks-span' | 'kinks-valleys' | 'kinks-dependent'; readonly kinks: KinksEvidence }
  | MinimumEvidence
  | BoundEvidence

/** Digests are the 71 characters `sha256:...`. */
export type Sealed<Form> = { readonly problem: string; readonly claim: string; readonly evidence: Form }

const minimumRules = ['first-order', 'path-span', 'affine-segment', 'last-layer', 'constant-output'] as const

const rules = [
  'evaluation',
  'enclosure',
  'zero-derivative',
  'separation',
  'enclosed-slope',
  'descent-direction',
  'descent-curve',
  'zero-loss',
  'same-input-bound',
  'affine-fit',
  'saddle',
  'differentiable-saddle',
  'kink-saddle',
  'contraction',
  'contraction-saddle',
  'moved-targets',
  'split',
  'split-saddle',
  'better-point',
  'kinks',
  'kinks-span',
  'kinks-valleys',
  'kinks-dependent',
  ...minimumRules,
  ...boundRules
] as const

const readPair = (json: Json, where: string): readonly [number, number] => {
  const counts = readList(json, where).map((entry) => readCount(entry, where))
  return counts.length === 2 ? [counts[0], counts[1]] : decline(`unreadable ${where}: expected two counts`)
}

const readRowEntry = (json: Json, where: string, budget: Budget): RowEntry => {
  const pair = readList(json, where)
  if (pair.length !== 2) return decline(`unreadable ${where}: expected a sample and a slope`)
  const sample = readCount(pair[0], where)
  const slope = isList(pair[1]) ? readIntegers(pair[1], where, budget) : readInteger(pair[1], where, budget)
  return { sample, slope }
}

/** Reads the fields `denominator`, `slopes` and perhaps `subgradients` of an object that may carry `others` too. */
const readSlopes = (json: Json, where: string, others: readonly string[], budget: Budget): Slopes => {
  const optional = readObject(json, where).has('subgradients') ? ['subgradients'] : []
  const fields = readFields<string>(json, where, ['denominator', 'slopes', ...optional, ...others])
  const units = readList(fields['slopes'], `${where}.slopes`).map((unit, index) => {
    const unitWhere = `${where}.slopes[${index}]`
    return readList(unit, unitWhere).map((row) =>
      readList(row, unitWhere).map((entry) => readRowEntry(entry, unitWhere, budget))
    )
  })
  return {
    denominator: readPositive(fields['denominator'], `${where}.denominator`, budget),
    units,
    subgradients: optional.length > 0 ? readVector(fields['subgradients'], `${where}.subgradients`, budget) : undefined
  }
}

const readLastLayer = (json: Json, where: string, budget: Budget): LastLayer => {
  const others = ['parallel', 'multiples', 'spans'] as const
  const slopes = readSlopes(json, where, ['rule', ...others], budget)
  const [parallel, multiples, spans] = others.map((name) => readObject(json, where).get(name) ?? null)
  return {
    slopes,
    parallel: readList(parallel, `${where}.parallel`).map((pair) => readPair(pair, `${where}.parallel`)),
    multiples: readVector(multiples, `${where}.multiples`, budget),
    spans: readSpans(spans, `${where}.spans`, budget)
  }
}

const readMinimum = (json: Json, where: string, rule: MinimumEvidence['rule'], budget: Budget): MinimumEvidence => {
  switch (rule) {
    case 'first-order':
      return { rule, slopes: readSlopes(json, where, ['rule'], budget) }
    case 'path-span':
    case 'affine-segment':
      return { rule, pathSpan: readPathSpan(json, where, budget) }
    case 'last-layer':
      return { rule, lastLayer: readLastLayer(json, where, budget) }
    case 'constant-output':
      readFields(json, where, ['rule'])
      return { rule }
  }
}

/** Reads the evidence for a claim about a point; declines whatever has not its form. */
export const readEvidence = (json: Json, budget: Budget): Evidence => {
  const where = 'proof.evidence'
  const rule = readName(readObject(json, where).get('rule') ?? null, `${where}.rule`, rules)
  switch (rule) {
    case 'evaluation':
    case 'enclosure':
    case 'zero-derivative':
    case 'zero-loss':
    case 'same-input-bound':
    case 'separation':
      readFields(json, where, ['rule'])
      return { rule }
    case 'kinks':
      return { rule, kinks: readKinks(json, where, budget) }
    case 'kinks-span':
      return { rule, kinks: readKinksSpan(json, where, budget) }
    case 'kinks-valleys':
      return { rule, kinks: readKinksValleys(json, where, budget) }
    case 'kinks-dependent':
      return { rule, kinks: readKinksDependent(json, where, budget) }
    case 'descent-direction':
    case 'enclosed-slope': {
      const fields = readFields(json, where, ['rule', 'direction'])
      return { rule, direction: readPoint(fields.direction, `${where}.direction`, budget) }
    }
    case 'descent-curve': {
      const fields = readFields(json, where, ['rule', 'curve'])
      return { rule, curve: readCurve(fields.curve, `${where}.curve`, budget) }
    }
    case 'affine-fit':
      return { rule, subgradients: readWithSubgradients(json, where, ['rule'], budget).subgradients }
    case 'first-order':
    case 'path-span':
    case 'affine-segment':
    case 'last-layer':
    case 'constant-output':
      return readMinimum(json, where, rule, budget)
    case 'differentiable-saddle': {
      const fields = readFields(json, where, ['rule', 'descent', 'ascent'])
      return {
        rule,
        descent: readCurve(fields.descent, `${where}.descent`, budget),
        ascent: readCurve(fields.ascent, `${where}.ascent`, budget)
      }
    }
    case 'kink-saddle': {
      const fields = readFields(json, where, ['rule', 'gates', 'descent', 'ascent'])
      return {
        rule,
        gates: readVector(fields.gates, `${where}.gates`, budget),
        descent: readCurve(fields.descent, `${where}.descent`, budget),
        ascent: readCurve(fields.ascent, `${where}.ascent`, budget)
      }
    }
    case 'saddle': {
      const fields = readFields(json, where, ['rule', 'stationarity', 'descent', 'ascent'])
      return {
        rule,
        stationarity: readSlopes(fields.stationarity, `${where}.stationarity`, [], budget),
        descent: readPoint(fields.descent, `${where}.descent`, budget),
        ascent: readPoint(fields.ascent, `${where}.ascent`, budget)
      }
    }
    case 'contraction': {
      const fields = readFields(json, where, ['rule', 'factor'])
      return { rule, factor: readPoint(fields.factor, `${where}.factor`, budget) }
    }
    case 'moved-targets': {
      const others = readObject(json, where).has('frame') ? ['frame', 'negative'] : []
      const fields = readFields<string>(json, where, ['rule', 'idle', 'scaled', 'factor', ...others])
      const counts = (name: string) =>
        readList(fields[name], `${where}.${name}`).map((entry) => readCount(entry, `${where}.${name}`))
      const second = others.length > 0 && {
        frame: readPoint(fields['frame'], `${where}.frame`, budget),
        negative: readCount(fields['negative'], `${where}.negative`)
      }
      return {
        rule,
        idle: counts('idle'),
        scaled: counts('scaled'),
        factor: readPoint(fields['factor'], `${where}.factor`, budget),
        second: second || undefined
      }
    }
    case 'contraction-saddle': {
      const others = readObject(json, where).has('direction') ? ['direction'] : []
      const fields = readFields<string>(json, where, ['rule', 'asleep', 'frame', 'negative', ...others])
      return {
        rule,
        asleep: readList(fields['asleep'], `${where}.asleep`).map((entry) => readPair(entry, `${where}.asleep`)),
        frame: readPoint(fields['frame'], `${where}.frame`, budget),
        negative: readCount(fields['negative'], `${where}.negative`),
        direction: others.length > 0 ? readPoint(fields['direction'], `${where}.direction`, budget) : undefined
      }
    }
    case 'split':
    case 'split-saddle': {
      const others = rule === 'split' ? [] : ['direction']
      const fields = readFields<string>(json, where, ['rule', 'units', 'factor', ...others])
      return {
        rule,
        units: readPair(fields['units'], `${where}.units`),
        factor: readPoint(fields['factor'], `${where}.factor`, budget),
        direction: rule === 'split' ? undefined : readVector(fields['direction'], `${where}.direction`, budget)
      }
    }
    case 'dual-bound':
    case 'pattern-tree':
    case 'box-tree':
    case 'rank-bound':
    case 'linear-dual':
      return readBoundEvidence(json, where, rule, budget)
    case 'better-point': {
      const { minimum } = readFields(json, where, ['rule', 'minimum'])
      const inner = `${where}.minimum`
      const minimumRule = readName(readObject(minimum, inner).get('rule') ?? null, `${inner}.rule`, minimumRules)
      return { rule, minimum: readMinimum(minimum, inner, minimumRule, budget) }
    }
  }
}

const digestText = /^sha256:[0-9a-f]{64}$/

const readDigest = (json: Json, where: string): string => {
  const text = readText(json, where)
  return digestText.test(text) ? text : decline(`unreadable ${where}: expected sha256: and 64 hexadecimal digits`)
}

/** Reads a proof with evidence of any form; declines whatever has not its form. */
export const readSealed = <Form>(
  json: Json,
  budget: Budget,
  readEvidence: (json: Json, budget: Budget) => Form
): Sealed<Form> => {
  const fields = readFields(json, 'proof', ['format', 'problem', 'claim', 'evidence'])
  readName(fields.format, 'proof.format', ['nadir-proof/1'])
  return {
    problem: readDigest(fields.problem, 'proof.problem'),
    claim: readDigest(fields.claim, 'proof.claim'),
    evidence: readEvidence(fields.evidence, budget)
  }
}
