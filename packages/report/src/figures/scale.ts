import { number, powerOfTen } from '../format.ts'

/** From data to pixels. `ticks` lie in the domain. */
export interface Scale {
  readonly kind: 'linear' | 'log' | 'symmetric-log'
  readonly at: (x: number) => number
  readonly domain: readonly [number, number]
  readonly range: readonly [number, number]
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

/** Whether a double can be placed in a figure; sums and differences of a few of these stay finite. */
export const drawable = (x: number): boolean => Math.abs(x) < 1e150

/** Least and largest of the drawable values, widened when they are (nearly) one; [0, 1] when there is none. */
export function extent(values: Iterable<number>): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const x of values)
    if (drawable(x)) {
      low = Math.min(low, x)
      high = Math.max(high, x)
    }
  if (low > high) return [0, 1]
  const size = Math.max(Math.abs(low), Math.abs(high))
  if (high - low > 1e-9 * size && size > 1e-150) return [low, high]
  const room = size > 1e-150 ? size / 10 : 1
  return [low - room, high + room]
}

/** The interval with a share of its length added at both ends. */
export const padded = ([low, high]: readonly [number, number], share = 0.04): readonly [number, number] => [
  low - share * (high - low),
  high + share * (high - low)
]

/** About `count` ticks at multiples of 1, 2 or 5 times a power of ten. */
export function linearScale(domain: readonly [number, number], range: readonly [number, number], count: number): Scale {
  const [low, high] = domain
  const rough = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((m) => m * power >= rough * 0.999) ?? 10)
  const ticks = []
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++)
    // As many digits as tell neighbours apart.
    ticks.push({ value: k * step, label: number(k * step, 2 + Math.floor(Math.log10(Math.max(1, Math.abs(k))))) })
  const factor = (range[1] - range[0]) / (high - low)
  return { kind: 'linear', at: (x) => range[0] + (x - low) * factor, domain, range, ticks }
}

/** One unit of length for each power of ten; the domain is positive and spans at least one. */
export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = [Math.log10(domain[0]), Math.log10(domain[1])]
  const factor = (range[1] - range[0]) / (high - low)
  const every = Math.max(1, Math.ceil((high - low) / 8))
  const ticks = []
  for (let k = Math.ceil(low - 1e-9); k <= high + 1e-9; k += every)
    ticks.push({ value: 10 ** k, label: k >= -2 && k <= 3 ? number(10 ** k) : powerOfTen(k) })
  return { kind: 'log', at: (x) => range[0] + (Math.log10(x) - low) * factor, domain, range, ticks }
}

/**
 * Linear on [-threshold, threshold], one unit of length for each power of ten beyond, up to `limit` on both sides: shows numbers of both
 * signs and of very different sizes, and 0 itself.
 */
export function symmetricLogScale(threshold: number, limit: number, range: readonly [number, number]): Scale {
  const compressed = (x: number) => {
    const a = Math.abs(x) / threshold
    return Math.sign(x) * (a <= 1 ? a : 1 + Math.log10(a))
  }
  const first = Math.round(Math.log10(threshold))
  const last = Math.floor(Math.log10(limit) + 1e-9)
  const every = Math.max(1, Math.ceil((last - first) / 4))
  const powers: number[] = []
  for (let k = last; k >= first; k -= every) powers.push(k)
  const ticks = [
    ...powers.map((k) => ({ value: -(10 ** k), label: `-${powerOfTen(k)}` })),
    { value: 0, label: '0' },
    ...powers.map((k) => ({ value: 10 ** k, label: powerOfTen(k) })).reverse()
  ]
  const middle = (range[0] + range[1]) / 2
  const factor = (range[1] - range[0]) / 2 / compressed(limit)
  return {
    kind: 'symmetric-log',
    at: (x) => middle + factor * compressed(Math.max(-limit, Math.min(limit, x))),
    domain: [-limit, limit],
    range,
    ticks
  }
}
