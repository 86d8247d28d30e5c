/**
 * The convex program over chosen activation patterns,
 *
 *     min 1/2 |sum_k s_k D_k X v_k + c - y|^2 + penalty sum_k |v_k|_d + constantPenalty/2 c^2     over v_k with signs_k (X v_k) >= 0,
 *
 * where |.|_d is the norm of the first `measured` entries. X has one row for each sample.
 */
export interface PatternProgram {
  readonly samples: number
  readonly width: number
  readonly X: Float64Array
  readonly y: Float64Array
  readonly measured: number
  readonly penalty: number
  /** Undefined: there is no constant. */
  readonly constantPenalty: number | undefined
  readonly slopes: { readonly positive: number; readonly negative: number }
}

export interface Pattern {
  readonly sign: 1 | -1
  readonly pattern: Int8Array
  /** Strictly inside the cell. */
  readonly inside: Float64Array
}

export interface PatternSolution {
  readonly value: number
  readonly weights: readonly Float64Array[]
  readonly constant: number
  /** y minus the outputs. */
  readonly residuals: Float64Array
}

/**
 * The minimum of the program over these patterns, to a relative accuracy of about `accuracy`: Newton's method with a logarithmic barrier. Approximate.
 * Reference: Pilanci and Ergen (arXiv 2002.10553) for the program.
 */
export function solvePatternProgram(
  program: PatternProgram,
  patterns: readonly Pattern[],
  accuracy: number
): PatternSolution {
  const { samples: n, width: s, X, y, measured, penalty, constantPenalty } = program
  const K = patterns.length
  const block = s + 1
  const constants = constantPenalty === undefined ? 0 : 1
  const N = K * block + constants
  // Column of every unknown in the outputs.
  const columns = Array.from({ length: N }, () => new Float64Array(n))
  const rows: { readonly at: number; readonly normal: Float64Array }[] = []
  for (const [k, { sign, pattern }] of patterns.entries())
    for (let i = 0; i < n; i++) {
      const slope = pattern[i]! > 0 ? program.slopes.positive : program.slopes.negative
      let length = 0
      for (let e = 0; e < s; e++) {
        const x = X[i * s + e]!
        columns[k * block + e]![i] = sign * slope * x
        length += x * x
      }
      length = Math.sqrt(length)
      if (length === 0) continue
      rows.push({
        at: k * block,
        normal: Float64Array.from({ length: s }, (_, e) => (pattern[i]! * X[i * s + e]!) / length)
      })
    }
  if (constants) columns[N - 1]!.fill(1)
  const gram = new Float64Array(N * N)
  for (let a = 0; a < N; a++)
    for (let b = 0; b <= a; b++) {
      let sum = 0
      for (let i = 0; i < n; i++) sum += columns[a]![i]! * columns[b]![i]!
      gram[a * N + b] = sum
      gram[b * N + a] = sum
    }
  const target = Float64Array.from(columns, (column) => column.reduce((sum, value, i) => sum + value * y[i]!, 0))
  if (constants) gram[N * N - 1]! += constantPenalty!
  const scale = Math.sqrt(y.reduce((sum, value) => sum + value * value, 0) / n) || 1
  let x: Float64Array = new Float64Array(N)
  for (const [k, { inside }] of patterns.entries()) {
    const length = Math.hypot(...inside)
    for (let e = 0; e < s; e++) x[k * block + e] = (scale * inside[e]!) / (length * (K + 1))
    x[k * block + s] = (2 * scale) / (K + 1)
  }
  const squares = y.reduce((sum, value) => sum + value * value, 0)
  const smooth = (at: Float64Array): number => {
    let value = squares / 2
    for (let a = 0; a < N; a++) {
      let sum = 0
      for (let b = 0; b < N; b++) sum += gram[a * N + b]! * at[b]!
      value += at[a]! * (sum / 2 - target[a]!)
    }
    for (let k = 0; k < K; k++) value += penalty * at[k * block + s]!
    return value
  }
  // Hidden biases that do not decay may grow without end against the constant, and the logarithms would make them: what is free is held near where the last round ended.
  const free: number[] = []
  if (measured < s) {
    for (let k = 0; k < K; k++) for (let e = measured; e < s; e++) free.push(k * block + e)
    if (constantPenalty === 0) free.push(N - 1)
  }
  const hold = 1 / (scale * scale)
  let held = x
  /** Minus the logarithms, and what holds the free unknowns; infinite outside. */
  const barrier = (at: Float64Array): number => {
    let value = 0
    for (const { at: start, normal } of rows) {
      let slack = 0
      for (let e = 0; e < s; e++) slack += normal[e]! * at[start + e]!
      if (!(slack > 0)) return Number.POSITIVE_INFINITY
      value -= Math.log(slack)
    }
    for (let k = 0; k < K; k++) {
      const t = at[k * block + s]!
      let rest = t * t
      for (let e = 0; e < measured; e++) rest -= at[k * block + e]! ** 2
      if (!(rest > 0 && t > 0)) return Number.POSITIVE_INFINITY
      value -= Math.log(rest)
    }
    for (const a of free) value += (hold / 2) * (at[a]! - held[a]!) ** 2
    return value
  }
  const barriers = rows.length + 2 * K
  const gradient = new Float64Array(N)
  const hessian = new Float64Array(N * N)
  const first = smooth(x)
  const last = (accuracy * Math.max(first * 1e-3, 1e-300)) / Math.max(1, barriers)
  for (let mu = Math.max(first, 1e-300) / Math.max(1, barriers); ; mu = Math.max(last, mu / 8)) {
    held = x
    for (let step = 0; step < 40; step++) {
      for (let a = 0; a < N; a++) {
        let sum = 0
        for (let b = 0; b < N; b++) {
          const entry = gram[a * N + b]!
          sum += entry * x[b]!
          hessian[a * N + b] = entry / mu
        }
        gradient[a] = (sum - target[a]!) / mu
        hessian[a * N + a]! += 1e-13 * (gram[a * N + a]! / mu)
      }
      for (let k = 0; k < K; k++) gradient[k * block + s]! += penalty / mu
      for (const { at, normal } of rows) {
        let slack = 0
        for (let e = 0; e < s; e++) slack += normal[e]! * x[at + e]!
        for (let e = 0; e < s; e++) {
          gradient[at + e]! -= normal[e]! / slack
          for (let f = 0; f < s; f++) hessian[(at + e) * N + at + f]! += (normal[e]! * normal[f]!) / (slack * slack)
        }
      }
      for (let k = 0; k < K; k++) {
        const at = k * block
        const t = x[at + s]!
        let rest = t * t
        for (let e = 0; e < measured; e++) rest -= x[at + e]! ** 2
        // -log(t^2 - |v|^2): the derivative of the argument is 2 (t, -v).
        const slope = new Float64Array(block)
        for (let e = 0; e < measured; e++) slope[e] = -2 * x[at + e]!
        slope[s] = 2 * t
        for (let e = 0; e <= s; e++) {
          if (slope[e] === 0 && e !== s) continue
          gradient[at + e]! -= slope[e]! / rest
          for (let f = 0; f <= s; f++) hessian[(at + e) * N + at + f]! += (slope[e]! * slope[f]!) / (rest * rest)
        }
        for (let e = 0; e < measured; e++) hessian[(at + e) * N + at + e]! += 2 / rest
        hessian[(at + s) * N + at + s]! -= 2 / rest
      }
      for (const a of free) {
        gradient[a]! += hold * (x[a]! - held[a]!)
        hessian[a * N + a]! += hold
      }
      const direction = newtonDirection(hessian, gradient, N)
      if (!direction) break
      let decrement = 0
      for (let a = 0; a < N; a++) decrement -= direction[a]! * gradient[a]!
      if (!(decrement > 1e-8)) break
      const before = smooth(x) / mu + barrier(x)
      let length = 1
      let moved: Float64Array | undefined
      for (let trial = 0; trial < 60; trial++, length /= 2) {
        const next = x.map((value, a) => value + length * direction[a]!)
        const after = smooth(next) / mu + barrier(next)
        if (
          after <= before - 0.1 * length * decrement ||
          (decrement < 1e-3 && after <= before + 1e-9 * Math.abs(before))
        ) {
          moved = next
          break
        }
      }
      if (!moved) break
      x = moved
      if (decrement < 1e-4) break
    }
    if (mu <= last) break
  }
  const weights = patterns.map((_, k) => x.slice(k * block, k * block + s))
  const constant = constants ? x[N - 1]! : 0
  const residuals = y.slice()
  for (let a = 0; a < N; a++) if (x[a] !== 0) for (let i = 0; i < n; i++) residuals[i]! -= columns[a]![i]! * x[a]!
  let value = residuals.reduce((sum, r) => sum + r * r, 0) / 2
  for (const v of weights) value += penalty * Math.hypot(...v.subarray(0, measured))
  if (constants) value += (constantPenalty! / 2) * constant * constant
  return { value, weights, constant, residuals }
}

