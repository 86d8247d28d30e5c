import { lcm, type Rational, rational, ratioToNumber } from '@nadir/arithmetic'
import { asLayered } from '../curvature/layered.ts'
import { integerSlopes } from '../network/evaluate-exact.ts'
import type { Network } from '../network/network.ts'
import type { ExactPoint } from '../point.ts'
import type { Obstacle } from '../traits.ts'

/** Points x = origin + s first + t second of the inputs with s, t in a box. Exact. */
export interface InputPlane {
  readonly origin: readonly Rational[]
  readonly first: readonly Rational[]
  readonly second: readonly Rational[]
  /** [least s, greatest s, least t, greatest t] */
  readonly box: readonly [Rational, Rational, Rational, Rational]
}

/** a s + b t + c. */
type Line = readonly [bigint, bigint, bigint]

/** A corner (x/w, y/w), w > 0, with its nearest doubles. */
interface Corner {
  readonly x: bigint
  readonly y: bigint
  readonly w: bigint
  readonly s: number
  readonly t: number
}

/** A convex polygon of the plane on which no unit changes its side, and the affine function that the network is there. */
export interface LinearRegion {
  /** The corners, in order, in (s, t). Exact. */
  readonly corners: readonly { readonly s: Rational; readonly t: Rational }[]
  /** The same, rounded. */
  readonly outline: readonly (readonly [number, number])[]
  /** One character for each hidden unit, layer by layer: + or - . A unit that is 0 on the whole region counts as -. */
  readonly pattern: string
  /** Output o is (outputs[o][0] s + outputs[o][1] t + outputs[o][2]) / denominator. */
  readonly outputs: readonly Line[]
  readonly denominator: bigint
}

interface Part {
  readonly corners: readonly Corner[]
  /** edges[k] joins corners k and k + 1. */
  readonly edges: readonly Line[]
  readonly pattern: string
  readonly active: readonly Line[]
}

/**
 * All regions of a plane of inputs on which the network is affine: the polygons of equal activation pattern with non-empty interior. They are disjoint, have different patterns, and cover the box. Exact; signs at corners
 * are taken from doubles only where a bound of the rounding decides them. Dense layers with two-slope activations, any depth.
 */
export function linearRegions(
  network: Network,
  point: ExactPoint,
  plane: InputPlane
): { readonly kind: 'regions'; readonly regions: readonly LinearRegion[] } | Obstacle {
  const layered = asLayered(network)
  if (layered.kind === 'obstacle') return layered
  let tensor = 0
  const layers: {
    weight: ExactPoint['tensors'][number]
    bias: ExactPoint['tensors'][number] | undefined
    inputs: number
    outputs: number
    slopes: ReturnType<typeof integerSlopes>
  }[] = []
  for (const { inputs, outputs, biasAt, activation } of layered.layers) {
    if (activation?.kind === 'smooth')
      return {
        kind: 'obstacle',
        reason: `${activation.name} is smooth: there are no linear regions`,
        tryNext: 'use a network with two-slope activations'
      }
    const weight = point.tensors[tensor++]!
    const bias = biasAt === undefined ? undefined : point.tensors[tensor++]!
    layers.push({ weight, bias, inputs, outputs, slopes: activation && integerSlopes(activation) })
  }
  const start = inputLines(plane)
  let denominator = start.denominator
  let parts: Part[] = [{ ...boxOf(plane.box), pattern: '', active: start.lines }]
  for (const layer of layers) {
    const { weight, bias, slopes } = layer
    const common = bias ? lcm(weight.denominator, bias.denominator) : weight.denominator
    const scale = common / weight.denominator
    const shift = bias ? bias.numerators.map((b) => b * (common / bias.denominator) * denominator) : undefined
    const next: Part[] = []
    for (const part of parts) {
      const lines = Array.from({ length: layer.outputs }, (_, u): Line => {
        let [a, b, c] = [0n, 0n, shift ? shift[u]! : 0n]
        for (let k = 0; k < layer.inputs; k++) {
          const w = weight.numerators[u * layer.inputs + k]! * scale
          const line = part.active[k]!
          if (w === 0n) continue
          a += w * line[0]
          b += w * line[1]
          c += w * line[2]
        }
        return [a, b, c]
      })
      if (!slopes) {
        next.push({ ...part, active: lines })
        continue
      }
      let pieces: Part[] = [{ ...part, active: [] }]
      for (const line of lines) pieces = pieces.flatMap((p) => cut(p, line, slopes))
      next.push(...pieces)
    }
    parts = next
    denominator = denominator * common * (slopes?.denominator ?? 1n)
  }
  const regions = parts.map(
    ({ corners, pattern, active }): LinearRegion => ({
      corners: corners.map(({ x, y, w }) => ({ s: rational(x, w), t: rational(y, w) })),
      outline: corners.map(({ s, t }) => [s, t] as const),
      pattern,
      outputs: active,
      denominator
    })
  )
  return { kind: 'regions', regions }
}

