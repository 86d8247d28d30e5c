import type { Objective } from './objective.ts'

export interface AdamOptions {
  readonly steps: number
  /** First learning rate; it falls to `lastRate` along a cosine. */
  readonly rate: number
  readonly lastRate?: number
  /** Called after each step with the loss before it; true ends the run. */
  readonly onStep?: (step: number, loss: number) => boolean | undefined
}

/** Adam with full batches (beta 0.9, 0.999, epsilon 1e-8), in place; returns the last loss seen. Approximate. Reference: Kingma and Ba 2015. */
export function adam(objective: Objective, theta: Float64Array, options: AdamOptions): number {
  const gradient = new Float64Array(theta.length)
  const first = new Float64Array(theta.length)
  const second = new Float64Array(theta.length)
  const last = options.lastRate ?? options.rate * 1e-4
  let loss = Number.POSITIVE_INFINITY
  for (let t = 1; t <= options.steps; t++) {
    loss = objective.evaluate(theta, gradient)
    const rate = last + ((options.rate - last) * (1 + Math.cos((Math.PI * (t - 1)) / options.steps))) / 2
    const c1 = 1 - 0.9 ** t
    const c2 = 1 - 0.999 ** t
    for (let k = 0; k < theta.length; k++) {
      const g = gradient[k]!
      first[k] = 0.9 * first[k]! + 0.1 * g
      second[k] = 0.999 * second[k]! + 0.001 * g * g
      theta[k] = theta[k]! - (rate * first[k]!) / c1 / (Math.sqrt(second[k]! / c2) + 1e-8)
    }
    if (options.onStep?.(t, loss)) break
  }
  return loss
}