/** Minus the solution of the Newton equations, by Cholesky's decomposition with scaled rows; undefined when it breaks down. */
function newtonDirection(hessian: Float64Array, gradient: Float64Array, N: number): Float64Array | undefined {
  const scales = new Float64Array(N)
  for (let a = 0; a < N; a++) scales[a] = 1 / Math.sqrt(hessian[a * N + a]! || 1)
  const L = new Float64Array(N * N)
  for (let a = 0; a < N; a++)
    for (let b = 0; b <= a; b++) {
      let sum = hessian[a * N + b]! * scales[a]! * scales[b]!
      if (a === b) sum += 1e-15
      for (let e = 0; e < b; e++) sum -= L[a * N + e]! * L[b * N + e]!
      if (a === b) {
        if (!(sum > 0)) sum = 1e-15
        L[a * N + a] = Math.sqrt(sum)
      } else L[a * N + b] = sum / L[b * N + b]!
    }
  const x = new Float64Array(N)
  for (let a = 0; a < N; a++) {
    let sum = -gradient[a]! * scales[a]!
    for (let e = 0; e < a; e++) sum -= L[a * N + e]! * x[e]!
    x[a] = sum / L[a * N + a]!
  }
  for (let a = N - 1; a >= 0; a--) {
    let sum = x[a]!
    for (let e = a + 1; e < N; e++) sum -= L[e * N + a]! * x[e]!
    x[a] = sum / L[a * N + a]!
  }
  for (let a = 0; a < N; a++) x[a]! *= scales[a]!
  return x.every(Number.isFinite) ? x : undefined
}
