import { definiteness, integerMatrix } from '@nadir/arithmetic'
import { product, type Rows, transposeRows } from './integer-rows.ts'

/**
 * Of a symmetric matrix S >= 0 and two complementary spaces that it maps to themselves: is no eigenvalue on the first below one on the second? `separated` by the number mu / scale, or `crossed`: then x in the first and y in
 * the second space have x.S x < mu |x|^2 / scale and y.S y > mu |y|^2 / scale.
 */
export type Separation =
  | { readonly kind: 'separated'; readonly mu: bigint; readonly scale: bigint }
  | { readonly kind: 'crossed'; readonly low: readonly bigint[]; readonly high: readonly bigint[] }

/**
 * Decides by halving. A common least and greatest eigenvalue is a root of two integer polynomials that has no conjugates, the ones being at least as large and the others at most as large: an integer. So beyond
 * the integers the spaces are apart, and halving ends. Exact; S in integers, bases as columns.
 */
export function separate(S: Rows, first: Rows, second: Rows): Separation {
  const [onFirst, onSecond] = [first, second].map((basis) => {
    const across = transposeRows(basis)
    return { basis, form: product(across, product(S, basis)), gram: product(across, basis) }
  }) as [Restricted, Restricted]
  let scale = 1n
  let low = 0n
  let high = S.reduce((sum, row, k) => sum + row[k]!, 0n)
  for (let mu = low; ; ) {
    const below = fallingUnder(onFirst, mu, scale, 1n)
    const above = fallingUnder(onSecond, mu, scale, -1n)
    if (!below && !above) return { kind: 'separated', mu, scale }
    if (below && above) return { kind: 'crossed', low: below, high: above }
    if (below) high = mu
    else low = mu
    if (high - low <= 1n) [low, high, scale] = [2n * low, 2n * high, 2n * scale]
    mu = (low + high) / 2n
  }
}

interface Restricted {
  readonly basis: Rows
  readonly form: Rows
  readonly gram: Rows
}

/** A vector of the space on which side (S - mu / scale) is negative. */
function fallingUnder({ basis, form, gram }: Restricted, mu: bigint, scale: bigint, side: bigint) {
  const entries = form.flatMap((row, i) => row.map((x, j) => side * (scale * x - mu * gram[i]![j]!)))
  const answer = definiteness(integerMatrix(form.length, form.length, entries))
  return answer.kind === 'not-positive-semidefinite'
    ? basis.map((row) => row.reduce((sum, x, k) => sum + x * answer.direction[k]!, 0n))
    : undefined
}
