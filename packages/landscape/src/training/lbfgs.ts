import type { Objective } from './objective.ts'

export interface LbfgsOptions {
  readonly iterations: number
  /** Number of remembered steps. */
  readonly memory?: number
  /** Stop when the largest gradient entry is below this. */
  readonly tolerance?: number
  readonly onStep?: (step: number, loss: number) => boolean | undefined
}

/** Limited-memory BFGS with a weak-Wolfe bisection line search, in place; returns the last loss. Approximate. Reference: Liu and Nocedal 1989; Lewis and Overton 2013 for the search. */
export function lbfgs(objective: Objective, theta: Float64Array, options: LbfgsOptions): number {
  const P = theta.length
  const memory = options.memory ?? 20
  const tolerance = options.tolerance ?? 1e-13
  let gradient = new Float64Array(P)
  let nextGradient = new Float64Array(P)
  const next = new Float64Array(P)
  const direction = new Float64Array(P)
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = []
  let loss = objective.evaluate(theta, gradient)
  for (let iteration = 1; iteration <= options.iterations; iteration++) {
    let largest = 0
    for (const g of gradient) largest = Math.max(largest, Math.abs(g))
    if (largest <= tolerance) break
    for (let k = 0; k < P; k++) direction[k] = -gradient[k]!
    const alphas: number[] = []
    for (let a = pairs.length - 1; a >= 0; a--) {
      const { s, y, rho } = pairs[a]!
      const alpha = rho * dot(s, direction)
      alphas[a] = alpha
      for (let k = 0; k < P; k++) direction[k] = direction[k]! - alpha * y[k]!
    }
    const newest = pairs.at(-1)
    if (newest) {
      const gamma = 1 / (newest.rho * dot(newest.y, newest.y))
      for (let k = 0; k < P; k++) direction[k] = direction[k]! * gamma
    } else {
      const size = Math.min(1, 1 / Math.sqrt(dot(gradient, gradient)))
      for (let k = 0; k < P; k++) direction[k] = direction[k]! * size
    }
    for (let a = 0; a < pairs.length; a++) {
      const { s, y, rho } = pairs[a]!
      const beta = rho * dot(y, direction)
      for (let k = 0; k < P; k++) direction[k] = direction[k]! + (alphas[a]! - beta) * s[k]!
    }
    const slope = dot(gradient, direction)
    if (!(slope < 0)) {
      if (pairs.length === 0) break
      pairs.length = 0
      continue
    }
    let low = 0
    let high = Number.POSITIVE_INFINITY
    let t = 1
    let nextLoss = loss
    let accepted = false
    for (let trial = 0; trial < 40; trial++) {
      for (let k = 0; k < P; k++) next[k] = theta[k]! + t * direction[k]!
      nextLoss = objective.evaluate(next, nextGradient)
      if (!(nextLoss <= loss + 1e-4 * t * slope)) high = t
      else {
        accepted = true
        if (dot(nextGradient, direction) >= 0.9 * slope) break
        low = t
      }
      t = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * t
    }
    if (!accepted || !(nextLoss < loss)) {
      if (pairs.length === 0) break
      pairs.length = 0
      continue
    }
    const s = new Float64Array(P)
    const y = new Float64Array(P)
    for (let k = 0; k < P; k++) {
      s[k] = next[k]! - theta[k]!
      y[k] = nextGradient[k]! - gradient[k]!
    }
    const sy = dot(s, y)
    if (sy > 1e-300) {
      pairs.push({ s, y, rho: 1 / sy })
      if (pairs.length > memory) pairs.shift()
    }
    theta.set(next)
    loss = nextLoss
    ;[gradient, nextGradient] = [nextGradient, gradient]
    if (options.onStep?.(iteration, loss)) break
  }
  return loss
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
  return sum
}
