import { absolute, bitLength, gcd, ratioToNumber } from '@nadir/arithmetic'
import type { OneHiddenLayer } from '../traits.ts'

/**
 * A cone of incoming weights, spanned by as many integer generators as there are weights (the bias among them). `products[k][i]` is the scalar product of
 * generator k with x~_i times the scale of the data. Exact; `sides` and `rays` are the same for generators of length one, approximately.
 */
export interface Cone {
  readonly generators: readonly (readonly bigint[])[]
  readonly products: readonly (readonly bigint[])[]
  readonly rays: readonly Float64Array[]
  readonly sides: readonly Float64Array[]
  /** The length of every x~_i. Approximate. */
  readonly sizes: Float64Array
  /** The number of splits that led here. */
  readonly depth: number
}

/** A cut through two generators of a cone at alpha g_first + beta g_second, first < second. */
export interface ConeSplit {
  readonly first: number
  readonly second: number
  readonly alpha: bigint
  readonly beta: bigint
}

/** The bits that both integers of a split keep at least. */
const longestFactor = 40

interface Ray {
  readonly generator: readonly bigint[]
  readonly product: readonly bigint[]
  readonly ray: Float64Array
  readonly side: Float64Array
}

function rayOf(view: OneHiddenLayer, generator: readonly bigint[], product: readonly bigint[]): Ray {
  const unit = 1n << BigInt(generator.reduce((most, g) => Math.max(most, bitLength(g)), 1))
  const ray = Float64Array.from(generator, (g) => ratioToNumber(g, unit))
  const length = Math.hypot(...ray)
  const below = unit * view.scale
  return {
    generator,
    product,
    ray: ray.map((r) => r / length),
    side: Float64Array.from(product, (t) => ratioToNumber(t, below) / length)
  }
}

const coneOf = (rays: readonly Ray[], sizes: Float64Array, depth: number): Cone => ({
  sizes,
  depth,
  generators: rays.map((r) => r.generator),
  products: rays.map((r) => r.product),
  rays: rays.map((r) => r.ray),
  sides: rays.map((r) => r.side)
})

const rayAt = (cone: Cone, k: number): Ray => ({
  generator: cone.generators[k]!,
  product: cone.products[k]!,
  ray: cone.rays[k]!,
  side: cone.sides[k]!
})

/** The cones that cover the whole space: any s of the s + 1 vectors e_1, ..., e_s, -(e_1 + ... + e_s). */
export function fan(view: OneHiddenLayer): readonly Cone[] {
  const { width: s, samples } = view
  const rays = Array.from({ length: s + 1 }, (_, k) => {
    const generator = Array.from({ length: s }, (_, e) => (k === s ? -1n : k === e ? 1n : 0n))
    const product = Array.from({ length: samples }, (_, i) =>
      generator.reduce<bigint>((sum, g, e) => sum + g * view.extended[i * s + e]!, 0n)
    )
    return rayOf(view, generator, product)
  })
  const sizes = Float64Array.from({ length: samples }, (_, i) => {
    let square = 0
    for (let e = 0; e < s; e++) square += ratioToNumber(view.extended[i * s + e]!, view.scale) ** 2
    return Math.sqrt(square)
  })
  return rays.map((_, left) =>
    coneOf(
      rays.filter((_, k) => k !== left),
      sizes,
      0
    )
  )
}

/** The two parts of a cone: with the new generator in the place of the second, and in the place of the first. */
export function partsOf(view: OneHiddenLayer, cone: Cone, { first, second, alpha, beta }: ConeSplit): [Cone, Cone] {
  const mix = (rows: readonly (readonly bigint[])[]): bigint[] =>
    rows[first]!.map((entry, e) => alpha * entry + beta * rows[second]![e]!)
  const ray = rayOf(view, mix(cone.generators), mix(cone.products))
  const part = (at: number): Cone =>
    coneOf(
      cone.generators.map((_, k) => (k === at ? ray : rayAt(cone, k))),
      cone.sizes,
      cone.depth + 1
    )
  return [part(second), part(first)]
}

/** The split of two generators on different sides of a sample's kink, at the kink (or very near, where exactly there would take long integers). */
export function splitAtKink(
  cone: Cone,
  sample: number,
  first: number,
  second: number,
  longest = longestFactor
): ConeSplit {
  let alpha = absolute(cone.products[second]![sample]!)
  let beta = absolute(cone.products[first]![sample]!)
  const divisor = gcd(alpha, beta)
  alpha /= divisor
  beta /= divisor
  const excess = Math.min(bitLength(alpha), bitLength(beta)) - longest
  if (excess > 0) {
    alpha >>= BigInt(excess)
    beta >>= BigInt(excess)
  }
  return { first, second, alpha, beta }
}

/** Sides below this part of the length of x~_i count as zero when a split is chosen. */
const onKink = 1e-9

/** How many generators lie on the sample's kink, nearly. */
export function onKinkOf(cone: Cone, sample: number): number {
  return cone.sides.reduce(
    (count, side) => count + (Math.abs(side[sample]!) <= onKink * cone.sizes[sample]! ? 1 : 0),
    0
  )
}

/** Whether the generators lie on both sides of the sample's kink, clearly. */
export function crosses(cone: Cone, sample: number): boolean {
  let low = 0
  let high = 0
  for (const side of cone.sides) {
    const t = side[sample]!
    if (t < low) low = t
    if (t > high) high = t
  }
  return Math.min(-low, high) > onKink * cone.sizes[sample]!
}
