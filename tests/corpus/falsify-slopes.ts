import { decayedLoss } from './descend.ts'
import type { Value } from './digests.ts'
import { type Fraction, fraction } from './fraction.ts'
import { parametersOf } from './naive.ts'

/*
 * The claims `not-stationary` with bounds and `no-minimum`, tried in doubles.
 */

/** A claim with a loss between two numbers. */
export type BoundedJson = {
  readonly kind: string
  readonly point: Value
  readonly loss: string
  readonly lower: string
}

const number = ({ n, d }: Fraction): number => Number(n) / Number(d)
const tensorsOf = (at: Value): readonly (readonly number[])[] => parametersOf(at).map((tensor) => tensor.map(number))

/** Why the claim is false, or undefined when nothing was found. */
export const falsifyBounded = (problem: Value, claim: BoundedJson, witnesses: readonly Value[]): string | undefined => {
  const tensors = tensorsOf(claim.point)
  const loss = decayedLoss(problem, tensors)
  const slack = 1e-9 * (1 + loss)
  if (loss < number(fraction(claim.lower)) - slack || loss > number(fraction(claim.loss)) + slack)
    return `the loss is about ${loss}`
  if (claim.kind === 'no-minimum') {
    const { network } = problem as { readonly network: { readonly layers: readonly { readonly bias?: boolean }[] } }
    const last = network.layers[network.layers.length - 1].bias ? 2 : 1
    const scaled = (s: number): number =>
      decayedLoss(
        problem,
        tensors.map((tensor, k) => tensor.map((x) => (k >= tensors.length - last ? s * x : x)))
      )
    return scaled(2 ** 12) < 1e-9 ? undefined : `far out the loss is about ${scaled(2 ** 12)}`
  }
  const rises = witnesses.every((witness) => {
    const direction = tensorsOf(witness)
    const step = 2 ** -16 / Math.max(...direction.flat().map(Math.abs))
    const moved = tensors.map((tensor, k) => tensor.map((x, e) => x + step * direction[k][e]))
    return decayedLoss(problem, moved) >= loss
  })
  return rises ? 'the loss does not fall along the direction' : undefined
}
