/** How the learning rate a_k falls with the step number k = 0, 1, ...; `exact` takes the minimiser along the ray instead. */
export const stepSizes = ['fixed', 'inverse', 'square-root', 'cosine', 'exponential', 'exact'] as const
export type StepSizes = (typeof stepSizes)[number]

/** a_k for a first rate a. Inverse: a / (1 + k/100); square-root: a / sqrt(1 + k/100); cosine: from a to a/10^4 over all steps; exponential: by 1/1000 over all steps. */
export function stepSize(sizes: StepSizes, first: number, k: number, steps: number): number {
  if (sizes === 'inverse') return first / (1 + k / 100)
  if (sizes === 'square-root') return first / Math.sqrt(1 + k / 100)
  if (sizes === 'cosine') return first * (1e-4 + (1 - 1e-4) * 0.5 * (1 + Math.cos((Math.PI * k) / steps)))
  if (sizes === 'exponential') return first * 1000 ** (-k / steps)
  return first
}

/** Whether the a_k, continued for ever, add up to infinity; and whether their squares do not. Undefined where the rule ends with the run or follows the loss. */
export function sumsOf(sizes: StepSizes): { readonly infinite: boolean; readonly squaresFinite: boolean } | undefined {
  if (sizes === 'cosine' || sizes === 'exact') return undefined
  return { infinite: sizes !== 'exponential', squaresFinite: sizes === 'inverse' || sizes === 'exponential' }
}
