import type { Rational } from '@nadir/arithmetic'
import type { Certificate } from './certification/certificate.ts'
import type { MovedStatement } from './certification/moved-certificate.ts'
import type { LossBounds } from './certification/slope-certificate.ts'
import type { Evidence } from './improvement/evidence.ts'
import type { UnitDiagnosis } from './improvement/free-units.ts'
import type { LayerDiagnosis } from './improvement/idle-units.ts'
import type { ExactPoint } from './point.ts'

/** The statements about a point, strongest first; see the specification of claims. */
export type ClaimKind =
  | 'global-minimum'
  | 'local-minimum'
  | 'saddle'
  | 'not-a-local-minimum'
  | 'not-stationary'
  | 'no-minimum'
  /** No parameters have a loss that is lower by more than a small proved share. */
  | 'nearly-global'
  | 'undecided'

/** What is proved of the parameters exactly as they were given. */
export interface GivenVerdict {
  readonly claim: ClaimKind
  /** Exact where the arithmetic is, undefined where only `approximateLoss` is known. */
  readonly loss: Rational | undefined
  /** Two numbers between which the loss is proved to lie, where it is not known exactly. */
  readonly bounds?: LossBounds
  readonly approximateLoss: number
  readonly reason: string
  readonly tryNext: string
}

/** Parameters of which nothing is proved: what they lead to is looked for. */
export const undecidedPoint = (
  approximateLoss: number,
  reason: string,
  tryNext = 'see what they lead to'
): GivenVerdict => ({ claim: 'undecided', loss: undefined, approximateLoss, reason, tryNext })

/** What is proved of the exact point that the given parameters lead to. */
export interface SettledVerdict {
  readonly claim: ClaimKind
  /** Exact; an upper bound when the statement is about a point nearby. */
  readonly loss: Rational
  /** Set when the statement is about a point within `radius` of `point` in every parameter (0: `point` itself) and the loss there is at least `lower`; where it is nearly global, the loss of all parameters is. */
  readonly within?: { readonly radius: Rational; readonly lower: Rational }
  /** Negative eigenvalues of the Hessian at a saddle nearby, where it has no zero. */
  readonly index?: number
  readonly reason: string
  readonly point: ExactPoint
  /** Largest change of a parameter. Approximate. */
  readonly distance: number
  /** Loss of the given point minus this loss. Exact where both are. */
  readonly drop: Rational
  readonly cell: 'interior' | 'boundary'
  /** Number of pre-activations that are exactly 0. */
  readonly kinks: number
  /** How often a sample changed side on the way. */
  readonly hops: number
  /** Unknowns of the exact linear system, and coordinates that it left free. */
  readonly unknowns: number
  readonly fixed: number
}

/** Whether something strictly better of the same architecture is known, or excluded. */
export interface Standing {
  readonly claim: 'spurious' | 'global-minimum' | 'open'
  readonly witness: { readonly point: ExactPoint; readonly loss: Rational; readonly source: string } | undefined
  readonly lowerBound: Rational | undefined
  /** That something better was looked for, whatever was found. */
  readonly wasSearched?: boolean
}

/** The answer of `certify`. */
export interface Verdict {
  readonly given: GivenVerdict
  readonly settled: SettledVerdict | undefined
  /** Why `settled` is missing, and what to do about it. */
  readonly notSettled: { readonly reason: string; readonly tryNext: string } | undefined
  readonly standing: Standing
  readonly diagnosis: UnitDiagnosis | undefined
  /** The same for networks that have not one hidden layer. Exact. */
  readonly layers?: readonly LayerDiagnosis[]
  /** What doubles say where nothing is proved of where the point leads. Approximate; proves nothing. */
  readonly evidence?: Evidence
  /** What the given parameters are for targets moved by very little, where nothing more is proved of them: a statement about changed data. */
  readonly movedTargets?: MovedStatement
  /** Of the strongest statement: the settled point's when there is one, joined with the witness; else the given point's. */
  readonly certificate: Certificate | undefined
  /** Of the given point itself, when its statement is another one. */
  readonly givenCertificate: Certificate | undefined
  /** Of the witness's exact loss, where the strongest statement's certificate does not hold it: beside a minimum nearby. */
  readonly betterCertificate?: Certificate | undefined
  readonly milliseconds: { readonly descent: number; readonly exact: number; readonly search: number }
}
