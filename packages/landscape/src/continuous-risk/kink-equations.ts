import type { Polynomial, PolynomialRing } from '@nadir/arithmetic'
import type { RiskPieces } from './risk-pieces.ts'

/**
 * What the best function c + V (x - q)_+ for a fixed kink q is, while q stays in one piece: all fields are polynomials in q.
 * c = constant / determinant, V = coefficient / determinant, and the least risk E = risk / determinant, with
 * E' = -2 (coefficient / determinant) (kink / determinant); determinant > 0 inside (a, b). Exact.
 */
export interface KinkPiece<T> {
  readonly determinant: Polynomial<T>
  readonly constant: Polynomial<T>
  readonly coefficient: Polynomial<T>
  readonly kink: Polynomial<T>
  readonly risk: Polynomial<T>
}

/** Integrals over [a, b], as constants: of p, x p, x^2 p, f p, x f p, f^2 p. Exact. */
export interface RiskIntegrals<T> {
  readonly density: readonly [Polynomial<T>, Polynomial<T>, Polynomial<T>]
  readonly target: readonly [Polynomial<T>, Polynomial<T>]
  readonly square: Polynomial<T>
}

/** For each piece the integral of g from q to b as a polynomial in q, and the integral over [a, b]. Exact. */
function integralsBeyond<T>(pieces: RiskPieces<T>, g: (f: Polynomial<T>, p: Polynomial<T>) => Polynomial<T>) {
  const { ring, ends, target, density } = pieces
  const beyond: Polynomial<T>[] = new Array(target.length)
  let total = ring.zero // the integral from the right end of the piece to b
  for (let k = target.length - 1; k >= 0; k--) {
    const antiderivative = ring.antiderivative(g(target[k]!, density[k]!))
    beyond[k] = ring.subtract(ring.add(total, ring.compose(antiderivative, ends[k + 1]!)), antiderivative)
    total = ring.compose(beyond[k]!, ends[k]!)
  }
  return { beyond, total }
}

/** The integrals of the risk over the whole interval. Exact. */
export function riskIntegrals<T>(pieces: RiskPieces<T>): RiskIntegrals<T> {
  const { ring } = pieces
  const total = (g: (f: Polynomial<T>, p: Polynomial<T>) => Polynomial<T>) => integralsBeyond(pieces, g).total
  return {
    density: [total((_, p) => p), total((_, p) => ring.multiply(ring.x, p)), total((_, p) => timesSquare(ring, p))],
    target: [total(ring.multiply), total((f, p) => ring.multiply(ring.x, ring.multiply(f, p)))],
    square: total((f, p) => ring.multiply(f, ring.multiply(f, p)))
  }
}

const timesSquare = <T>(ring: PolynomialRing<T>, p: Polynomial<T>) => ring.multiply(ring.x, ring.multiply(ring.x, p))

/** The equations of right kinks, piece by piece; those of left kinks are the equations of the mirrored risk. Exact. */
export function kinkEquations<T>(pieces: RiskPieces<T>): readonly KinkPiece<T>[] {
  const { ring } = pieces
  const { add, subtract, multiply, x } = ring
  // mass_k and target_k: integrals of (x - q)^k p and (x - q)^k f p from q to b.
  const powers = [
    integralsBeyond(pieces, (_, p) => p),
    integralsBeyond(pieces, (_, p) => multiply(x, p)),
    integralsBeyond(pieces, (_, p) => timesSquare(ring, p))
  ] as const
  const withTarget = [
    integralsBeyond(pieces, multiply),
    integralsBeyond(pieces, (f, p) => multiply(x, multiply(f, p)))
  ] as const
  const square = integralsBeyond(pieces, (f, p) => multiply(f, multiply(f, p))).total
  const mass = powers[0].total
  const integral = withTarget[0].total
  return pieces.target.map((_, k) => {
    const [s0, s1, s2] = [powers[0].beyond[k]!, powers[1].beyond[k]!, powers[2].beyond[k]!]
    const mass0 = s0
    const mass1 = subtract(s1, multiply(x, s0))
    const mass2 = subtract(s2, multiply(x, add(s1, mass1)))
    const target0 = withTarget[0].beyond[k]!
    const target1 = subtract(withTarget[1].beyond[k]!, multiply(x, target0))
    // Normal equations: c mass + V mass1 = integral, c mass1 + V mass2 = target1.
    const determinant = subtract(multiply(mass, mass2), multiply(mass1, mass1))
    const constant = subtract(multiply(integral, mass2), multiply(target1, mass1))
    const coefficient = subtract(multiply(mass, target1), multiply(integral, mass1))
    return {
      determinant,
      constant,
      coefficient,
      // determinant times the integral of the residual from q to b
      kink: subtract(add(multiply(constant, mass0), multiply(coefficient, mass1)), multiply(target0, determinant)),
      risk: subtract(multiply(square, determinant), add(multiply(constant, integral), multiply(coefficient, target1)))
    }
  })
}
