import { gaussian } from '../descent/best-direction.ts'
import { randomStream } from '../random.ts'
import type { Pattern, PatternProgram } from './barrier-program.ts'
import type { BalancedUnit } from './decayed-program.ts'

/** The minimum of the gated relaxation: for each pattern the vector v that it gates, and the output constant. Approximate. */
export interface GatedSolution {
  readonly weights: readonly Float64Array[]
  readonly constant: number
  readonly value: number
}

/**
 * The convex program without its cones: min |sum over patterns D of D X v_D + c - y|^2 / 2 + penalty sum |v_D|, the norm over the part of v_D that decays. With all patterns its value is at most that
 * of the convex program, so it is a place to begin from, found by accelerated proximal gradient steps. Approximate, and no bound: it ends after a number of steps. Reference: gated ReLU networks, Mishkin,
 * Sahiner, Pilanci (arXiv 2202.01331).
 */
export function solveGated(program: PatternProgram, patterns: readonly Pattern[], steps = 400): GatedSolution {
  const { samples: n, width, X, y, measured, penalty, constantPenalty, slopes } = program
  const gates = patterns.map(({ pattern }) =>
    Float64Array.from(pattern, (side) => (side > 0 ? slopes.positive : slopes.negative))
  )
  const size = patterns.length * width + 1
  const outputsOf = (v: Float64Array): Float64Array => {
    const f = new Float64Array(n).fill(constantPenalty === undefined ? 0 : v[size - 1]!)
    for (const [p, gate] of gates.entries())
      for (let i = 0; i < n; i++) {
        let z = 0
        for (let e = 0; e < width; e++) z += X[i * width + e]! * v[p * width + e]!
        f[i] = f[i]! + gate[i]! * z
      }
    return f
  }
  const slopesAt = (v: Float64Array, residuals: Float64Array): Float64Array => {
    const g = new Float64Array(size)
    for (const [p, gate] of gates.entries())
      for (let i = 0; i < n; i++) {
        const factor = gate[i]! * residuals[i]!
        for (let e = 0; e < width; e++) g[p * width + e] = g[p * width + e]! + factor * X[i * width + e]!
      }
    if (constantPenalty !== undefined)
      g[size - 1] = residuals.reduce((sum, r) => sum + r, 0) + constantPenalty * v[size - 1]!
    return g
  }
  // The greatest curvature, from above: the trace is enough.
  let curvature = constantPenalty === undefined ? 0 : n + constantPenalty
  for (const gate of gates)
    for (let i = 0; i < n; i++) for (let e = 0; e < width; e++) curvature += (gate[i]! * X[i * width + e]!) ** 2
  for (let round = 0, u = slopesAt(new Float64Array(size), y); round < 30; round++) {
    const length = Math.hypot(...u)
    if (!(length > 0)) break
    u = u.map((x) => x / length)
    const next = slopesAt(u, outputsOf(u))
    if (round === 29) curvature = Math.min(curvature, 1.1 * Math.hypot(...next))
    u = next
  }
  const step = 1 / (curvature || 1)
  const errorsAt = (v: Float64Array) => outputsOf(v).map((f, i) => f - y[i]!)
  let v = new Float64Array(size)
  let ahead = v
  let momentum = 1
  for (let k = 0; k < steps; k++) {
    const g = slopesAt(ahead, errorsAt(ahead))
    const next = ahead.map((x, at) => x - step * g[at]!)
    for (let p = 0; p < patterns.length; p++) {
      const part = next.subarray(p * width, p * width + measured)
      const length = Math.hypot(...part)
      const kept = length > 0 ? Math.max(0, 1 - (step * penalty) / length) : 0
      for (let e = 0; e < measured; e++) part[e] = part[e]! * kept
    }
    const following = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2
    ahead = next.map((x, at) => x + ((momentum - 1) / following) * (x - v[at]!))
    v = next
    momentum = following
  }
  const constant = constantPenalty === undefined ? 0 : v[size - 1]!
  const weights = patterns.map((_, p) => v.slice(p * width, (p + 1) * width))
  const squares = errorsAt(v).reduce((sum, r) => sum + r * r, 0)
  const norms = weights.reduce((sum, w) => sum + Math.hypot(...w.subarray(0, measured)), 0)
  return {
    weights,
    constant,
    value: (squares + (constantPenalty ?? 0) * constant * constant) / 2 + penalty * norms
  }
}

/** Patterns of random directions, each once. */
export function sampledPatterns({ samples, width, X }: PatternProgram, count: number, seed = 1): readonly Pattern[] {
  const random = randomStream(seed)
  const seen = new Map<string, Pattern>()
  for (let k = 0; k < count; k++) {
    const inside = Float64Array.from({ length: width }, () => gaussian(random))
    const pattern = Int8Array.from({ length: samples }, (_, i) => {
      let side = 0
      for (let e = 0; e < width; e++) side += X[i * width + e]! * inside[e]!
      return side >= 0 ? 1 : -1
    })
    if (!seen.has(pattern.join())) seen.set(pattern.join(), { sign: 1, pattern, inside })
  }
  return [...seen.values()]
}

/** Hidden units that do together what the gated relaxation over sampled patterns does: each gated vector is the difference of two vectors of its cone. Balanced. Approximate. */
export function gatedUnits(program: PatternProgram, count = 40): { units: readonly BalancedUnit[]; constant: number } {
  const { samples: n, width, X, measured } = program
  const patterns = sampledPatterns(program, count)
  const { weights, constant } = solveGated(program, patterns)
  const lengths = weights.map((v) => Math.hypot(...v.subarray(0, measured)))
  const largest = Math.max(...lengths)
  const units: BalancedUnit[] = []
  for (const [p, v] of weights.entries()) {
    if (!(lengths[p]! > 1e-3 * largest)) continue
    const { pattern, inside } = patterns[p]!
    let reach = 0
    for (let i = 0; i < n; i++) {
      let along = 0
      let into = 0
      for (let e = 0; e < width; e++) {
        along += pattern[i]! * X[i * width + e]! * v[e]!
        into += pattern[i]! * X[i * width + e]! * inside[e]!
      }
      if (along < 0 && into > 0) reach = Math.max(reach, -along / into)
    }
    for (const [part, sign] of [
      [v.map((x, e) => x + reach * inside[e]!), 1],
      [inside.map((x) => reach * x), -1]
    ] as const) {
      const length = Math.sqrt(Math.hypot(...part.subarray(0, measured)))
      if (length > 0) units.push({ weights: part.map((x) => x / length), outer: sign * length })
    }
  }
  return { units, constant }
}
