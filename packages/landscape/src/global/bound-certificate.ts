import { compare, type Rational, type RationalVector, rational, toText } from '@nadir/arithmetic'
import type { Json } from '../certification/canonical.ts'
import { type Certificate, pointDocument, seal, vectorDocument } from '../certification/certificate.ts'
import { problemDocument } from '../certification/problem-document.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { ConeTree } from './dual-tree.ts'
import type { RegionNode } from './pattern-search.ts'

/** A point with its exact loss and a number below which no parameters come (in the box, where there is one). */
export interface GlobalBound {
  readonly problem: Problem
  readonly point: ExactPoint
  readonly loss: Rational
  readonly bound: Rational
  readonly box?: { readonly low: ExactPoint; readonly high: ExactPoint }
  readonly certificate: Certificate
  /** How the bound was found, for a person. */
  readonly method: string
}

const digits = 18

/** The greatest decimal with about eighteen significant digits that is not above the number; short numbers stay as they are. */
export function shortBelow(value: Rational): Rational {
  const { numerator, denominator } = value
  if (numerator.toString().length + denominator.toString().length <= 2 * digits || numerator === 0n) return value
  const size = numerator < 0n ? -numerator : numerator
  const places = digits - (size.toString().length - denominator.toString().length)
  const scale = 10n ** BigInt(Math.abs(places))
  const [n, d] = places >= 0 ? [numerator * scale, denominator] : [numerator, denominator * scale]
  const floor = n >= 0n ? n / d : -((-n + d - 1n) / d)
  return places >= 0 ? rational(floor, scale) : rational(floor * scale)
}

/**
 * The certificate that R(point) = loss and no parameters have a loss below the bound: a `global-minimum` where the two are equal. `proved` is what the evidence
 * proves exactly. @throws Error for a problem that the format has no words for
 */
export function boundedBy(
  parts: { readonly problem: Problem; readonly point: ExactPoint; readonly loss: Rational; readonly method: string },
  proved: Rational,
  evidence: Json
): GlobalBound {
  const { problem, point, loss } = parts
  const document = problemDocument(problem)
  if (document === undefined) throw new Error('boundedBy: the certificate format has no words for this problem')
  const place = { point: pointDocument(point), loss: toText(loss) }
  if (compare(loss, proved) <= 0)
    return { ...parts, bound: loss, certificate: seal(document, { kind: 'global-minimum', ...place }, evidence) }
  const bound = shortBelow(proved)
  return {
    ...parts,
    bound,
    certificate: seal(document, { kind: 'lower-bound', ...place, bound: toText(bound) }, evidence)
  }
}

/** The same bound beside another point of the network, with its exact loss. */
export function boundedAt(
  { problem, bound, method, certificate }: GlobalBound,
  point: ExactPoint,
  loss: Rational
): GlobalBound {
  const { evidence } = certificate.proof as { readonly evidence: Json }
  return boundedBy({ problem, point, loss, method }, bound, evidence)
}

const treeDocument = ({ denominator, nodes }: ConeTree): Json => ({
  denominator: `${denominator}`,
  nodes: nodes.map((node) =>
    'alpha' in node ? [node.first, node.second, `${node.alpha}`, `${node.beta}`] : node.map(String)
  )
})

/** Evidence of the rule pattern-tree. */
export const patternEvidence = (nodes: readonly RegionNode[]): Json => ({
  rule: 'pattern-tree',
  nodes: nodes.map((node) =>
    'alpha' in node ? [node.unit, node.first, node.second, `${node.alpha}`, `${node.beta}`] : vectorDocument(node)
  )
})

/** Evidence of the rule dual-bound. */
export const dualEvidence = (dual: RationalVector, above: ConeTree, below: ConeTree): Json => ({
  rule: 'dual-bound',
  dual: vectorDocument(dual),
  above: treeDocument(above),
  below: treeDocument(below)
})

/** Evidence of the rule linear-dual. */
export const linearDualEvidence = (dual: RationalVector): Json => ({ rule: 'linear-dual', dual: vectorDocument(dual) })
