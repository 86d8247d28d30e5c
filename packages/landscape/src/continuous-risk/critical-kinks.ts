import { isRational, signAtRational, signAtRoot } from '@nadir/arithmetic'
import type { KinkPiece } from './kink-equations.ts'
import { type FactoredPiece, type PieceRoot, piecewiseRoots, signBeside } from './piecewise-roots.ts'
import type { RiskPieces } from './risk-pieces.ts'

/** A zero of the kink equation inside (a, b). */
export interface CriticalKink<T> extends PieceRoot<T> {
  /** V = 0 there: the best function is the constant one. */
  readonly flat: boolean
  /** Signs of E' immediately to the left and to the right; both 0 when flat. */
  readonly slopes: readonly [number, number]
}

export interface CriticalKinks<T> {
  readonly kinks: readonly CriticalKink<T>[]
  readonly factored: readonly (FactoredPiece<T> | undefined)[]
}

/**
 * All kinks q in the open interval (a, b) at which the best right-kink function is critical, in ascending order. Exact.
 *
 * Where the equation vanishes identically on a piece, V vanishes there too and the function is the constant one. (If
 * V != 0 there, the equations give V'/V = -determinant' / (2 determinant), so determinant V^2 would be constant and the
 * determinant, whose leading coefficient in q is negative, a square times a positive constant.) So the list is finite.
 */
export function criticalKinks<T>(pieces: RiskPieces<T>, equations: readonly KinkPiece<T>[]): CriticalKinks<T> {
  const { domain } = pieces
  const { roots, factored } = piecewiseRoots(
    pieces,
    equations.map(({ kink }) => kink)
  )
  const kinks = roots.map((found): CriticalKink<T> => {
    const v = signAtRoot(domain, equations[found.piece]!.coefficient.numerators, found.root)
    return { ...found, flat: v === 0, slopes: v === 0 ? [0, 0] : slopesOfRisk(pieces, equations, found, v) }
  })
  return { kinks, factored }
}

/** Signs of E' = -2 V kink / determinant^2 (up to a positive factor) on both sides of a root with sign v of V. */
function slopesOfRisk<T>(
  pieces: RiskPieces<T>,
  equations: readonly KinkPiece<T>[],
  { piece, atBreakpoint, root }: PieceRoot<T>,
  v: number
): readonly [number, number] {
  const { domain, ring, ends } = pieces
  const after = equations[piece]!.kink
  if (isRational(root) || atBreakpoint) {
    const at = atBreakpoint ? ends[piece]! : ring.constant(root.lower)
    const before = equations[atBreakpoint ? piece - 1 : piece]!.kink
    return [-v * signBeside(pieces, before, at, 'left'), -v * signBeside(pieces, after, at, 'right')]
  }
  // The interval of the root meets no other root and no breakpoint.
  const signAt = (end: typeof root.lower) => signAtRational(domain, after.numerators, end)
  return [-v * signAt(root.lower), -v * signAt(root.upper)]
}
