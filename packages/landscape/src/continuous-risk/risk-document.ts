import { isRational, type Polynomial, rational, rationalPolynomials, toText } from '@nadir/arithmetic'
import type { Json } from '../certification/canonical.ts'
import type { FamilyTarget } from './infinite-family.ts'
import type { HingeNetwork } from './network-risk.ts'
import type { PiecewisePolynomial } from './piecewise-polynomial.ts'
import type { ContinuousRisk } from './risk.ts'

const polynomialDocument = ({ numerators, denominator }: Polynomial): Json =>
  numerators.map((n) => toText(rational(n, denominator)))

/** One text for one function: neighbouring equal pieces are joined. */
function piecesDocument({ breakpoints, pieces }: PiecewisePolynomial): Json | undefined {
  const first = pieces.map((piece, k) => k === 0 || !rationalPolynomials.equal(piece, pieces[k - 1]!))
  const ends = breakpoints.filter((_, k) => k === pieces.length || first[k])
  if (!ends.every(isRational)) return undefined
  return {
    kind: 'pieces',
    breakpoints: ends.map((end) => toText(end.lower)),
    pieces: pieces.filter((_, k) => first[k]).map(polynomialDocument)
  }
}

/** The problem of a certificate about this risk and so many hidden units; undefined for irrational breakpoints, which the format has not. */
export function riskDocument({ target, density }: ContinuousRisk, hidden: number): Json | undefined {
  const [f, p] = [piecesDocument(target), piecesDocument(density)]
  return f === undefined || p === undefined ? undefined : { format: 'nadir-risk/1', hidden, target: f, density: p }
}

/** The problem of a certificate about the family for this target. */
export function familyDocument({ a, b, lambda }: FamilyTarget, hidden: number): Json {
  const interval = [toText(a), toText(b)]
  return {
    format: 'nadir-risk/1',
    hidden,
    target: { kind: 'equal-risks', interval, scale: toText(lambda) },
    density: { kind: 'pieces', breakpoints: interval, pieces: [['1']] }
  }
}

/** Parameters as a certificate writes them. */
export const hingeDocument = ({ units, c }: HingeNetwork): Json => ({
  units: units.map(({ w, b, v }) => [toText(w), toText(b), toText(v)]),
  c: toText(c)
})
