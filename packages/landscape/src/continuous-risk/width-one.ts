import { add, type Polynomial, type Rational, type Root } from '@nadir/arithmetic'
import { type CriticalKink, type CriticalKinks, criticalKinks } from './critical-kinks.ts'
import { type KinkPiece, kinkEquations, type RiskIntegrals, riskIntegrals } from './kink-equations.ts'
import { isZero } from './piecewise-roots.ts'
import { compareQuotients, constantQuotient, type Quotient } from './quotient.ts'
import { mirrored, type RiskPieces } from './risk-pieces.ts'

export type RealizationForm = 'constant' | 'affine' | 'right-kink' | 'left-kink'

/**
 * `local-minimum`: some critical parameters with this realization are a local minimum; for the kinked forms all are.
 * `saddle`: the kink is a strict maximum of the best risk; `degenerate`: the best risk is monotone through it. Both are saddles.
 */
export type RealizationType = 'local-minimum' | 'saddle' | 'degenerate'

export type Orientation = 'right' | 'left'

/** A realization function of critical parameters: c; a line; c + V (x - q)_+; or c + V (q - x)_+. Exact. */
export interface Realization<T> {
  readonly form: RealizationForm
  readonly type: RealizationType
  readonly global: boolean
  /** Value on the flat piece; for a line, its value at a. */
  readonly c: Quotient<T>
  /** Slope of the piece that is not flat. */
  readonly slope: Quotient<T>
  readonly risk: Quotient<T>
  /** In the coordinate of its orientation: the kink itself to the right, a + b - kink to the left. */
  readonly kink: CriticalKink<T> | undefined
}

/** The equations of one orientation and all their roots; those to the left are of the mirrored risk. */
export interface OrientedKinks<T> {
  readonly orientation: Orientation
  readonly pieces: RiskPieces<T>
  readonly equations: readonly KinkPiece<T>[]
  readonly critical: CriticalKinks<T>
}

/** Everything that width-one networks can do about a risk. Exact. */
export interface WidthOne<T> {
  readonly integrals: RiskIntegrals<T>
  readonly right: OrientedKinks<T>
  readonly left: OrientedKinks<T>
  readonly realizations: readonly Realization<T>[]
}

/**
 * All realization functions of critical points of the risk of one-hidden-unit networks v max(w x + b, 0) + c. Exact.
 * There are finitely many: the constant, the best line, and the kinked functions whose kink solves the kink equation of its
 * piece. Their risks are compared exactly, so the global minimum is among those marked, and ties are ties.
 * Reference: Ibragimov, Jentzen, Kroeger, Riekert, arXiv:2202.11481, Theorem 2 (finiteness).
 */
export function enumerateWidthOne<T>(pieces: RiskPieces<T>): WidthOne<T> {
  const integrals = riskIntegrals(pieces)
  const right = orientedKinks('right', pieces)
  const left = orientedKinks('left', mirrored(pieces))
  const found = [
    constantRealization(pieces, integrals),
    ...affineRealization(pieces, integrals),
    ...kinkedRealizations(right),
    ...[...kinkedRealizations(left)].reverse()
  ]
  const least = found.reduce((best, r) => (compareQuotients(pieces, r.risk, best.risk) < 0 ? r : best))
  return {
    integrals,
    right,
    left,
    realizations: found.map((r) => ({ ...r, global: compareQuotients(pieces, r.risk, least.risk) === 0 }))
  }
}

function orientedKinks<T>(orientation: Orientation, pieces: RiskPieces<T>): OrientedKinks<T> {
  const equations = kinkEquations(pieces)
  return { orientation, pieces, equations, critical: criticalKinks(pieces, equations) }
}

type Found<T> = Omit<Realization<T>, 'global'>

/** The mean of the target: always the realization of a local minimum whose unit is strictly dead. */
function constantRealization<T>(pieces: RiskPieces<T>, { density, target, square }: RiskIntegrals<T>): Found<T> {
  const { ring } = pieces
  const [mass] = density
  const [integral] = target
  const one = ring.constant({ numerator: 1n, denominator: 1n })
  return {
    form: 'constant',
    type: 'local-minimum',
    kink: undefined,
    c: constantQuotient(pieces, integral, mass),
    slope: constantQuotient(pieces, ring.zero, one),
    risk: constantQuotient(pieces, ring.subtract(ring.multiply(square, mass), ring.multiply(integral, integral)), mass)
  }
}

/** slope = numerator / determinant of the best line; it is the constant when the numerator is zero. Exact. */
export function bestLine<T>({ ring }: Pick<RiskPieces<T>, 'ring'>, { density, target }: RiskIntegrals<T>) {
  const [mass, first, second] = density
  const [integral, moment] = target
  return {
    slope: ring.subtract(ring.multiply(mass, moment), ring.multiply(first, integral)),
    determinant: ring.subtract(ring.multiply(mass, second), ring.multiply(first, first))
  }
}

/** The best line, when it is not the constant: a local minimum whose kink lies strictly outside the interval. */
function affineRealization<T>(pieces: RiskPieces<T>, integrals: RiskIntegrals<T>): readonly Found<T>[] {
  const { ring, a } = pieces
  const [mass, first] = integrals.density
  const [integral] = integrals.target
  const { slope, determinant } = bestLine(pieces, integrals)
  if (isZero(slope)) return []
  const massTimes = ring.multiply(mass, determinant)
  // Value at a: (integral - slope first) / mass + slope a.
  const shift = ring.subtract(ring.scale(mass, a), first)
  const spread = ring.subtract(ring.multiply(integrals.square, mass), ring.multiply(integral, integral))
  return [
    {
      form: 'affine',
      type: 'local-minimum',
      kink: undefined,
      c: constantQuotient(
        pieces,
        ring.add(ring.multiply(integral, determinant), ring.multiply(slope, shift)),
        massTimes
      ),
      slope: constantQuotient(pieces, slope, determinant),
      risk: constantQuotient(
        pieces,
        ring.subtract(ring.multiply(spread, determinant), ring.multiply(slope, slope)),
        massTimes
      )
    }
  ]
}

function kinkedRealizations<T>({ orientation, pieces, equations, critical }: OrientedKinks<T>): readonly Found<T>[] {
  const { ring } = pieces
  return critical.kinks
    .filter((kink) => !kink.flat)
    .map((kink) => {
      const { constant, coefficient, risk, determinant } = equations[kink.piece]!
      const quotient = (numerator: Polynomial<T>) => ({ numerator, denominator: determinant, root: kink.root })
      const slope = orientation === 'right' ? coefficient : ring.subtract(ring.zero, coefficient)
      const [before, after] = kink.slopes
      return {
        form: `${orientation}-kink` as const,
        type: before === after ? 'degenerate' : before < 0 ? 'local-minimum' : 'saddle',
        kink,
        c: quotient(constant),
        slope: quotient(slope),
        risk: quotient(risk)
      }
    })
}

/** The kink of a realization as a quotient: its root, or a + b - root in the mirror. */
export function kinkPosition<T>({ ring, a, b }: RiskPieces<T>, orientation: Orientation, root: Root<T>): Quotient<T> {
  const sum: Rational = add(a, b)
  const one = ring.constant({ numerator: 1n, denominator: 1n })
  return {
    numerator: orientation === 'right' ? ring.x : ring.subtract(ring.constant(sum), ring.x),
    denominator: one,
    root
  }
}
