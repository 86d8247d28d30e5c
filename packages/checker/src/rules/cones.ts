import type { Split } from '../bound-evidence.ts'
import { type Budget, hold, spend } from '../budget.ts'
import { bitLength, dot, greatestBitLength, magnitude } from '../integers.ts'
import { reject } from '../outcome.ts'
import type { Scaled } from '../samples.ts'

type Rows = Scaled['rows']

/** A cone: its generators, and for each of them its scalar products with all samples. All integers. */
export type Cone = { readonly generators: Rows; readonly products: Rows }

const withProducts = (generators: Rows, vectors: Rows, budget: Budget): Cone => {
  spend(budget, [generators.length, vectors.length, vectors[0].length], 64, greatestBitLength(vectors))
  return { generators, products: generators.map((generator) => vectors.map((vector) => dot(generator, vector))) }
}

/** The cones of the fan, whose number is one more than the dimension. */
export const fan = (vectors: Rows, budget: Budget): readonly Cone[] => {
  const size = vectors[0].length
  const rays = Array.from({ length: size + 1 }, (_, k) =>
    Array.from({ length: size }, (_, entry) => (k === size ? -1n : k === entry ? 1n : 0n))
  )
  hold(budget, [size + 1, size, vectors.length], greatestBitLength(vectors))
  return rays.map((_, left) =>
    withProducts(
      rays.filter((_, k) => k !== left),
      vectors,
      budget
    )
  )
}

const combined = (split: Split, rows: Rows): readonly bigint[] =>
  rows[split.first].map((entry, k) => split.alpha * entry + split.beta * rows[split.second][k])

const withRow = (rows: Rows, at: number, row: readonly bigint[]): Rows =>
  rows.map((old, index) => (index === at ? row : old))

/** The two parts of a cone. Rejects a split of generators that it does not have. */
export const partsOf = (cone: Cone, split: Split, step: string, budget: Budget): readonly [Cone, Cone] => {
  const { generators, products } = cone
  if (split.first >= split.second || split.second >= generators.length) {
    reject(step, `a split through the generators ${split.first} and ${split.second} of ${generators.length}`)
  }
  const bits = greatestBitLength([...generators, ...products])
  const factorBits = Math.max(bitLength(split.alpha), bitLength(split.beta))
  spend(budget, [2, products[0].length + generators[0].length], bits, factorBits)
  hold(budget, [products[0].length + generators[0].length], bits + factorBits)
  const generator = combined(split, generators)
  const product = combined(split, products)
  const part = (at: number): Cone => ({
    generators: withRow(generators, at, generator),
    products: withRow(products, at, product)
  })
  return [part(split.second), part(split.first)]
}

/** Whether all numbers are at least zero, or all at most zero. */
const oneSided = (numbers: readonly bigint[]): boolean => numbers.every((t) => t >= 0n) || numbers.every((t) => t <= 0n)

/** Whether the products of the sample with the generators have one sign. */
export const isSettled = ({ products }: Cone, sample: number): boolean =>
  oneSided(products.map((product) => product[sample]))

const sizeOf = (generator: readonly bigint[]): bigint => generator.reduce((sum, entry) => sum + magnitude(entry), 0n)

/** Whether the greatest t / size plus the least of them is at least zero. */
const leansForwards = (sides: readonly bigint[], sizes: readonly bigint[]): boolean => {
  let most = 0
  let least = 0
  for (let k = 1; k < sides.length; k += 1) {
    if (sides[k] * sizes[most] > sides[most] * sizes[k]) most = k
    if (sides[k] * sizes[least] < sides[least] * sizes[k]) least = k
  }
  return sides[most] * sizes[least] + sides[least] * sizes[most] >= 0n
}

/** The majorant Psi of the numbers: the sum of their terms, one number for each generator. `slopes` are those of h. */
export const majorant = (
  numbers: readonly bigint[],
  { generators, products }: Cone,
  slopes: { readonly positive: bigint; readonly negative: bigint }
): readonly bigint[] => {
  const sizes = generators.map(sizeOf)
  const sums = products.map(() => 0n)
  for (const [sample, number] of numbers.entries()) {
    if (number === 0n) continue
    const bends = number * (slopes.positive - slopes.negative) >= 0n
    const sides = products.map((product) => product[sample])
    const forwards = !bends && leansForwards(sides, sizes)
    for (const [k, side] of sides.entries()) {
      const ahead = bends ? side >= 0n : forwards
      sums[k] += number * (ahead ? slopes.positive : slopes.negative) * side
    }
  }
  return sums
}

/** An upper bound of the bit lengths of the products of a cone. */
export const productBits = ({ products }: Cone): number => greatestBitLength(products)

export const sizeOfSlopes = (slopes: { readonly positive: bigint; readonly negative: bigint }): number =>
  bitLength(magnitude(slopes.positive) + magnitude(slopes.negative))
