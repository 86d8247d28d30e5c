import { element } from '../markup.ts'
import { fullWidth, line, type Place, paint, svgDocument, text } from './svg.ts'

export interface RegionMapParts {
  /** The corners of every region, in (s, t). */
  readonly regions: readonly (readonly Place[])[]
  /** [least s, greatest s, least t, greatest t] */
  readonly box: readonly [number, number, number, number]
  /** What the two axes are. */
  readonly labels: readonly [string, string]
  /** Samples that lie in the plane. */
  readonly samples: readonly Place[]
}

/** The polygons of a plane of inputs on which a network is affine, and the samples in it. */
export function regionMap({ regions, box, labels, samples }: RegionMapParts): string {
  const [s0, s1, t0, t1] = box
  const [left, top, size] = [60, 20, fullWidth - 120]
  const x = (s: number) => left + (size * (s - s0)) / (s1 - s0)
  const y = (t: number) => top + (size * (t1 - t)) / (t1 - t0)
  const outline = (corners: readonly Place[]) =>
    corners.map(([s, t]) => `${x(s).toFixed(2)},${y(t).toFixed(2)}`).join(' ')
  const inside = samples.filter(([s, t]) => s >= s0 && s <= s1 && t >= t0 && t <= t1)
  return svgDocument(
    `${regions.length} linear regions`,
    fullWidth,
    top + size + 50,
    regions.map((corners, k) =>
      element('polygon', {
        points: outline(corners),
        ...paint({ fill: (['settled', 'better', 'bound'] as const)[k % 3]!, stroke: 'surface' }),
        'fill-opacity': 0.15 + 0.06 * (k % 5),
        'stroke-width': 0.6
      })
    ),
    inside.map(([s, t]) => element('circle', { cx: x(s), cy: y(t), r: 2.5, ...paint({ fill: 'trained' }) })),
    line(left, top + size, left + size, top + size, 'muted'),
    line(left, top, left, top + size, 'muted'),
    text(left, top + size + 18, short(s0), 'muted'),
    text(left + size, top + size + 18, short(s1), 'muted', { 'text-anchor': 'end' }),
    text(left + size / 2, top + size + 34, labels[0], 'text', { 'text-anchor': 'middle' }),
    text(left - 8, top + size, short(t0), 'muted', { 'text-anchor': 'end' }),
    text(left - 8, top + 10, short(t1), 'muted', { 'text-anchor': 'end' }),
    text(left - 8, top + size / 2, labels[1], 'text', { 'text-anchor': 'end' })
  )
}

const short = (value: number): string => `${Number(value.toPrecision(4))}`
