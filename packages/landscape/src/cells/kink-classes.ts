import { type Configuration, primitive } from './configuration.ts'

/**
 * Samples on the kink of one unit with parallel x~: x~_i = factor_i * vector. Along d with tau = vector . d the class contributes
 * (right if tau > 0 else left) * tau to Phi_j'(d), for each output.
 */
export interface KinkClass {
  /** The member of smallest index. */
  readonly representative: number
  /** x~ of the representative is representativeFactor * vector (both over the scale of the view), representativeFactor > 0. */
  readonly representativeFactor: bigint
  readonly members: readonly number[]
  readonly vector: readonly bigint[]
  readonly left: readonly bigint[]
  readonly right: readonly bigint[]
}

/**
 * The first-order form of one unit: Phi_j'^o(d) = constant^o . d + sum over the kink classes. Slopes are over
 * residuals.denominator * slopes.denominator, the constant additionally over the scale. Exact.
 */
export interface UnitForm {
  readonly constant: readonly (readonly bigint[])[]
  readonly classes: readonly KinkClass[]
}

/** The first-order form of unit j (theory: the residual function near w_j, exact up to the next sign change). */
export function unitForm(configuration: Configuration, j: number): UnitForm {
  const { view, signs, residuals } = configuration
  const { samples: n, outputs: m, width, extended, slopes } = view
  const constant = Array.from({ length: m }, () => new Array<bigint>(width).fill(0n))
  const classes = new Map<string, { members: number[]; factors: bigint[]; vector: bigint[]; orientation: bigint }>()
  for (let i = 0; i < n; i++) {
    const s = signs[j * n + i]!
    if (s === 0) {
      const line = primitive(extended.slice(i * width, (i + 1) * width))
      if (line === undefined) continue
      const key = line.vector.join(' ')
      const known = classes.get(key)
      if (known) {
        known.members.push(i)
        known.factors.push(line.factor * known.orientation)
      } else {
        // Oriented so that the representative's factor is positive: right and left then mean the same for both.
        const orientation = line.factor < 0n ? -1n : 1n
        const vector = orientation < 0n ? line.vector.map((x) => -x) : line.vector
        classes.set(key, { members: [i], factors: [line.factor * orientation], vector, orientation })
      }
      continue
    }
    const slope = s > 0 ? slopes.positive : slopes.negative
    if (slope === 0n) continue
    for (let o = 0; o < m; o++) {
      const r = residuals.numerators[o * n + i]! * slope
      if (r === 0n) continue
      const sum = constant[o]!
      for (let k = 0; k < width; k++) {
        const x = extended[i * width + k]!
        if (x !== 0n) sum[k]! += r * x
      }
    }
  }
  return {
    constant,
    classes: [...classes.values()].map(({ members, factors, vector }) => {
      const left: bigint[] = []
      const right: bigint[] = []
      for (let o = 0; o < m; o++) {
        let l = 0n
        let r = 0n
        for (const [a, i] of members.entries()) {
          const weighted = residuals.numerators[o * n + i]! * factors[a]!
          l += weighted * (factors[a]! > 0n ? slopes.negative : slopes.positive)
          r += weighted * (factors[a]! > 0n ? slopes.positive : slopes.negative)
        }
        left.push(l)
        right.push(r)
      }
      return { representative: members[0]!, representativeFactor: factors[0]!, members, vector, left, right }
    })
  }
}
