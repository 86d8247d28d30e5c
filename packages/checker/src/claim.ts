import type { Budget } from './budget.ts'
import { readCount, readFields, readName, readObject, readRational } from './form.ts'
import type { Json } from './json.ts'
import { type Point, readPoint } from './point.ts'
import type { Rational } from './rational.ts'

const plainKinds = [
  'value',
  'not-stationary',
  'not-a-local-minimum',
  'saddle',
  'local-minimum',
  'global-minimum'
] as const

const movedKinds = [
  'critical-for-moved-targets',
  'local-minimum-for-moved-targets',
  'saddle-for-moved-targets'
] as const

type PlainClaim = { readonly kind: (typeof plainKinds)[number]; readonly point: Point; readonly loss: Rational }

type SpuriousClaim = {
  readonly kind: 'spurious'
  readonly point: Point
  readonly loss: Rational
  readonly better: Point
  readonly betterLoss: Rational
}

/** With lower <= R(point) <= loss. */
export type BoundedClaim = {
  readonly kind: 'value-between' | 'not-stationary' | 'no-minimum'
  readonly point: Point
  readonly loss: Rational
  readonly lower: Rational
}

/** Some local minimum, or saddle, has every parameter within `radius` of the point, and its loss between `lower` and `loss`; with an index, so many negative eigenvalues and no zero. */
export type NearbyClaim = {
  readonly kind: 'local-minimum-nearby' | 'saddle-nearby'
  readonly index?: number
  readonly point: Point
  readonly loss: Rational
  readonly lower: Rational
  readonly radius: Rational
}

/** With lower <= R(point) <= loss; the point is critical, a minimum or a saddle for other targets, none of them farther than `change` from those of the problem. */
export type MovedClaim = {
  readonly kind: (typeof movedKinds)[number]
  readonly point: Point
  readonly loss: Rational
  readonly lower: Rational
  readonly change: Rational
}

type BoundClaim = {
  readonly kind: 'lower-bound'
  readonly point: Point
  readonly loss: Rational
  readonly bound: Rational
}

type BoxClaim = {
  readonly kind: 'lower-bound-in-box'
  readonly point: Point
  readonly loss: Rational
  readonly bound: Rational
  readonly low: Point
  readonly high: Point
}

export type Claim = PlainClaim | SpuriousClaim | BoundedClaim | NearbyClaim | MovedClaim | BoundClaim | BoxClaim

const readBound = (json: Json, kind: 'lower-bound' | 'lower-bound-in-box', budget: Budget): Claim => {
  const box = kind === 'lower-bound' ? [] : ['low', 'high']
  const fields = readFields<string>(json, 'claim', ['kind', 'point', 'loss', 'bound', ...box])
  const point = readPoint(fields['point'], 'claim.point', budget)
  const loss = readRational(fields['loss'], 'claim.loss', budget)
  const bound = readRational(fields['bound'], 'claim.bound', budget)
  if (kind === 'lower-bound') return { kind, point, loss, bound }
  const low = readPoint(fields['low'], 'claim.low', budget)
  return { kind, point, loss, bound, low, high: readPoint(fields['high'], 'claim.high', budget) }
}

const isMovedKind = (kind: string): kind is MovedClaim['kind'] => movedKinds.some((moved) => moved === kind)

export const isMoved = (claim: Claim): claim is MovedClaim => isMovedKind(claim.kind)

/** Reads a claim; declines whatever has not its form. */
export const readClaim = (json: Json, budget: Budget): Claim => {
  const kind = readName(readObject(json, 'claim').get('kind') ?? null, 'claim.kind', [
    ...plainKinds,
    'spurious',
    'value-between',
    'no-minimum',
    'local-minimum-nearby',
    'saddle-nearby',
    ...movedKinds,
    'lower-bound',
    'lower-bound-in-box'
  ])
  if (kind === 'lower-bound' || kind === 'lower-bound-in-box') return readBound(json, kind, budget)
  if (isMovedKind(kind)) {
    const fields = readFields(json, 'claim', ['kind', 'point', 'loss', 'lower', 'change'])
    return {
      kind,
      point: readPoint(fields.point, 'claim.point', budget),
      loss: readRational(fields.loss, 'claim.loss', budget),
      lower: readRational(fields.lower, 'claim.lower', budget),
      change: readRational(fields.change, 'claim.change', budget)
    }
  }
  const isBounded = kind === 'not-stationary' && readObject(json, 'claim').has('lower')
  if (kind === 'value-between' || kind === 'no-minimum' || isBounded) {
    const fields = readFields(json, 'claim', ['kind', 'point', 'loss', 'lower'])
    return {
      kind,
      point: readPoint(fields.point, 'claim.point', budget),
      loss: readRational(fields.loss, 'claim.loss', budget),
      lower: readRational(fields.lower, 'claim.lower', budget)
    }
  }
  if (kind === 'local-minimum-nearby' || kind === 'saddle-nearby') {
    const others = kind === 'saddle-nearby' && readObject(json, 'claim').has('index') ? ['index'] : []
    const fields = readFields<string>(json, 'claim', ['kind', 'point', 'loss', 'lower', 'radius', ...others])
    return {
      kind,
      ...(others.length > 0 ? { index: readCount(fields['index'], 'claim.index') } : {}),
      point: readPoint(fields['point'], 'claim.point', budget),
      loss: readRational(fields['loss'], 'claim.loss', budget),
      lower: readRational(fields['lower'], 'claim.lower', budget),
      radius: readRational(fields['radius'], 'claim.radius', budget)
    }
  }
  if (kind !== 'spurious') {
    const fields = readFields(json, 'claim', ['kind', 'point', 'loss'])
    const point = readPoint(fields.point, 'claim.point', budget)
    return { kind, point, loss: readRational(fields.loss, 'claim.loss', budget) }
  }
  const fields = readFields(json, 'claim', ['kind', 'point', 'loss', 'better', 'betterLoss'])
  return {
    kind,
    point: readPoint(fields.point, 'claim.point', budget),
    loss: readRational(fields.loss, 'claim.loss', budget),
    better: readPoint(fields.better, 'claim.better', budget),
    betterLoss: readRational(fields.betterLoss, 'claim.betterLoss', budget)
  }
}
