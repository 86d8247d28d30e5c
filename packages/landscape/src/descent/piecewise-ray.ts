import { preActivations } from './cell-state.ts'
import { flipClass, type LinearPiece, sampleSlope, slopeJump } from './linear-piece.ts'
import { norm } from './vertex-basis.ts'
import type { VertexItem } from './vertex-items.ts'

/** Where a ray ends: the kink or tie at which the loss stops falling, and how far it is. */
export interface RayEnd {
  readonly length: number
  readonly item: VertexItem
  /** How many kinks were crossed. */
  readonly hops: number
}

/** Rates below this share of the lengths of the vectors they are products of are taken for 0. */
const noRate = 1e-10

/**
 * Follows a ray from z, f (pre-activations and outputs) over breaks until the loss stops falling; sides that are crossed are changed in the piece. A kink whose sample has a held tie ends the ray
 * too: behind it the tie would be lost. Undefined when the loss does not fall at the start, or never stops falling for all one can tell.
 */
export function followRay(
  piece: LinearPiece,
  z: Float64Array,
  f: Float64Array,
  direction: Float64Array
): RayEnd | undefined {
  const { data, loss } = piece
  const { mergedOf, samples: n, classes } = data
  const { dz, df, scale } = ratesAlong(piece, direction)
  let slope = 0
  let size = 0
  for (let i = 0; i < mergedOf.length; i++) {
    slope += sampleSlope(piece, i) * df[mergedOf[i]!]!
    size += Math.abs(sampleSlope(piece, i)) * scale[mergedOf[i]!]!
  }
  const flat = noRate * size
  if (slope >= -flat) return undefined
  const crossings = crossingTimes(piece, z, dz)
  const output = f.slice()
  let t = 0
  for (let hops = 0; ; hops++) {
    const next = indexOfLeast(crossings)
    const kinkAt = crossings[next]!
    for (;;) {
      const { tie, wait } = nextTie(piece, output, df)
      if (tie < 0 && kinkAt === Number.POSITIVE_INFINITY) return undefined
      const step = Math.max(0, Math.min(wait, kinkAt - t))
      for (let g = 0; g < n; g++) output[g] = output[g]! + step * df[g]!
      t += step
      if (wait > step) break
      slope += (loss.above[tie]! - loss.below[tie]!) * Math.abs(df[mergedOf[tie]!]!)
      if (slope >= -flat) return { length: t, item: { kind: 'tie', at: tie }, hops }
      piece.above[tie] = 1 - piece.above[tie]!
    }
    const j = Math.floor(next / classes.length)
    const k = next % classes.length
    const bend = (g: number) => slopeJump(piece, j) * Math.abs(dz[j * n + g]!)
    let held = false
    for (let i = 0; i < mergedOf.length; i++) {
      if (data.classOf[mergedOf[i]!] !== k) continue
      slope += sampleSlope(piece, i) * bend(mergedOf[i]!)
      if (piece.heldTie[i]) held = true
    }
    if (slope >= -flat || held) return { length: t, item: { kind: 'kink', unit: j, at: k }, hops }
    for (const g of classes[k]!) {
      df[g] = df[g]! + bend(g)
      if (Math.abs(df[g]!) <= noRate * scale[g]!) df[g] = 0
    }
    flipClass(piece, j, k)
    crossings[next] = Number.POSITIVE_INFINITY
  }
}

/** Rates of pre-activations and outputs along a direction; `scale` bounds the terms of df. */
function ratesAlong(piece: LinearPiece, direction: Float64Array) {
  const { data, kappa, slopes, side } = piece
  const { samples: n, width, x } = data
  const units = kappa.length
  const lengths = Float64Array.from({ length: n }, (_, g) => norm(x.subarray(g * width, (g + 1) * width)))
  const dz = new Float64Array(units * n)
  preActivations(data, direction, units, dz)
  const dc = piece.outputBias ? direction[units * width]! : 0
  const df = new Float64Array(n).fill(dc)
  const scale = new Float64Array(n).fill(Math.abs(dc))
  for (let j = 0; j < units; j++) {
    const own = norm(direction.subarray(j * width, (j + 1) * width))
    const positive = kappa[j]! * slopes.positive
    const negative = kappa[j]! * slopes.negative
    for (let g = 0, at = j * n; g < n; g++, at++) {
      const length = own * lengths[g]!
      if (Math.abs(dz[at]!) <= noRate * length) dz[at] = 0
      const s = side[at] ? positive : negative
      df[g] = df[g]! + s * dz[at]!
      scale[g] = scale[g]! + Math.abs(s) * length
    }
  }
  for (let g = 0; g < n; g++) if (Math.abs(df[g]!) <= noRate * scale[g]!) df[g] = 0
  return { dz, df, scale }
}

/** For each unit and class the time at which the class changes side, infinite when it never does or is held. */
function crossingTimes(piece: LinearPiece, z: Float64Array, dz: Float64Array): Float64Array {
  const { data, kappa, side, heldKink } = piece
  const { samples: n, classes } = data
  const times = new Float64Array(kappa.length * classes.length).fill(Number.POSITIVE_INFINITY)
  for (let j = 0; j < kappa.length; j++) {
    if (kappa[j] === 0) continue
    for (let k = 0; k < classes.length; k++) {
      const at = j * n + classes[k]![0]!
      const outward = side[at] ? 1 : -1
      if (heldKink[j * classes.length + k] || outward * dz[at]! >= 0) continue
      times[j * classes.length + k] = Math.max(0, outward * z[at]!) / Math.abs(dz[at]!)
    }
  }
  return times
}

/** The tie that is met first and how long it takes; -1 when there is none. */
function nextTie({ data, loss, above, heldTie }: LinearPiece, output: Float64Array, df: Float64Array) {
  let tie = -1
  let wait = Number.POSITIVE_INFINITY
  for (let i = 0; i < above.length; i++) {
    const g = data.mergedOf[i]!
    const outward = above[i] ? 1 : -1
    if (heldTie[i] || outward * df[g]! >= 0 || loss.above[i] === loss.below[i]) continue
    const needed = Math.max(0, outward * (output[g]! - loss.at[i]!)) / Math.abs(df[g]!)
    if (needed >= wait) continue
    wait = needed
    tie = i
  }
  return { tie, wait }
}

function indexOfLeast(values: Float64Array): number {
  let least = 0
  for (let a = 1; a < values.length; a++) if (values[a]! < values[least]!) least = a
  return least
}