/** The inputs as functions of s and t over one denominator. */
function inputLines({ origin, first, second }: InputPlane): { lines: Line[]; denominator: bigint } {
  let denominator = 1n
  for (const r of [...origin, ...first, ...second]) denominator = lcm(denominator, r.denominator)
  const whole = (r: Rational) => r.numerator * (denominator / r.denominator)
  return { lines: origin.map((o, k): Line => [whole(first[k]!), whole(second[k]!), whole(o)]), denominator }
}

function boxOf([s0, s1, t0, t1]: InputPlane['box']): { corners: Corner[]; edges: Line[] } {
  const left: Line = [s0.denominator, 0n, -s0.numerator]
  const right: Line = [s1.denominator, 0n, -s1.numerator]
  const low: Line = [0n, t0.denominator, -t0.numerator]
  const high: Line = [0n, t1.denominator, -t1.numerator]
  const edges = [low, right, high, left]
  return { edges, corners: [meet(left, low), meet(low, right), meet(right, high), meet(high, left)] }
}

/** Where two lines meet. */
function meet(p: Line, q: Line): Corner {
  let x = p[1] * q[2] - p[2] * q[1]
  let y = p[2] * q[0] - p[0] * q[2]
  let w = p[0] * q[1] - p[1] * q[0]
  if (w < 0n) [x, y, w] = [-x, -y, -w]
  return { x, y, w, s: ratioToNumber(x, w), t: ratioToNumber(y, w) }
}

/** A line in doubles, its largest coefficient between 2^59 and 2^60. */
function rounded(line: Line): readonly [number, number, number] {
  const bits = Math.max(...line.map((c) => (c < 0n ? -c : c).toString(16).length * 4))
  const by = BigInt(Math.max(0, bits - 60))
  return [Number(line[0] >> by), Number(line[1] >> by), Number(line[2] >> by)]
}

/** A part on both sides of a line, or on its one side; the activation of the unit is appended. */
function cut(part: Part, line: Line, slopes: { readonly positive: bigint; readonly negative: bigint }): Part[] {
  const { corners, edges } = part
  const side = (on: 1 | -1): Line => {
    const slope = on > 0 ? slopes.positive : slopes.negative
    return [slope * line[0], slope * line[1], slope * line[2]]
  }
  const signs = signsAt(corners, line)
  const up = signs.includes(1)
  const down = signs.includes(-1)
  if (!(up && down)) {
    const on = up ? 1 : -1
    return [{ ...part, pattern: part.pattern + (up ? '+' : '-'), active: [...part.active, side(on)] }]
  }
  const half = (on: 1 | -1): Part => {
    const kept: Corner[] = []
    const bounds: Line[] = []
    for (const [k, corner] of corners.entries()) {
      const here = signs[k]!
      const there = signs[(k + 1) % corners.length]!
      if (here !== -on) {
        kept.push(corner)
        // Leaving along the line itself: the edge after a corner on it whose next corner is outside.
        bounds.push(here === 0 && there === -on ? line : edges[k]!)
      }
      if (here * there < 0) {
        kept.push(meet(edges[k]!, line))
        bounds.push(here === on ? line : edges[k]!)
      }
    }
    return {
      corners: kept,
      edges: bounds,
      pattern: part.pattern + (on > 0 ? '+' : '-'),
      active: [...part.active, side(on)]
    }
  }
  return [half(1), half(-1)]
}

/** The signs of a line at corners: by doubles where a bound of all rounding (far below 1e-12 of the largest term) decides, else exactly. */
function signsAt(corners: readonly Corner[], line: Line): (-1 | 0 | 1)[] {
  const [a, b, c] = rounded(line)
  const top = Math.max(Math.abs(a), Math.abs(b), Math.abs(c))
  return corners.map(({ x, y, w, s, t }) => {
    const value = a * s + b * t + c
    if (Math.abs(value) > 1e-12 * top * (Math.abs(s) + Math.abs(t) + 1)) return value > 0 ? 1 : -1
    const exact = line[0] * x + line[1] * y + line[2] * w
    return exact > 0n ? 1 : exact < 0n ? -1 : 0
  })
}
