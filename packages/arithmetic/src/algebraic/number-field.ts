import { gcd } from '../integer.ts'
import { type Coefficients, degree, multiplyCoefficients, trim } from '../polynomial/coefficients.ts'
import { divideOut, polynomialGcd, pseudoDivide } from '../polynomial/division.ts'
import { integers, type OrderedDomain } from '../polynomial/ordered-domain.ts'
import { type Enclosure, multiplyEnclosures, signOfEnclosure } from './enclosure.ts'
import { encloseRoot, type RealAlgebraic, signAtRoot, vanishesAtRoot } from './root.ts'

/** The real numbers that are rational polynomials in one real root of a squarefree monic integer polynomial. */
export interface NumberField {
  readonly generator: RealAlgebraic
}

/** Coordinates of a_0 + a_1 g + ... + a_(n-1) g^(n-1) in powers of the generator g; n entries. Exact. */
export type FieldInteger = readonly bigint[]

export const fieldDegree = (field: NumberField): number => degree(field.generator.coefficients)

/** n entries from at most n. */
export const padCoordinates = (field: NumberField, coordinates: Coefficients): FieldInteger =>
  Array.from({ length: fieldDegree(field) }, (_, i) => coordinates[i] ?? 0n)

/**
 * The numbers of a field with integer coordinates. Exact. The modulus need not be irreducible: a number is its real value,
 * and different coordinates may stand for equal numbers.
 */
export function fieldIntegers(field: NumberField): OrderedDomain<FieldInteger> {
  const { generator } = field
  const modulus = generator.coefficients
  const n = degree(modulus)
  const unit = (value: bigint) => padCoordinates(field, [value])

  const multiply = (a: FieldInteger, b: FieldInteger): FieldInteger => {
    const product: bigint[] = new Array<bigint>(2 * n - 1).fill(0n)
    for (let i = 0; i < n; i++) {
      if (a[i] !== 0n) for (let k = 0; k < n; k++) product[i + k]! += a[i]! * b[k]!
    }
    for (let top = 2 * n - 2; top >= n; top--) {
      const c = product[top]!
      if (c !== 0n) for (let k = 0; k < n; k++) product[top - n + k]! -= c * modulus[k]!
    }
    return product.slice(0, n)
  }

  const powers = new Map<number, readonly Enclosure[]>()
  const powersOf = (bits: number): readonly Enclosure[] => {
    let known = powers.get(bits)
    if (!known) {
      const g = encloseRoot(integers, generator, bits)
      const list: Enclosure[] = [{ low: 1n << BigInt(bits), high: 1n << BigInt(bits), bits }]
      for (let i = 1; i < n; i++) list.push(multiplyEnclosures(list[i - 1]!, g))
      powers.set(bits, (known = list))
    }
    return known
  }
  const enclose = (a: FieldInteger, bits: number): readonly [bigint, bigint] => {
    let low = 0n
    let high = 0n
    for (const [i, power] of powersOf(bits).entries()) {
      const c = a[i]!
      low += c * (c >= 0n ? power.low : power.high)
      high += c * (c >= 0n ? power.high : power.low)
    }
    return [low, high]
  }
  const sign = (a: FieldInteger): -1 | 0 | 1 => {
    const coordinates = trim(integers, a)
    if (coordinates.length <= 1) return integers.sign(coordinates[0] ?? 0n)
    for (let bits = 128; ; bits *= 2) {
      const [low, high] = enclose(a, bits)
      const s = signOfEnclosure({ low, high, bits })
      if (s !== undefined) return s
      if (bits === 128 && vanishesAtRoot(integers, coordinates, generator)) return 0
    }
  }
  const content = (entries: readonly FieldInteger[]) => integers.content(entries.flat())

  return {
    zero: unit(0n),
    one: unit(1n),
    add: (a, b) => a.map((c, i) => c + b[i]!),
    subtract: (a, b) => a.map((c, i) => c - b[i]!),
    multiply,
    scale: (a, m) => a.map((c) => c * m),
    shrink: (a, m) => a.map((c) => c / m),
    sign,
    content,
    // Divided by the last entry, with the common denominator cleared: the last entry becomes an integer.
    associate: (entries) => {
      const { inverse, product } = inverseUpToInteger(trim(integers, entries.at(-1)!), generator)
      const positive = integers.sign(product) * sign(entries.at(-1)!) > 0
      const factor = padCoordinates(field, positive ? inverse : inverse.map((c) => -c))
      const last = unit(positive ? product : -product)
      const monic = [...entries.slice(0, -1).map((e) => multiply(e, factor)), last]
      const common = content(monic)
      return common === 1n ? monic : monic.map((e) => e.map((c) => c / common))
    },
    enclose,
    residue: undefined
  }
}

/** Coordinates of an inverse u and the integer product u * a, both at the generator. Exact. Extended Euclid. @throws RangeError when a is zero there */
function inverseUpToInteger(a: Coefficients, generator: RealAlgebraic): { inverse: Coefficients; product: bigint } {
  const modulus = generator.coefficients
  const common = polynomialGcd(integers, modulus, a)
  if (degree(common) > 0 && signAtRoot(integers, a, generator) === 0) throw new RangeError('division by zero')
  // The generator is a root of the part of the modulus that is coprime to a. Invariant: u1 * a = r1 modulo that part.
  let [r0, r1] = [degree(common) > 0 ? divideOut(integers, modulus, common) : modulus, a]
  let [u0, u1]: [Coefficients, Coefficients] = [[], [1n]]
  while (degree(r1) > 0) {
    const { quotient, remainder } = pseudoDivide(integers, r0, r1)
    const lead = r1.at(-1)! < 0n ? -r1.at(-1)! : r1.at(-1)!
    const factor = lead ** BigInt(Math.max(degree(r0) - degree(r1) + 1, 0))
    const step = multiplyCoefficients(integers, quotient, u1)
    const next = trim(
      integers,
      Array.from({ length: Math.max(u0.length, step.length) }, (_, i) => (u0[i] ?? 0n) * factor - (step[i] ?? 0n))
    )
    const shared = gcd(integers.content(remainder), integers.content(next))
    ;[r0, u0] = [r1, u1]
    ;[r1, u1] = [remainder.map((c) => c / shared), next.map((c) => c / shared)]
  }
  return { inverse: u1, product: r1[0]! }
}
