import { feasibleInBox, integerMatrix, type RationalVector, rankOf, solveLinear } from '@nadir/arithmetic'

/**
 * A positively homogeneous piecewise linear function q(d) = constant . d + sum_k (right_k if tau_k > 0 else left_k) tau_k,
 * tau_k = vector_k . d. A term is concave when right < left.
 */
export interface HomogeneousForm {
  readonly constant: readonly bigint[]
  readonly terms: readonly { readonly vector: readonly bigint[]; readonly left: bigint; readonly right: bigint }[]
}

/**
 * Either q >= 0 everywhere, proved by one row of slopes for every choice of end points on the concave terms (bit e of the row's number is 1:
 * the e-th concave term takes its right slope), constant + sum_k slope_k vector_k = 0 in each; or a direction d with q(d) < 0.
 */
export type SignOfForm =
  | { readonly kind: 'non-negative'; readonly rows: readonly RationalVector[] }
  | { readonly kind: 'negative'; readonly direction: readonly bigint[] }
  | { readonly kind: 'undecided'; readonly concave: number }

/** More choices than 2^12 are refused by the checker. */
const mostConcaveTerms = 12

/** Complete decision of q >= 0. Exact. Reference: Wu, Simsek, Ged (arXiv 2402.05626); the table of end points is proved in spec/rules. */
export function signOfForm(form: HomogeneousForm): SignOfForm {
  const { constant, terms } = form
  if (terms.length === 0 && constant.every((c) => c === 0n))
    return { kind: 'non-negative', rows: [{ denominator: 1n, numerators: [] }] }
  const columns = integerMatrix(
    constant.length,
    terms.length,
    constant.flatMap((_, row) => terms.map((t) => t.vector[row]!))
  )
  const minusConstant = constant.map((c) => -c)
  const concave = terms.flatMap((t, k) => (t.right < t.left ? [k] : []))
  const free = solveLinear(columns, minusConstant)
  if (free.kind === 'inconsistent') return { kind: 'negative', direction: descending(free.certificate, constant) }
  if (rankOf(columns) === terms.length) {
    // Independent kinks: the tau_k are free, so every slope must lie between its one-sided slopes.
    for (const [k, t] of terms.entries()) {
      const slope = free.numerators[k]!
      const tooSmall = slope < t.left * free.denominator
      if (!tooSmall && slope <= t.right * free.denominator) continue
      const dual = solveLinear(
        integerMatrix(
          terms.length,
          constant.length,
          terms.flatMap((term) => term.vector)
        ),
        terms.map((_, l) => (l === k ? (tooSmall ? -1n : 1n) : 0n))
      )
      if (dual.kind === 'inconsistent') throw new Error('independent vectors admit every tau')
      return { kind: 'negative', direction: dual.numerators }
    }
    return { kind: 'non-negative', rows: [free] }
  }
  if (concave.length > 2) {
    // Each choice of end points costs a linear program: a direction that happens to descend settles the matter at once.
    const lucky = someDescent(form)
    if (lucky) return { kind: 'negative', direction: lucky }
  }
  if (concave.length > mostConcaveTerms) return { kind: 'undecided', concave: concave.length }
  const rows: RationalVector[] = []
  for (let choice = 0; choice < 2 ** concave.length; choice++) {
    const bounds = terms.map((t, k) => {
      const e = concave.indexOf(k)
      if (e < 0) return { lower: t.left, upper: t.right }
      const end = (choice >> e) & 1 ? t.right : t.left
      return { lower: end, upper: end }
    })
    const answer = feasibleInBox(
      columns,
      minusConstant,
      bounds.map((b) => b.lower),
      bounds.map((b) => b.upper)
    )
    if (answer.kind === 'infeasible') return { kind: 'negative', direction: answer.certificate }
    rows.push(answer)
  }
  return { kind: 'non-negative', rows }
}

/** A direction with q < 0 among the unit vectors, the terms' own vectors and some combinations, if there is one. Exact. */
function someDescent(form: HomogeneousForm): readonly bigint[] | undefined {
  const size = form.constant.length
  const candidates: bigint[][] = []
  for (let k = 0; k < size; k++) candidates.push(Array.from({ length: size }, (_, a) => (a === k ? 1n : 0n)))
  for (const t of form.terms) candidates.push([...t.vector])
  // A fixed congruential sequence: the same answer for the same question.
  let state = 12345
  const next = () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) / 0x7fffffff
  for (let trial = 0; trial < 300; trial++)
    candidates.push(Array.from({ length: size }, () => BigInt(Math.round(2000 * (next() - 0.5)))))
  for (const d of candidates)
    for (const direction of [d, d.map((a) => -a)]) if (valueOfForm(form, direction) < 0n) return direction
  return undefined
}

/** The vector or its negative, whichever makes a negative product with the constant. */
function descending(y: readonly bigint[], constant: readonly bigint[]): readonly bigint[] {
  let product = 0n
  for (const [k, c] of constant.entries()) product += c * y[k]!
  return product > 0n ? y.map((a) => -a) : y
}

/** q(d). Exact. */
export function valueOfForm(form: HomogeneousForm, direction: readonly bigint[]): bigint {
  const dot = (v: readonly bigint[]) => v.reduce((sum, x, k) => sum + x * direction[k]!, 0n)
  return form.terms.reduce((sum, t) => {
    const tau = dot(t.vector)
    return sum + (tau > 0n ? t.right : t.left) * tau
  }, dot(form.constant))
}
