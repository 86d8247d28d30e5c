/** Arithmetic modulo a prime below 2^22 in doubles; residues are centred: integers in [-(p-1)/2, (p-1)/2]. Exact. */

/** Largest prime below the bound, by trial division. @throws RangeError when there is none */
export function primeBelow(bound: number): number {
  for (let candidate = Math.ceil(bound) - 1; candidate >= 2; candidate--) if (isPrime(candidate)) return candidate
  throw new RangeError(`primeBelow: no prime below ${bound}`)
}

function isPrime(n: number): boolean {
  if (n % 2 === 0) return n === 2
  for (let d = 3; d * d <= n; d += 2) if (n % d === 0) return false
  return n > 1
}

/** Adding and subtracting 1.5 * 2^52 rounds a double below 2^51 to the nearest integer. */
export const roundingShift = 6755399441055744

/** The centred residue of the integer x, |x| <= 2^53 - 2^22, modulo a prime from 5 to 2^22; `reciprocal` is 1 / prime. */
export function centredResidue(x: number, prime: number, reciprocal: number): number {
  const quotient = x * reciprocal + roundingShift - roundingShift
  const residue = x - quotient * prime
  // The quotient was rounded twice: the residue may lie just outside the centred range.
  const half = (prime - 1) / 2
  return residue > half ? residue - prime : residue < -half ? residue + prime : residue
}

/** The centred inverse of a modulo the odd prime. @throws RangeError when the prime divides a */
export function inverseModulo(a: number, prime: number): number {
  let r = prime
  let nextR = ((a % prime) + prime) % prime
  let t = 0
  let nextT = 1
  while (nextR !== 0) {
    const q = Math.floor(r / nextR)
    ;[r, nextR] = [nextR, r - q * nextR]
    ;[t, nextT] = [nextT, t - q * nextT]
  }
  if (r !== 1) throw new RangeError(`inverseModulo: ${a} has no inverse modulo ${prime}`)
  return centredResidue(t, prime, 1 / prime)
}
